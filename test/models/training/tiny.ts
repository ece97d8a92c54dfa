/** A run that takes a second. */
import { type Config, decodeConfig, type Setting } from "../../../src/models/config/index.js"
import type { ProgressStream } from "../../../src/models/progress/index.js"
import { progressWriter } from "../../../src/models/progress/index.js"
import type { RunRequest } from "../../../src/models/runs/index.js"
import { right } from "../../support/either.js"

export const tinySettings: readonly Setting[] = Object.entries({
  steps: 5,
  "data.blockSize": 1,
  "model.width": 4,
  "model.hidden": 4,
  "model.iterations": 2,
  "encoder.channels": 4,
  "encoder.kernels": [3],
  "encoder.hidden": 4,
  "decoder.hidden": 4,
  "decoder.layers": 1,
  "decoder.frequencies": 0,
  "encoder.frequencies": 0,
  "training.batch": 2,
  "training.checkpointEvery": 2,
  "training.evaluateEvery": 3,
  "evaluation.scenes": 3,
  "evaluation.finalScenes": 5,
  "evaluation.iterations": 3,
  "evaluation.powers": 4,
}).map(([name, value]) => ({ name, value }))

export const tiny = (...more: readonly Setting[]): Config => right(decodeConfig({}, [...tinySettings, ...more]))

const quiet: ProgressStream = { write: () => true }

/** A request for the tiny run; `stopAfter` interrupts it after so many steps of this process. */
export const request = (
  root: string,
  name: string,
  {
    resume = false,
    stopAfter = Number.POSITIVE_INFINITY,
    settings = [],
  }: { resume?: boolean; stopAfter?: number; settings?: readonly Setting[] } = {},
): RunRequest => {
  let steps = 0
  return {
    name,
    root,
    resume,
    configure: (stored) => decodeConfig(stored ?? {}, stored === null ? [...tinySettings, ...settings] : settings),
    progress: progressWriter({ stream: quiet }),
    interrupted: () => ++steps >= stopAfter,
  }
}

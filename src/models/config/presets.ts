/** Settings that go together by a name. */
import * as E from "fp-ts/lib/Either.js"
import { shown } from "../../core/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import { nearest } from "../schema/index.js"
import { type SlateSize, slateSizes } from "../slate/index.js"
import { type Setting, settingsIn } from "./paths.js"

/** Sizes of a SLATE as settings. */
const sized = (size: SlateSize) => {
  const { side, ...model } = slateSizes[size]
  return { data: { side }, model }
}

/** The rates of the published code, whose steps are counted in tens of thousands. */
const published = {
  optimiser: { dvaeRate: 3e-4, rate: 1e-4, warmUp: 30_000, every: 8000 },
  temperature: { steps: 30_000 },
}

const presets = {
  small: { family: "slate" },
  shapes3d: { family: "slate", steps: 160_000, ...sized("shapes3d"), ...published, training: { batch: 50 } },
  paper: { family: "slate", steps: 250_000, ...sized("paper"), ...published, training: { batch: 50 } },
}

/** Names of the presets: sizes of a SLATE with what they are trained by. */
export const presetNames = Object.keys(presets) as readonly (keyof typeof presets)[]

/**
 * The settings of a preset: a `small` SLATE, `shapes3d` with the defaults of the published code, `paper` with the settings of "Object
 * Representations as Fixed Points".
 *
 * @example
 * presetSettings("paper") // right([{ name: "family", value: "slate" }, { name: "steps", value: 250000 }, ...])
 */
export const presetSettings = (name: string): E.Either<DecodeError, readonly Setting[]> => {
  const found = presetNames.find((known) => known === name)
  return found === undefined
    ? E.left(
        decodeError(`there is no preset ${shown(name)}; did you mean ${nearest(name, presetNames)}? There are ${presetNames.join(", ")}`),
      )
    : E.right(settingsIn(presets[found]))
}

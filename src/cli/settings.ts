/** What a command line sets in a configuration. */
import * as E from "fp-ts/lib/Either.js"
import {
  type DecodeError,
  decodeError,
  drawnSources,
  type FileError,
  parseSetting,
  parseSettings,
  presetSettings,
  readFileBytes,
  type Setting,
} from "../models/index.js"
import type { TrainOptions } from "./options.js"

const numbered = (key: "seed" | "steps", value: string | undefined): readonly Setting[] =>
  value === undefined ? [] : [{ name: key, value: /^\d+$/.test(value) ? Number(value) : value }]

const fileSettings = async (path: string | undefined): Promise<E.Either<DecodeError | FileError, readonly Setting[]>> => {
  if (path === undefined) return E.right([])
  const bytes = await readFileBytes(path)()
  return E.isLeft(bytes) ? bytes : parseSettings(new TextDecoder().decode(bytes.right), path)
}

/** All that the command line sets, the weakest first. */
export const settingsOf = async (options: TrainOptions): Promise<E.Either<DecodeError | FileError, readonly Setting[]>> => {
  const file = await fileSettings(options.config)
  if (E.isLeft(file)) return file
  const set: Setting[] = []
  for (const text of options.set) {
    const one = parseSetting(text)
    if (E.isLeft(one)) return one
    set.push(one.right)
  }
  const preset = options.preset === undefined ? E.right([]) : presetSettings(options.preset)
  if (E.isLeft(preset)) return E.left(decodeError(`--preset: ${preset.left.message}`))
  const named = (name: string, value: string | undefined): readonly Setting[] => (value === undefined ? [] : [{ name, value }])
  const model = named("family", options.model)
  const images =
    options.data === undefined
      ? []
      : drawnSources.includes(options.data)
        ? named("data.source", options.data)
        : [...named("data.source", "files"), ...named("data.path", options.data)]
  const target: readonly Setting[] = options.target === undefined ? [] : [{ name: "target", value: options.target }]
  return E.right([
    ...preset.right,
    ...model,
    ...images,
    ...file.right,
    ...set,
    ...target,
    ...numbered("seed", options.seed),
    ...numbered("steps", options.steps),
  ])
}

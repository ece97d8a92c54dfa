/** What a command line sets in a configuration. */
import { existsSync } from "node:fs"
import * as E from "fp-ts/lib/Either.js"
import {
  type DecodeError,
  drawnSources,
  type FileError,
  families,
  nearest,
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

/** What a word may have meant: one of those there are. */
const unknown = (what: string, word: string, known: readonly string[]): DecodeError => ({
  _tag: "DecodeError",
  message: `${what}; did you mean ${nearest(word, known)}? There are ${known.join(", ")}`,
})

/** A path that leads nowhere, or a word that is none of the sources'. */
const noImages = (given: string): DecodeError => {
  const what = `--data: there is no file or folder ${JSON.stringify(given)}`
  return /[./\\]/.test(given)
    ? { _tag: "DecodeError", message: `${what}; give the path of your images, or one of ${drawnSources.join(", ")}` }
    : unknown(what, given, drawnSources)
}

/** What is wrong with a preset beside a family that is named elsewhere: it would be dropped without a word. */
const otherFamily = (preset: readonly Setting[], all: readonly Setting[], options: TrainOptions): string | null => {
  const own = preset.find(({ name }) => name === "family")
  const named = all.findLast(({ name }) => name === "family")
  if (own === undefined || named === undefined || own.value === named.value) return null
  const other = options.model === named.value ? `--model ${options.model} names another` : `the configuration names ${String(named.value)}`
  return `--preset ${options.preset} is of the family ${String(own.value)}, but ${other}; leave one of them out`
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
  if (E.isLeft(preset)) return E.left({ ...preset.left, message: `--preset: ${preset.left.message}` })
  const named = (name: string, value: string | undefined): readonly Setting[] => (value === undefined ? [] : [{ name, value }])
  if (options.model !== undefined && !families.some((family) => family === options.model))
    return E.left(unknown(`--model: there is no family ${JSON.stringify(options.model)}`, options.model, families))
  const model = named("family", options.model)
  if (options.data !== undefined && !drawnSources.includes(options.data) && !existsSync(options.data)) return E.left(noImages(options.data))
  const images =
    options.data === undefined
      ? []
      : drawnSources.includes(options.data)
        ? named("data.source", options.data)
        : [...named("data.source", "files"), ...named("data.path", options.data)]
  const target: readonly Setting[] = options.target === undefined ? [] : [{ name: "target", value: options.target }]
  const own = [...images, ...file.right, ...set].findLast(({ name }) => name === "data.source")?.value
  // a preset's side is that of the images it was made for; tetrominoes have none
  const size = own === "tetrominoes" ? preset.right.filter(({ name }) => name !== "data.side") : preset.right
  const all = [
    ...size,
    ...model,
    ...images,
    ...file.right,
    ...set,
    ...target,
    ...numbered("seed", options.seed),
    ...numbered("steps", options.steps),
  ]
  const odd = otherFamily(preset.right, all, options)
  return odd === null ? E.right(all) : E.left({ _tag: "DecodeError", message: odd })
}

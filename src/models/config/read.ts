/** Configurations from outside: a file's text, and values set by name. */
import * as E from "fp-ts/lib/Either.js"
import { shown } from "../../core/index.js"
import { parse } from "../checkpoint/index.js"
import { imageSourceCodec } from "../data/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import { decodeAs } from "../schema/index.js"
import { wordSide } from "../slate/index.js"
import { type Config, configCodec, defaultConfigs, familyCodec, familyOf } from "./config.js"
import { imageSide } from "./image-side.js"
import { isTree, type Setting, settingsIn, type Tree, unknownName, unknownNameIn } from "./paths.js"
import { imageSourceOf } from "./source.js"

/**
 * `key=value`, the value as JSON where it is JSON, else as text. `Left` where no family knows the key; the value is not looked at.
 *
 * @example
 * parseSetting("model.slots=5") // right({ name: "model.slots", value: 5 })
 */
export const parseSetting = (text: string): E.Either<DecodeError, Setting> => {
  const at = text.indexOf("=")
  if (at < 1) return E.left(decodeError(`--set: expected key=value, such as model.slots=5, found ${shown(text)}`))
  const [name, word] = [text.slice(0, at), text.slice(at + 1)]
  const why = unknownName(name)
  if (why !== null) return E.left(decodeError(why))
  try {
    return E.right({ name, value: JSON.parse(word) })
  } catch {
    return E.right({ name, value: word })
  }
}

/** A configuration (not yet checked) with values set. */
const withSettings = (raw: { readonly [key: string]: unknown }, settings: readonly Setting[]): { readonly [key: string]: unknown } => {
  const made: Record<string, unknown> = { ...raw }
  for (const { name, value } of settings) {
    const [group, key] = name.split(".") as [string, string?]
    made[group] = key === undefined ? value : { ...(isTree(made[group]) ? made[group] : {}), [key]: value }
  }
  return made
}

/** A size of images that another source has is set in vain. That of a whole configuration, in which it is named beside the own one, is the default. */
const otherSize = ({ family, data: { source } }: Config, raw: Tree, settings: readonly Setting[]): string | null => {
  const [own, other] = source === "tetrominoes" ? (["blockSize", "side"] as const) : (["side", "blockSize"] as const)
  const stored = isTree(raw.data) && own in raw.data // such a one has every value, set or not
  const given = [...(stored ? [] : settingsIn(raw)), ...settings]
  const set = given.findLast(({ name }) => name === `data.${other}`)
  const whole = given.some(({ name }) => name === `data.${own}`) && set?.value === defaultConfigs[family].data[other]
  return set === undefined || whole
    ? null
    : `config.data.${other}: is set to ${shown(set.value)}, but config.data.source is ${source}, whose size is data.${own}; set that`
}

/** Values that are right one by one and don't fit together, the first one's reason, or null. */
const misfit = (config: Config): string | null => {
  const { data } = config
  if (data.source === "files" && data.path === "")
    return "config.data.path: expected the path of your images, found none; --data PATH names it"
  if (data.source !== "files" && data.source !== "fashion" && data.path !== "")
    return `config.data.path: is ${shown(data.path)}, but config.data.source is ${data.source}; set data.source=files to train on your images`
  const images = decodeAs(imageSourceCodec, "config.data", imageSourceOf(config))
  if (E.isLeft(images)) return images.left.message
  if (config.family === "slotAutoencoder")
    return config.encoder.kernels.length === 0 ? "config.encoder.kernels: expected at least one kernel, found an empty list" : null
  const { features, heads, width, slotHeads } = config.model
  if (features % heads !== 0) return `config.model.heads: expected a divisor of model.features = ${features}, found ${heads}`
  if (width % slotHeads !== 0) return `config.model.slotHeads: expected a divisor of model.width = ${width}, found ${slotHeads}`
  const side = imageSide(config)
  const choice = data.source === "tetrominoes" ? "data.blockSize" : "data.side"
  return side % wordSide === 0
    ? null
    : `config.data: images are ${side} pixels wide, but a word stands for ${wordSide} x ${wordSide} of them; choose a ${choice} that ${wordSide} divides`
}

/**
 * Checks a configuration: every name known to its family, every value of its kind, and values that fit together. What is left out has its
 * default; `settings` win over `raw`. `Left` names what is wrong.
 *
 * @example
 * E.map(({ model }) => model.slots)(decodeConfig({ model: { slots: 5 } })) // right(5)
 */
export const decodeConfig = (raw: unknown, settings: readonly Setting[] = []): E.Either<DecodeError, Config> => {
  if (!isTree(raw)) return decodeAs(configCodec, "config", raw)
  const made = withSettings(raw, settings)
  const family = decodeAs(familyCodec, "config.family", familyOf(made))
  if (E.isLeft(family)) return family
  const why = unknownNameIn(made, [family.right])
  if (why !== null) return E.left(decodeError(why))
  const read = decodeAs(configCodec, "config", made)
  if (E.isLeft(read)) return read
  const odd = misfit(read.right) ?? otherSize(read.right, raw, settings)
  return odd === null ? read : E.left(decodeError(odd))
}

/**
 * The values that a configuration file sets, from its JSON text; `source` is what messages call it.
 *
 * @example
 * parseSettings('{ "model": { "slots": 5 } }', "config.json") // right([{ name: "model.slots", value: 5 }])
 */
export const parseSettings = (text: string, source: string): E.Either<DecodeError, readonly Setting[]> => {
  const parsed = parse(text, source)
  if (E.isLeft(parsed)) return parsed
  const raw = parsed.right
  if (!isTree(raw)) return E.left(decodeError(`${source}: expected an object such as { "model": { "slots": 5 } }, found ${shown(raw)}`))
  const why = unknownNameIn(raw)
  if (why !== null) return E.left(decodeError(`${source}: ${why}`))
  return E.right(settingsIn(raw))
}

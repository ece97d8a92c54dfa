/** Configurations from outside: a file's text, and values set by name. */
import * as E from "fp-ts/lib/Either.js"
import { shown } from "../../core/index.js"
import { parse } from "../checkpoint/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import { decodeAs } from "../schema/index.js"
import { type Config, configCodec } from "./config.js"
import { isTree, type Setting, settingsIn, unknownName, unknownNameIn } from "./paths.js"

/**
 * `key=value`, the value as JSON where it is JSON, else as text. `Left` where the key is unknown; the value is not looked at.
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
const withSettings = (raw: unknown, settings: readonly Setting[]): unknown => {
  const made: Record<string, unknown> = isTree(raw) ? { ...raw } : {}
  for (const { name, value } of settings) {
    const [group, key] = name.split(".") as [string, string?]
    made[group] = key === undefined ? value : { ...(isTree(made[group]) ? made[group] : {}), [key]: value }
  }
  return made
}

/**
 * Checks a configuration: every name known, every value of its kind, and values that fit together. What is left out has its default;
 * `settings` win over `raw`. `Left` names what is wrong.
 *
 * @example
 * E.map(({ model }) => model.slots)(decodeConfig({ model: { slots: 5 } })) // right(5)
 */
export const decodeConfig = (raw: unknown, settings: readonly Setting[] = []): E.Either<DecodeError, Config> => {
  if (!isTree(raw)) return decodeAs(configCodec, "config", raw)
  const why = unknownNameIn(raw)
  if (why !== null) return E.left(decodeError(why))
  const read = decodeAs(configCodec, "config", withSettings(raw, settings))
  if (E.isLeft(read)) return read
  const { encoder } = read.right
  return encoder.kernels.length === 0
    ? E.left(decodeError("config.encoder.kernels: expected at least one kernel, found an empty list"))
    : read
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

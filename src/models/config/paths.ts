/** Configurations as lists of dotted names: `model.slots`. */
import { isDeepStrictEqual } from "node:util"
import { shown } from "../../core/index.js"
import { nearest } from "../schema/index.js"
import { type Config, defaultConfigs, type Family, families } from "./config.js"

export type Tree = { readonly [key: string]: unknown }

export const isTree = (u: unknown): u is Tree => typeof u === "object" && u !== null && !Array.isArray(u)

/** Names of a family's groups; of all families' where none is named. */
const groupsOf = (of: readonly Family[]): ReadonlySet<string> =>
  new Set(of.flatMap((family) => Object.entries(defaultConfigs[family]).flatMap(([name, value]) => (isTree(value) ? [name] : []))))

const allGroups = groupsOf(families)

/** A value by its dotted name: `model.slots` 5. */
export interface Setting {
  readonly name: string
  readonly value: unknown
}

/** The values in a tree of configuration by their dotted names, in order. A group that is no record is one value. */
export const settingsIn = (raw: Tree): readonly Setting[] =>
  Object.entries(raw).flatMap(([key, value]): readonly Setting[] =>
    isTree(value) && allGroups.has(key)
      ? Object.entries(value).map(([inner, leaf]) => ({ name: `${key}.${inner}`, value: leaf }))
      : [{ name: key, value }],
  )

/**
 * Every value of a configuration by its dotted name, in order.
 *
 * @example
 * entries(defaultConfig)[1] // ["seed", 0]
 */
export const entries = (config: Config): readonly (readonly [name: string, value: unknown])[] =>
  settingsIn(config).map(({ name, value }) => [name, value])

/**
 * The dotted names of all values of some families.
 *
 * @example
 * namesOf(["slate"])[0] // "family"
 */
export const namesOf = (of: readonly Family[]): readonly string[] => [
  ...new Set(of.flatMap((family) => entries(defaultConfigs[family]).map(([name]) => name))),
]

/** Why a dotted name is none of these families, or null. */
export const unknownName = (name: string, of: readonly Family[] = families): string | null => {
  const known = namesOf(of)
  if (known.includes(name)) return null
  const inside = known.filter((other) => other.startsWith(`${name}.`))
  if (inside.length > 0) return `config.${name} is a group; name one of its values: ${inside.join(", ")}`
  const elsewhere = families.find((family) => !of.includes(family) && namesOf([family]).includes(name))
  return elsewhere === undefined
    ? `config: unknown key ${shown(name)}; did you mean ${JSON.stringify(nearest(name, known))}?`
    : `config: unknown key ${shown(name)} of the family ${of.join(", ")}; it is one of the family ${elsewhere} (--model ${elsewhere})`
}

/** What is wrong with the names in a configuration from outside, first one first, or null. */
export const unknownNameIn = (raw: Tree, of: readonly Family[] = families): string | null => {
  const groups = groupsOf(of)
  for (const { name, value } of settingsIn(raw)) {
    const why = groups.has(name) ? `config.${name}: expected a record, found ${shown(value)}` : unknownName(name, of)
    if (why !== null) return why
  }
  return null
}

/** A value, by its dotted name, in which two configurations differ. */
export interface Difference {
  readonly name: string
  readonly before: unknown
  readonly after: unknown
}

/**
 * Values in which two configurations differ.
 *
 * @example
 * differences(defaultConfig, { ...defaultConfig, seed: 7 }) // [{ name: "seed", before: 0, after: 7 }]
 */
export const differences = (before: Config, after: Config): readonly Difference[] => {
  const old = new Map(entries(before))
  return entries(after).flatMap(([name, value]) =>
    isDeepStrictEqual(old.get(name), value) ? [] : [{ name, before: old.get(name), after: value }],
  )
}

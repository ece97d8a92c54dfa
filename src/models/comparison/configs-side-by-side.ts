/** The configurations of all who are compared as one list: a value where it is everybody's, else who has which. */
import { configFacts } from "../training/index.js"
import type { Configured } from "./entrant-configs.js"

type Fact = string | number | boolean

/** Values of a setting, each once; a family that has no such setting has none. */
const valuesOf = (name: string, facts: readonly Readonly<Record<string, Fact>>[]): readonly Fact[] => [
  ...new Set(facts.flatMap((one) => one[name] ?? [])),
]

/**
 * Every setting of those who are compared: its value where all have the same, else the values and after each the variant that has it. One
 * that differs from run to run of a variant, as the seed does, is told by its values.
 *
 * @example
 * configsSideBySide(outcomes)["model.adjoint"] // "unrolled (unrolled), oneStep (oneStep+model.iterations=6)"
 */
export const configsSideBySide = (all: readonly Configured[]): Readonly<Record<string, Fact>> => {
  const facts = all.map(({ config }) => configFacts(config))
  const variants = [...new Set(all.map(({ entrant }) => entrant.contender.name))].map((name) => ({
    name,
    facts: facts.filter((_, i) => all[i]?.entrant.contender.name === name),
  }))
  const told = (name: string): Fact => {
    const everywhere = valuesOf(name, facts)
    if (everywhere.length === 1 && facts.every((one) => name in one)) return everywhere[0] as Fact
    const known = variants.map((variant) => ({ name: variant.name, values: valuesOf(name, variant.facts).join(", ") }))
    const first = known[0]?.values ?? ""
    if (known.every(({ values }) => values === first)) return first
    return known.flatMap(({ name, values }) => (values === "" ? [] : [`${values} (${name})`])).join(", ")
  }
  return Object.fromEntries([...new Set(facts.flatMap(Object.keys))].map((name) => [name, told(name)]))
}

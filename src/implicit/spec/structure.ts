/** What a method is made of, and what follows from its parts. */
import type { Method } from "./method.js"
import type { Tolerances } from "./tolerances.js"

/**
 * The methods inside a method, outermost first.
 *
 * @example
 * partsOf(perRow(picard()).method) // [{ _tag: "picard" }]
 */
export const partsOf = (method: Method): readonly Method[] =>
  "of" in method ? [method.of] : "first" in method ? [method.first, method.second] : []

/**
 * How many row axes of the state are solved one by one: `perRow` anywhere inside speaks for the whole solve.
 *
 * @example
 * rowsOf(damped(perRow(picard()), 0.5).method) // 1
 */
export const rowsOf = (method: Method): number => (method._tag === "perRow" ? 1 : Math.max(0, ...partsOf(method).map(rowsOf)))

/**
 * The number of applications, where the method fixes one (`iterate`, also damped or by row); null where it looks for a solution.
 *
 * @example
 * fixedCount(perRow(iterate(3)).method) // 3
 */
export const fixedCount = (method: Method): number | null =>
  method._tag === "iterate" ? method.count : "of" in method ? fixedCount(method.of) : null

/** Evaluations of a solver that doesn't say how many. */
export const defaultEvaluations = 256

/** The most evaluations that a solve makes. With a fixed count the last iterate is evaluated too, for its residual. */
export const budgetOf = ({ method, maxEvaluations }: { readonly method: Method } & Tolerances): number => {
  const count = fixedCount(method)
  return count === null ? (maxEvaluations ?? defaultEvaluations) : count + 1
}

/**
 * A method as text.
 *
 * @example
 * showMethod(damped(picard(), 0.5).method) // "damped(tau 0.5, of picard)"
 */
export const showMethod = (method: Method): string => {
  const { _tag, ...fields } = method._tag === "defined" ? { ...method.options, _tag: method.name } : method
  const isMethod = (value: unknown): value is Method => partsOf(method).some((part) => part === value)
  const shown = Object.entries(fields).map(
    ([name, value]) => `${name} ${isMethod(value) ? showMethod(value) : typeof value === "object" ? JSON.stringify(value) : value}`,
  )
  return shown.length === 0 ? _tag : `${_tag}(${shown.join(", ")})`
}

/** Whether `bestSoFar` stands around a method of a fixed count. */
export const takesBest = (method: Method): boolean => method._tag === "bestSoFar" || partsOf(method).some(takesBest)

/** Why a combination means nothing, or null. */
export const badCombination = (method: Method): string | null => {
  const judged = method._tag === "orElse" || method._tag === "andThen" || method._tag === "polish"
  return judged && partsOf(method).some((part) => fixedCount(part) !== null)
    ? `${method._tag} asks how its parts end, and iterate has no stopping test; use andThen(picard(), count, ...)`
    : null
}

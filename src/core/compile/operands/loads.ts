/** The loads of a product or another summand, and other expressions in their place. */
import type { Ix, Scalar } from "../nest.js"
import type { Load } from "../substitute.js"

/** How an index moves with a variable: its coefficient, or null where it is not affine in it. */
export const slope = (ix: Ix, v: number): number | null => {
  switch (ix.t) {
    case "const":
      return 0
    case "var":
      return ix.axis === v ? 1 : 0
    case "add": {
      const [a, b] = [slope(ix.a, v), slope(ix.b, v)]
      return a === null || b === null ? null : a + b
    }
    case "mul": {
      const a = slope(ix.a, v)
      return a === null ? null : a * ix.by
    }
    case "div":
    case "mod":
      return slope(ix.a, v) === 0 ? 0 : null
    case "value":
      return null
  }
}

/** Whether an index, without data, changes with a variable. */
export const changes = (ix: Ix, v: number): boolean => slope(ix, v) !== 0

/** Whether a load reads another element, or is guarded otherwise, as a variable changes. */
export const follows = ({ at, guards }: Load, v: number): boolean => at.some((ix) => changes(ix, v)) || guards.some((g) => changes(g.ix, v))

export const loadsOf = (s: Scalar, found: Set<Load> = new Set(), seen = new Set<Scalar>()): Set<Load> => {
  if (seen.has(s)) return found
  seen.add(s)
  switch (s.t) {
    case "load":
      found.add(s)
      break
    case "unary":
    case "guarded":
      loadsOf(s.a, found, seen)
      break
    case "binary":
    case "xor16":
      loadsOf(s.a, found, seen)
      loadsOf(s.b, found, seen)
      break
    case "select":
      for (const part of [s.c, s.a, s.b]) loadsOf(part, found, seen)
      break
    default:
  }
  return found
}

/** The expression with some loads in place of others; shared parts stay shared. */
export const replaced = (s: Scalar, by: ReadonlyMap<Scalar, Scalar>, made = new Map<Scalar, Scalar>()): Scalar => {
  const known = by.get(s) ?? made.get(s)
  if (known !== undefined) return known
  const go = (x: Scalar) => replaced(x, by, made)
  const rebuild = (): Scalar => {
    switch (s.t) {
      case "unary":
      case "guarded":
        return { ...s, a: go(s.a) }
      case "binary":
      case "xor16":
        return { ...s, a: go(s.a), b: go(s.b) }
      case "select":
        return { ...s, c: go(s.c), a: go(s.a), b: go(s.b) }
      default:
        return s
    }
  }
  const result = rebuild()
  made.set(s, result)
  return result
}

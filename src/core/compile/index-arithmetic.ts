/**
 * Exact simplification of indices. An index is a sum of atoms (loop variables, quotients, remainders, data) with whole
 * coefficients; divisions are taken apart as far as the bounds of the loop variables allow, so that a reshape of a reshape,
 * substituted into one another, ends as the few terms that it is.
 */
import { at as constantIx, floorDiv, modulo, plus, times } from "./build-nest.js"
import type { Guard, Ix, Scalar } from "./nest.js"

/** Sizes of the loop variables. */
export type Extents = readonly number[]

interface Term {
  readonly ix: Ix
  readonly by: number
}

/** Terms by the key of their atom; no coefficient is 0. */
interface Sum {
  readonly constant: number
  readonly terms: ReadonlyMap<string, Term>
}

const keys = new WeakMap<Ix, string>()
const numbers = new WeakMap<Scalar, number>()
let numbered = 0

const numberOf = (s: Scalar): number => {
  let n = numbers.get(s)
  if (n === undefined) numbers.set(s, (n = numbered++))
  return n
}

/** Equal for indices that are equal as written. Data are compared by identity. */
export const keyOf = (ix: Ix): string => {
  const known = keys.get(ix)
  if (known !== undefined) return known
  const made = keyOfNew(ix)
  keys.set(ix, made)
  return made
}

const keyOfNew = (ix: Ix): string => {
  switch (ix.t) {
    case "const":
      return `${ix.value}`
    case "var":
      return `v${ix.axis}`
    case "add":
      return `(${keyOf(ix.a)}+${keyOf(ix.b)})`
    case "mul":
      return `${ix.by}*${keyOf(ix.a)}`
    case "div":
      return `${keyOf(ix.a)}/${ix.by}`
    case "mod":
      return `${keyOf(ix.a)}%${ix.by}`
    case "value":
      return `s${numberOf(ix.of)}`
  }
}

export const keyOfGuard = (g: Guard): string => (g.t === "range" ? `${g.lo}<=${keyOf(g.ix)}<${g.hi}` : `${g.by}|${keyOf(g.ix)}`)

/** Least and largest value. */
export const rangeOf = (ix: Ix, extents: Extents): readonly [number, number] => {
  switch (ix.t) {
    case "const":
      return [ix.value, ix.value]
    case "var":
      return [0, Math.max(0, (extents[ix.axis] as number) - 1)]
    case "add": {
      const [a, b] = [rangeOf(ix.a, extents), rangeOf(ix.b, extents)]
      return [a[0] + b[0], a[1] + b[1]]
    }
    case "mul": {
      const [lo, hi] = rangeOf(ix.a, extents)
      return ix.by >= 0 ? [lo * ix.by, hi * ix.by] : [hi * ix.by, lo * ix.by]
    }
    case "div": {
      const [lo, hi] = rangeOf(ix.a, extents)
      return [Math.floor(lo / ix.by), Math.floor(hi / ix.by)]
    }
    case "mod":
      return [0, ix.by - 1]
    case "value":
      return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  }
}

export const rangeOfSum = (sum: Sum, extents: Extents): readonly [number, number] => {
  let [lo, hi] = [sum.constant, sum.constant]
  for (const { ix, by } of sum.terms.values()) {
    const [a, b] = rangeOf(ix, extents)
    lo += by > 0 ? a * by : b * by
    hi += by > 0 ? b * by : a * by
  }
  return [lo, hi]
}

const constantSum = (constant: number): Sum => ({ constant, terms: new Map() })
const atomSum = (ix: Ix): Sum => ({ constant: 0, terms: new Map([[keyOf(ix), { ix, by: 1 }]]) })

const addSums = (a: Sum, b: Sum, scale = 1): Sum => {
  const terms = new Map(a.terms)
  for (const [key, { ix, by }] of b.terms) {
    const total = (terms.get(key)?.by ?? 0) + by * scale
    if (total === 0) terms.delete(key)
    else terms.set(key, { ix, by: total })
  }
  return { constant: a.constant + b.constant * scale, terms }
}

/** Terms in the order of their keys, so that equal sums are written alike. */
const toIx = ({ constant, terms }: Sum): Ix => {
  let ix: Ix = constantIx(0)
  for (const key of [...terms.keys()].sort()) {
    const { ix: atom, by } = terms.get(key) as Term
    ix = plus(ix, times(atom, by))
  }
  return plus(ix, constantIx(constant))
}

const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b))

/** sum = by * whole + rest, where the rest has the terms that `by` does not divide and a constant in [0, by). */
const split = (sum: Sum, by: number): { readonly whole: Sum; readonly rest: Sum } => {
  const whole = new Map<string, Term>()
  const rest = new Map<string, Term>()
  for (const [key, term] of sum.terms) {
    if (term.by % by === 0) whole.set(key, { ix: term.ix, by: term.by / by })
    else rest.set(key, term)
  }
  const q = Math.floor(sum.constant / by)
  return { whole: { constant: q, terms: whole }, rest: { constant: sum.constant - q * by, terms: rest } }
}

/** The largest factor that all coefficients share with `by`; the constant has no say: floor((g r + c) / g b) = floor((r + floor(c / g)) / b). */
const shared = (sum: Sum, by: number): number => {
  let g = by
  for (const { by: c } of sum.terms.values()) g = gcd(g, c)
  return g
}

const scaledDown = (sum: Sum, g: number): Sum => ({
  constant: Math.floor(sum.constant / g),
  terms: new Map([...sum.terms].map(([key, { ix, by }]) => [key, { ix, by: by / g }])),
})

/** The number that the quotient is everywhere, or null. */
const onlyQuotient = (sum: Sum, by: number, extents: Extents): number | null => {
  const [lo, hi] = rangeOfSum(sum, extents)
  const q = Math.floor(lo / by)
  return q === Math.floor(hi / by) ? q : null
}

const soleAtom = ({ constant, terms }: Sum): Ix | null => {
  const [first] = terms.values()
  return constant === 0 && terms.size === 1 && first?.by === 1 ? first.ix : null
}

const divSum = (sum: Sum, by: number, extents: Extents): Sum => {
  const { whole, rest } = split(sum, by)
  const q = onlyQuotient(rest, by, extents)
  if (q !== null) return addSums(whole, constantSum(q))
  const g = shared(rest, by)
  if (g > 1) return addSums(whole, divSum(scaledDown(rest, g), by / g, extents))
  const atom = soleAtom(rest)
  return addSums(whole, atomSum(atom?.t === "div" ? floorDiv(atom.a, atom.by * by) : floorDiv(toIx(rest), by)))
}

const modSum = (sum: Sum, by: number, extents: Extents): Sum => {
  const { rest } = split(sum, by)
  const q = onlyQuotient(rest, by, extents)
  if (q !== null) return addSums(rest, constantSum(-q * by))
  const g = shared(rest, by)
  if (g > 1) return addSums(constantSum(rest.constant % g), modSum(scaledDown(rest, g), by / g, extents), g)
  return atomSum(modulo(toIx(rest), by))
}

/** c (x mod b) + c b (x div b) = c x, wherever both stand in the sum. */
const recombine = (sum: Sum, extents: Extents): Sum => {
  for (const [key, { ix, by }] of sum.terms) {
    if (ix.t !== "mod") continue
    const quotient = divSum(toSum(ix.a, extents), ix.by, extents)
    const [sole] = quotient.terms
    if (sole === undefined || quotient.terms.size !== 1 || quotient.constant !== 0 || sole[1].by !== 1) continue
    if (sum.terms.get(sole[0])?.by !== by * ix.by) continue
    const terms = new Map(sum.terms)
    terms.delete(key)
    terms.delete(sole[0])
    return recombine(addSums({ constant: sum.constant, terms }, toSum(ix.a, extents), by), extents)
  }
  return sum
}

const toSum = (ix: Ix, extents: Extents): Sum => {
  switch (ix.t) {
    case "const":
      return constantSum(ix.value)
    case "var":
      return (extents[ix.axis] as number) <= 1 ? constantSum(0) : atomSum(ix)
    case "value":
      return atomSum(ix)
    case "add":
      return addSums(toSum(ix.a, extents), toSum(ix.b, extents))
    case "mul":
      return addSums(constantSum(0), toSum(ix.a, extents), ix.by)
    case "div":
      return divSum(recombine(toSum(ix.a, extents), extents), ix.by, extents)
    case "mod":
      return modSum(recombine(toSum(ix.a, extents), extents), ix.by, extents)
  }
}

/** An equal index, as short as the bounds of the loop variables allow. */
export const simplifyIx = (ix: Ix, extents: Extents): Ix =>
  ix.t === "const" || (ix.t === "var" && (extents[ix.axis] as number) > 1) ? ix : toIx(recombine(toSum(ix, extents), extents))

/** Whether an index is a sum of multiples of loop variables. */
export const isAffine = (ix: Ix): boolean => {
  switch (ix.t) {
    case "const":
    case "var":
      return true
    case "add":
      return isAffine(ix.a) && isAffine(ix.b)
    case "mul":
      return isAffine(ix.a)
    default:
      return false
  }
}

const simplifyGuard = (g: Guard, extents: Extents): Guard | boolean => {
  const ix = simplifyIx(g.ix, extents)
  if (g.t === "range") {
    const [lo, hi] = rangeOf(ix, extents)
    return lo >= g.lo && hi < g.hi ? true : hi < g.lo || lo >= g.hi ? false : { ...g, ix }
  }
  const { rest } = split(toSum(ix, extents), g.by)
  return rest.terms.size > 0 ? { ...g, ix } : rest.constant === 0
}

/** The guards that are in doubt, each once; null where one never holds. */
export const simplifyGuards = (guards: readonly Guard[], extents: Extents): readonly Guard[] | null => {
  if (guards.length === 0) return guards
  const kept = new Map<string, Guard>()
  for (const guard of guards) {
    const g = simplifyGuard(guard, extents)
    if (g === false) return null
    if (g !== true) kept.set(keyOfGuard(g), g)
  }
  return [...kept.values()]
}

/**
 * Indices as affine forms over atoms (loop variables, and divisions, remainders and data that resist). Floored division and
 * remainder are taken apart as far as the bounds of the variables allow, so that reshapes cost nothing where they can.
 */
import type { Dataflow } from "./dataflow.js"

export interface Affine {
  readonly constant: number
  /** Coefficients by atom, none of them 0. */
  readonly terms: ReadonlyMap<number, number>
}

/** An index has no negative zero, which `-0 * 3` or `0 * -1` would make: it would show where the index is used as a number. */
const unsignedZero = (value: number): number => value + 0

export const constant = (value: number): Affine => ({ constant: unsignedZero(value), terms: new Map() })

export const atom = (id: number): Affine => ({ constant: 0, terms: new Map([[id, 1]]) })

export const plus = (a: Affine, b: Affine): Affine => {
  const terms = new Map(a.terms)
  for (const [id, c] of b.terms) {
    const sum = (terms.get(id) ?? 0) + c
    if (sum === 0) terms.delete(id)
    else terms.set(id, sum)
  }
  return { constant: a.constant + b.constant, terms }
}

export const times = (a: Affine, by: number): Affine => {
  if (by === 1) return a
  if (by === 0) return constant(0)
  return { constant: unsignedZero(a.constant * by), terms: new Map([...a.terms].map(([id, c]) => [id, c * by])) }
}

/** Inclusive bounds. */
export const bounds = (flow: Dataflow, a: Affine): readonly [number, number] => {
  let low = a.constant
  let high = a.constant
  for (const [id, c] of a.terms) {
    const node = flow.node(id)
    low += Math.min(c * node.low, c * node.high)
    high += Math.max(c * node.low, c * node.high)
  }
  return [low, high]
}

/** a = by * quotient + rest, where the rest has the terms that `by` does not divide. */
const divided = (a: Affine, by: number): { readonly quotient: Affine; readonly rest: Affine } => {
  const quotient = new Map<number, number>()
  const rest = new Map<number, number>()
  for (const [id, c] of a.terms) {
    const q = Math.floor(c / by)
    if (c % by === 0) quotient.set(id, q)
    else rest.set(id, c)
  }
  const whole = Math.floor(a.constant / by)
  return { quotient: { constant: whole, terms: quotient }, rest: { constant: a.constant - whole * by, terms: rest } }
}

const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b))

const commonFactor = (a: Affine, by: number): number => [...a.terms.values()].reduce(gcd, gcd(a.constant, by))

const soleAtom = (a: Affine): number | null => {
  const [first] = a.terms
  return a.constant === 0 && a.terms.size === 1 && first !== undefined && first[1] === 1 ? first[0] : null
}

export const div = (flow: Dataflow, a: Affine, by: number): Affine => {
  if (by === 1) return a
  const { quotient, rest } = divided(a, by)
  const [low, high] = bounds(flow, rest)
  if (low >= 0 && high < by) return quotient
  return plus(quotient, divAtom(flow, rest, by))
}

const divAtom = (flow: Dataflow, a: Affine, by: number): Affine => {
  const factor = commonFactor(a, by)
  if (factor > 1) return div(flow, scaledDown(a, factor), by / factor)
  const sole = soleAtom(a)
  if (sole !== null) {
    const { op, args, imm } = flow.node(sole)
    const [x, n] = [args[0] as number, imm[0] as number]
    if (op === "div") return atom(flow.make("div", [x], [n * by]))
    if (op === "mod" && n % by === 0) return mod(flow, div(flow, atom(x), by), n / by)
  }
  return atom(flow.make("div", [materialize(flow, a)], [by]))
}

export const mod = (flow: Dataflow, a: Affine, by: number): Affine => {
  if (by === 1) return constant(0)
  const { rest } = divided(a, by)
  const [low, high] = bounds(flow, rest)
  if (low >= 0 && high < by) return rest
  const factor = commonFactor(rest, by)
  if (factor > 1) return times(mod(flow, scaledDown(rest, factor), by / factor), factor)
  const sole = soleAtom(rest)
  if (sole !== null) {
    const { op, args, imm } = flow.node(sole)
    if (op === "mod" && (imm[0] as number) % by === 0) return atom(flow.make("mod", args, [by]))
  }
  return atom(flow.make("mod", [materialize(flow, rest)], [by]))
}

const scaledDown = (a: Affine, by: number): Affine => ({
  constant: a.constant / by,
  terms: new Map([...a.terms].map(([id, c]) => [id, c / by])),
})

/** The affine form of a node that `materialize` made. */
const expanded = (flow: Dataflow, id: number): Affine => {
  const { op, args, imm } = flow.node(id)
  if (op === "int") return constant(imm[0] as number)
  if (op === "scale") return times(expanded(flow, args[0] as number), imm[0] as number)
  if (op === "add") return plus(expanded(flow, args[0] as number), expanded(flow, args[1] as number))
  return atom(id)
}

/** Puts `q n (x div n) + q (x mod n)` together again as `q x`: the address of a reshape. */
export const recombine = (flow: Dataflow, a: Affine): Affine => {
  for (const [id, q] of a.terms) {
    const { op, args, imm } = flow.node(id)
    if (op !== "mod") continue
    const n = imm[0] as number
    const x = expanded(flow, args[0] as number)
    const quotient = div(flow, x, n)
    const sole = soleAtom(quotient)
    if (sole === null || a.terms.get(sole) !== q * n) continue
    return recombine(flow, plus(a, plus(times(x, q), plus(times(atom(id), -q), times(quotient, -q * n)))))
  }
  return a
}

/** The affine form as a node: outer variables first, so that what an inner loop does not change is a value of its own. */
export const materialize = (flow: Dataflow, a: Affine, base: number | null = null): number => {
  const terms = [...a.terms].sort(([x], [y]) => flow.node(x).level - flow.node(y).level || x - y)
  let sum = base
  const include = (id: number): void => {
    sum = sum === null ? id : flow.make("add", [sum, id])
  }
  if (a.constant !== 0) include(flow.int(a.constant))
  for (const [id, c] of terms) include(c === 1 ? id : flow.make("scale", [id], [c]))
  return sum ?? flow.int(0)
}

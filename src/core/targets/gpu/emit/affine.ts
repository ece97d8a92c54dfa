/**
 * Index expressions in a normal form: a sum of coefficients times atoms, plus a constant. The sum of a load's strided indices cancels
 * by itself, and bounds tell which guards, clamps, divisions and remainders can never matter.
 */
import type { Bounds } from "./bounds.js"
import { add, contains, point, scale } from "./bounds.js"

/** What a form is a sum of. `value` is a data-dependent index, named by the expression node that computes it. */
export type Atom =
  | { readonly t: "var"; readonly axis: number; readonly key: string; readonly bounds: Bounds }
  | { readonly t: "div"; readonly of: Affine; readonly by: number; readonly key: string; readonly bounds: Bounds }
  | { readonly t: "mod"; readonly of: Affine; readonly by: number; readonly key: string; readonly bounds: Bounds }
  | { readonly t: "value"; readonly node: number; readonly key: string; readonly bounds: Bounds }

export interface Term {
  readonly atom: Atom
  readonly by: number
}

export interface Affine {
  readonly terms: readonly Term[]
  readonly constant: number
  /** Equal for equal forms of one nest, and short: a form inside an atom is named by its number. */
  readonly key: string
  readonly bounds: Bounds
  /** Every loop variable and every data-dependent index in it, at any depth. */
  readonly axes: ReadonlySet<number>
  readonly nodes: ReadonlySet<number>
}

export interface Affines {
  readonly constant: (value: number) => Affine
  /** Loop variable `axis` of the given size. */
  readonly variable: (axis: number, size: number) => Affine
  /** The number that expression node `node` computes, used as an index: nothing is known of it. */
  readonly value: (node: number) => Affine
  readonly sum: (parts: readonly { readonly form: Affine; readonly by: number }[]) => Affine
  /** Floored division by a positive constant. */
  readonly divide: (form: Affine, by: number) => Affine
  /** Remainder of floored division by a positive constant. */
  readonly mod: (form: Affine, by: number) => Affine
}

const divKey = (of: Affine, by: number): string => `(${of.key}/${by})`
const modKey = (of: Affine, by: number): string => `(${of.key}%${by})`

/** `c by floor(A / by) + c (A mod by) = c A`: the form that a reshape of a reshape leaves behind. */
const joinQuotients = (
  terms: ReadonlyMap<string, Term>,
): { readonly drop: readonly [string, string]; readonly of: Affine; readonly by: number } | null => {
  for (const { atom, by } of terms.values()) {
    if (atom.t !== "mod") continue
    const quotient = terms.get(divKey(atom.of, atom.by))
    if (quotient?.by === by * atom.by) return { drop: [atom.key, quotient.atom.key], of: atom.of, by }
  }
  return null
}

const collect = (into: Map<string, Term>, terms: readonly Term[], factor: number): void => {
  for (const { atom, by } of terms) {
    const sum = (into.get(atom.key)?.by ?? 0) + by * factor
    if (sum === 0) into.delete(atom.key)
    else into.set(atom.key, { atom, by: sum })
  }
}

const quotientBounds = ({ lo, hi }: Bounds, by: number): Bounds => ({ lo: Math.floor(lo / by), hi: Math.floor(hi / by) })

export const createAffines = (): Affines => {
  const numbers = new Map<string, number>()
  const keyOf = (text: string): string => {
    const known = numbers.get(text)
    if (known !== undefined) return `f${known}`
    numbers.set(text, numbers.size)
    return `f${numbers.size - 1}`
  }

  const normal = (terms: Map<string, Term>, constant: number): Affine => {
    let rest = constant
    for (let join = joinQuotients(terms); join !== null; join = joinQuotients(terms)) {
      for (const key of join.drop) terms.delete(key)
      collect(terms, join.of.terms, join.by)
      rest += join.of.constant * join.by
    }
    const sorted = [...terms.values()].sort((a, b) => (a.atom.key < b.atom.key ? -1 : 1))
    const axes = new Set<number>()
    const nodes = new Set<number>()
    let bounds = point(rest)
    for (const { atom, by } of sorted) {
      bounds = add(bounds, scale(atom.bounds, by))
      if (atom.t === "var") axes.add(atom.axis)
      else if (atom.t === "value") nodes.add(atom.node)
      else {
        for (const axis of atom.of.axes) axes.add(axis)
        for (const node of atom.of.nodes) nodes.add(node)
      }
    }
    const key = keyOf(`${sorted.map(({ atom, by }) => `${by}*${atom.key}`).join("+")}+${rest}`)
    return { terms: sorted, constant: rest, key, bounds, axes, nodes }
  }

  const ofConstant = (value: number): Affine => normal(new Map(), value)
  const ofAtom = (atom: Atom): Affine => normal(new Map([[atom.key, { atom, by: 1 }]]), 0)

  const sum: Affines["sum"] = (parts) => {
    const terms = new Map<string, Term>()
    let constant = 0
    for (const { form, by } of parts) {
      collect(terms, form.terms, by)
      constant += form.constant * by
    }
    return normal(terms, constant)
  }

  /** The part of a form whose coefficients are multiples of `by`, divided by it, and what remains. */
  const splitMultiples = (form: Affine, by: number): { readonly whole: Affine; readonly rest: Affine } => {
    const whole = new Map<string, Term>()
    const rest = new Map<string, Term>()
    for (const term of form.terms) {
      if (term.by % by === 0) whole.set(term.atom.key, { atom: term.atom, by: term.by / by })
      else rest.set(term.atom.key, term)
    }
    const constant = Math.floor(form.constant / by)
    return { whole: normal(whole, constant), rest: normal(rest, form.constant - constant * by) }
  }

  return {
    constant: ofConstant,
    variable: (axis, size) => (size === 1 ? ofConstant(0) : ofAtom({ t: "var", axis, key: `v${axis}`, bounds: { lo: 0, hi: size - 1 } })),
    value: (node) => ofAtom({ t: "value", node, key: `n${node}`, bounds: { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY } }),
    sum,
    divide: (form, by) => {
      if (by === 1) return form
      const { whole, rest } = splitMultiples(form, by)
      if (contains({ lo: 0, hi: by - 1 }, rest.bounds)) return whole
      const quotient = ofAtom({ t: "div", of: rest, by, key: divKey(rest, by), bounds: quotientBounds(rest.bounds, by) })
      return sum([
        { form: whole, by: 1 },
        { form: quotient, by: 1 },
      ])
    },
    mod: (form, by) => {
      if (by === 1) return ofConstant(0)
      const { rest } = splitMultiples(form, by)
      if (contains({ lo: 0, hi: by - 1 }, rest.bounds)) return rest
      return ofAtom({ t: "mod", of: rest, by, key: modKey(rest, by), bounds: { lo: 0, hi: by - 1 } })
    },
  }
}

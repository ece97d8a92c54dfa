/** A scalar expression with its loop variables and inputs renamed; what is shared stays shared. */
import type { Guard, Ix, Scalar } from "../../compile/nest.js"
import { operandsOf } from "./scalars.js"

export interface Renaming {
  readonly axis: (axis: number) => Ix
  readonly input: (input: number) => number
}

const rewriteNode = (s: Scalar, renaming: Renaming, done: (s: Scalar) => Scalar, indices: Map<Ix, Ix>): Scalar => {
  const ix = (i: Ix): Ix => {
    const known = indices.get(i)
    if (known !== undefined) return known
    const renamed = ixOf(i)
    indices.set(i, renamed)
    return renamed
  }
  const ixOf = (i: Ix): Ix => {
    switch (i.t) {
      case "const":
        return i
      case "var":
        return renaming.axis(i.axis)
      case "value":
        return { t: "value", of: done(i.of) }
      case "add":
        return { t: "add", a: ix(i.a), b: ix(i.b) }
      default:
        return { t: i.t, a: ix(i.a), by: i.by }
    }
  }
  const guards = (list: readonly Guard[]): readonly Guard[] => list.map((g) => ({ ...g, ix: ix(g.ix) }))
  switch (s.t) {
    case "lit":
    case "epsilon":
    case "acc":
      return s
    case "load":
      return { t: "load", input: renaming.input(s.input), at: s.at.map(ix), guards: guards(s.guards) }
    case "ix":
      return { t: "ix", ix: ix(s.ix) }
    case "unary":
      return { ...s, a: done(s.a) }
    case "binary":
    case "xor16":
      return { ...s, a: done(s.a), b: done(s.b) }
    case "select":
      return { ...s, c: done(s.c), a: done(s.a), b: done(s.b) }
    case "guarded":
      return { ...s, guards: guards(s.guards), a: done(s.a) }
    case "threefry": {
      const [a, b, c, d] = s.key
      return { ...s, key: [done(a), done(b), done(c), done(d)], count: done(s.count), limb: done(s.limb) }
    }
  }
}

export const rename = (root: Scalar, renaming: Renaming): Scalar => {
  const done = new Map<Scalar, Scalar>()
  const indices = new Map<Ix, Ix>()
  const get = (s: Scalar): Scalar => {
    const result = done.get(s)
    if (result === undefined) throw new Error("an operand is used before it is renamed")
    return result
  }
  const work: { readonly s: Scalar; readonly ready: boolean }[] = [{ s: root, ready: false }]
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    const { s, ready } = item
    if (done.has(s)) continue
    if (ready) done.set(s, rewriteNode(s, renaming, get, indices))
    else work.push({ s, ready: true }, ...operandsOf(s).map((operand) => ({ s: operand, ready: false })))
  }
  return get(root)
}

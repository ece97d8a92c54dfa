/** einsum and conv by the brute-force reading of their definitions: every assignment of all indices. */
import { accumulate, get, indices, type Nd } from "./nd.js"
import { one, type References } from "./reference.js"

type Numbers = readonly number[]

interface Einsum {
  readonly left: Numbers
  readonly right: Numbers
  readonly out: Numbers
}

type Place = number | { readonly role: "i" | "o" | "k"; readonly dim: number }

interface Conv {
  readonly left: readonly Place[]
  readonly right: readonly Place[]
  readonly out: readonly Place[]
  readonly dims: readonly {
    readonly a: number
    readonly s: number
    readonly d: number
    readonly p: number
    readonly size: Readonly<Record<"i" | "o" | "k", number>>
  }[]
}

const nameOf = (p: Place): string => (typeof p === "number" ? `label ${p}` : `${p.role} ${p.dim}`)

/** Sums over every assignment of sizes to names for which `relation` holds. */
const contract = (
  names: ReadonlyMap<string, number>,
  relation: (at: (name: string) => number) => boolean,
  [a, left]: readonly [Nd, readonly string[]],
  [b, right]: readonly [Nd, readonly string[]],
  out: readonly string[],
): Nd =>
  accumulate(
    out.map((n) => names.get(n) as number),
    (add) => {
      const order = [...names.keys()]
      for (const point of indices([...names.values()])) {
        const at = (name: string) => point[order.indexOf(name)] as number
        if (relation(at)) add(out.map(at), get(a, left.map(at)) * get(b, right.map(at)))
      }
    },
  )

export const einsum: References = {
  einsum: one((p: Einsum, a, b) => {
    const [x, y] = [a as Nd, b as Nd]
    const names = new Map<string, number>()
    p.left.forEach((l, i) => names.set(nameOf(l), x.shape[i] as number))
    p.right.forEach((l, i) => names.set(nameOf(l), y.shape[i] as number))
    return contract(names, () => true, [x, p.left.map(nameOf)], [y, p.right.map(nameOf)], p.out.map(nameOf))
  }),
}

export const conv: References = {
  conv: one((p: Conv, a, b) => {
    const [x, y] = [a as Nd, b as Nd]
    const names = new Map<string, number>()
    p.dims.forEach((d, n) => {
      for (const role of ["i", "o", "k"] as const) names.set(`${role} ${n}`, d.size[role])
    })
    p.left.forEach((l, i) => names.set(nameOf(l), x.shape[i] as number))
    p.right.forEach((l, i) => names.set(nameOf(l), y.shape[i] as number))
    // a i = s o + d k - p, in every dimension
    const relation = (at: (name: string) => number) =>
      p.dims.every((d, n) => d.a * at(`i ${n}`) === d.s * at(`o ${n}`) + d.d * at(`k ${n}`) - d.p)
    return contract(names, relation, [x, p.left.map(nameOf)], [y, p.right.map(nameOf)], p.out.map(nameOf))
  }),
}

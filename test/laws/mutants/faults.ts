/** The faults that are tried on every rule of every op, and where: at each position of what goes in and comes out. */
import { type AnyTensor, sameType, type Tangent, type Tensor, zerosOf } from "../../../src/core/index.js"
import { mul, neg, not, permute, reshape } from "../../../src/ops/index.js"
import { changedParams, changesOf } from "./params.js"
import type { Hook, Hooks } from "./rewired.js"

export const faultKinds = ["sign", "factor", "dropped term", "swapped operand", "wrong axis"] as const
export type FaultKind = (typeof faultKinds)[number]

/** A fault at one place. `make` gives its hooks; it calls `touched` whenever it changes something. */
export interface Fault {
  readonly kind: FaultKind
  readonly hook: Hook
  readonly what: string
  readonly make: (touched: () => void) => Hooks
}

type Change = (t: AnyTensor) => AnyTensor | null

const negated: Change = (t) => {
  if (t.type.elem === "key") return null
  return (t.type.elem === "bool" ? not(t as Tensor<never, "bool">) : neg(t as Tensor)) as AnyTensor
}

/** By a tenth; whole numbers by two. */
const scaled: Change = (t) => {
  if (t.type.elem === "float") return mul(t as Tensor, 1.1) as AnyTensor
  return t.type.elem === "int" ? (mul(t as Tensor<never, "int">, 2) as AnyTensor) : null
}

const zero: Change = (t) => (t.type.elem === "key" ? null : zerosOf(t.type))

/** Read along another axis first: of the same shape, with the elements in another order. */
const astray: Change = (t) => {
  const { shape } = t
  if (t.type.elem === "key" || shape.length < 2 || (shape[0] as number) < 2 || (shape[1] as number) < 2) return null
  const order = shape.map((_, i) => (i === 0 ? 1 : i === 1 ? 0 : i))
  return reshape(permute(t as Tensor, order) as Tensor, shape) as AnyTensor
}

/** The element at `k` changed, where there is something to change. */
const at =
  <T extends Tangent>(k: number, change: Change, touched: () => void) =>
  (list: readonly T[]): readonly T[] =>
    list.map((t, i) => {
      const made = i !== k || t == null ? null : change(t)
      if (made === null) return t
      touched()
      return made as T
    })

/** The elements at `i` and `j` exchanged, where they have one type. */
const exchanged =
  <T extends Tangent>(i: number, j: number, touched: () => void) =>
  (list: readonly T[], alike: (i: number, j: number) => boolean = () => true): readonly T[] => {
    const [a, b]: readonly (T | undefined)[] = [list[i], list[j]]
    if (a == null || b == null || a === b || !sameType(a.type, b.type) || !alike(i, j)) return list
    touched()
    return list.map((t, k) => (k === i ? b : k === j ? a : t))
  }

/** What a hook's list is called. */
const named: Readonly<Record<Exclude<Hook, "params">, string>> = {
  inputs: "operand",
  incoming: "incoming tangent",
  results: "resulting tangent",
  outputs: "output",
  emitted: "emitted value",
}

const single: readonly { readonly kind: FaultKind; readonly what: string; readonly change: Change; readonly on: readonly Hook[] }[] = [
  { kind: "sign", what: "has the wrong sign", change: negated, on: ["results", "outputs", "emitted"] },
  { kind: "factor", what: "is scaled", change: scaled, on: ["results", "outputs", "emitted"] },
  { kind: "dropped term", what: "counts as zero", change: zero, on: ["results", "outputs", "emitted", "incoming", "inputs"] },
  { kind: "wrong axis", what: "is read along another axis", change: astray, on: ["results", "outputs", "emitted"] },
]

/** Places of a list that faults are tried at; few lists are longer, and what lies further is treated as what lies before. */
const PLACES = 4

/** All faults of a hook; `params` are those of some examples. */
export const faultsAt = (hook: Hook, params: readonly unknown[]): readonly Fault[] => {
  if (hook === "params")
    return changesOf(params).map((change) => ({
      kind: "wrong axis",
      hook,
      what: `parameter ${change.key} ${change.what}`,
      make: (touched) => ({ params: (p) => changedParams(p, change, touched) }),
    }))
  const places = Array.from({ length: PLACES }, (_, k) => k)
  const one = single
    .filter(({ on }) => on.includes(hook))
    .flatMap(({ kind, what, change }) =>
      places.map(
        (k): Fault => ({ kind, hook, what: `${named[hook]} ${k} ${what}`, make: (touched) => ({ [hook]: at(k, change, touched) }) }),
      ),
    )
  const two = places.flatMap((i) =>
    places.slice(i + 1).map(
      (j): Fault => ({
        kind: "swapped operand",
        hook,
        what: `${named[hook]}s ${i} and ${j} exchanged`,
        make: (touched) => ({ [hook]: exchanged(i, j, touched) }),
      }),
    ),
  )
  return [...one, ...two]
}

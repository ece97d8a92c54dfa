/** Laws of optimisers: pure transformations of gradients. */
import { constant, flatten, sameStructure, sameType, showStructure, showType, type Tensor, type TensorType } from "../core/index.js"
import { add, sub } from "../ops/index.js"
import { drawn } from "./arbitraries/draw.js"
import { type AnyLaw, allOf, fails, holds, type Law, type Verdict } from "./law.js"
import { close, magnitude, same, showData } from "./numbers.js"
import { type Values, valuesOf } from "./run.js"

/** What a gradient transformation has to be: any that `models` exports, or a user's own of the same form. */
export interface OptimiserLike {
  readonly init: (params: unknown) => unknown
  readonly update: (
    gradients: never,
    state: never,
    params: never,
    told?: { readonly value?: Tensor<[]> },
  ) => readonly [updates: unknown, state: unknown]
}

/** What the laws expect of an optimiser. */
export interface OptimiserLawOptions {
  /** Whether it is a whole optimiser, which makes a loss fall. `false` for parts of one, such as clipping. Default true. */
  readonly descends?: boolean
  /** Whether it looks at the paths of parameters, as groups do. Default false. */
  readonly byName?: boolean
}

interface Params {
  readonly a: Tensor
  readonly b: readonly [Tensor]
}

const SIZE = 3
const leaf: TensorType = { elem: "float", shape: [SIZE] }
const paramsOf = (x: Float64Array, y: Float64Array): Params => ({ a: constant(leaf, x) as Tensor, b: [constant(leaf, y) as Tensor] })

interface Case {
  readonly start: readonly [Float64Array, Float64Array]
  readonly gradients: readonly (readonly [Float64Array, Float64Array])[]
}

// an optimiser for any tree is given one; the state is what it made itself
const step = (optimiser: OptimiserLike, g: Params, state: unknown, p: Params) =>
  optimiser.update(g as never, state as never, p as never, {
    value: constant({ elem: "float", shape: [] }, Float64Array.of(1)) as Tensor<[]>,
  })

const applied = (p: Params, updates: Params): Params => ({ a: add(p.a, updates.a), b: [add(p.b[0], updates.b[0])] })

/** A tree with its values known and its past forgotten, as a stored one is read. */
const stored = <T>(tree: T): T => {
  const { leaves, structure } = flatten("laws.optimiser", tree)
  const values = valuesOf(leaves)
  let next = 0
  const go = (s: typeof structure): unknown => {
    switch (s.t) {
      case "leaf": {
        const k = next++
        return constant((leaves[k] as Tensor).type, values[k] as Float64Array)
      }
      case "null":
        return null
      case "list":
        return s.items.map(go)
      case "record":
        return Object.fromEntries(s.keys.map((key, i) => [key, go(s.items[i] as typeof structure)]))
    }
  }
  return go(structure) as T
}

const numbers = (tree: unknown): Values => valuesOf(flatten("laws.optimiser", tree).leaves)

/** Parameters and state after all gradients; `between` is what happens to the state after each. */
const walk = (optimiser: OptimiserLike, { start, gradients }: Case, between: <T>(tree: T) => T = (x) => x) => {
  let p = paramsOf(...start)
  let state = optimiser.init(p)
  for (const g of gradients) {
    const [updates, next] = step(optimiser, paramsOf(...g), state, p)
    p = between(applied(p, updates as Params))
    state = between(next)
  }
  return { p, state }
}

const sameTypes = (what: string, expected: unknown, found: unknown): Verdict => {
  const [e, f] = [flatten("laws.optimiser", expected), flatten("laws.optimiser", found)]
  if (!sameStructure(e.structure, f.structure))
    return fails(`${what} is a tree ${showStructure(f.structure)}, expected ${showStructure(e.structure)}`)
  const odd = e.leaves.findIndex((t, i) => !sameType(t.type, (f.leaves[i] as Tensor).type))
  return odd < 0
    ? holds()
    : fails(
        `${what} is ${showType((f.leaves[odd] as Tensor).type)} at ${e.paths[odd]}, expected ${showType((e.leaves[odd] as Tensor).type)}`,
      )
}

const shapes =
  (optimiser: OptimiserLike) =>
  (c: Case): Verdict => {
    const p = paramsOf(...c.start)
    const state = optimiser.init(p)
    const [updates, next] = step(optimiser, paramsOf(...(c.gradients[0] as Case["start"])), state, p)
    return allOf([sameTypes("the tree of updates", p, updates), sameTypes("the state after an update", state, next)])
  }

const bits = (what: string, expected: Values, found: Values): Verdict =>
  allOf(expected.map((x, k) => same({ what: `${what}, leaf ${k},`, shape: [x.length] }, x, found[k] as Float64Array)))

const storage =
  (optimiser: OptimiserLike) =>
  (c: Case): Verdict => {
    const [whole, resumed] = [walk(optimiser, c), walk(optimiser, c, stored)]
    return bits("parameters and state of a run that was stored after every step", numbers(whole), numbers(resumed))
  }

const renamed =
  (optimiser: OptimiserLike) =>
  (c: Case): Verdict => {
    const swap = ([x, y]: Case["start"]): Case["start"] => [y, x]
    const [one, other] = [walk(optimiser, c), walk(optimiser, { start: swap(c.start), gradients: c.gradients.map(swap) })]
    const [[a, b], [b2, a2]] = [numbers(one.p), numbers(other.p)] as [Values, Values] as [
      [Float64Array, Float64Array],
      [Float64Array, Float64Array],
    ]
    // norms over all parameters add their squares in another order
    const scale = magnitude([a, b], 1)
    return allOf([
      close({ what: "parameter a under the other's name", shape: [SIZE] }, a, a2, scale, 1e-12),
      close({ what: "parameter b under the other's name", shape: [SIZE] }, b, b2, scale, 1e-12),
    ])
  }

const STEPS = 100

const descent =
  (optimiser: OptimiserLike) =>
  ({ start }: Case): Verdict => {
    const target = paramsOf(new Float64Array(SIZE).fill(0.5), new Float64Array(SIZE).fill(-0.5))
    const loss = (p: Params) =>
      numbers({ a: sub(p.a, target.a), b: [sub(p.b[0], target.b[0])] }).reduce((s, d) => s + d.reduce((t, x) => t + (x * x) / 2, 0), 0)
    let p = paramsOf(...start)
    const before = loss(p)
    if (before === 0) return { t: "vacuous" }
    let state = optimiser.init(p)
    let best = before
    for (let i = 0; i < STEPS && best >= before; i++) {
      const g: Params = { a: sub(p.a, target.a), b: [sub(p.b[0], target.b[0])] }
      const [updates, next] = step(optimiser, g, state, p)
      p = stored(applied(p, updates as Params))
      state = stored(next)
      best = Math.min(best, loss(p))
    }
    return best < before
      ? holds()
      : fails(
          `the loss |p - q|^2 / 2 is ${before.toPrecision(4)} at the start and no smaller in ${STEPS} steps; is a sign or the rate wrong?`,
        )
  }

/**
 * Laws of an optimiser `{ init, update }` on random parameters and gradients: its trees keep their types (so a step can be compiled once
 * and its state donated), its state is all that it remembers, names of parameters mean nothing to it, and it makes a quadratic loss fall.
 *
 * @example
 * await laws.check(laws.optimiser(chain(clipByGlobalNorm(1), adam({ rate: 0.01 }))))()
 */
export const optimiser = (
  transformation: OptimiserLike,
  { descends = true, byName = false }: OptimiserLawOptions = {},
): readonly AnyLaw[] => {
  const arbitrary = drawn((d): Case => {
    const pair = (): Case["start"] => [d.values(leaf, { t: "real" }), d.values(leaf, { t: "real" })]
    const start = pair()
    return { start, gradients: Array.from({ length: d.int(1, 4) }, pair) }
  })
  const law = (name: string, theorem: string, check: (c: Case) => Verdict): Law<Case> => ({
    name: `optimiser: ${name}`,
    theorem,
    arbitrary,
    show: ({ start, gradients }) =>
      [start, ...gradients]
        .map(([a, b], i) => `${i === 0 ? "parameters" : `gradient ${i}`}: a = ${showData(a, [SIZE])}, b = ${showData(b, [SIZE])}`)
        .join("\n"),
    check,
  })
  return [
    law(
      "types",
      "Updates have the types of the parameters, and a state those of the state before it (a step is one program).",
      shapes(transformation),
    ),
    law(
      "storage",
      "A run that is stored and read after every step is the run, to the bit: the state is all there is to remember.",
      storage(transformation),
    ),
    ...(byName
      ? []
      : [law("names", "Swapping two parameters swaps their updates (equivariance under relabelling).", renamed(transformation))]),
    ...(descends ? [law("descent", "A convex quadratic falls below its start (descent lemma).", descent(transformation))] : []),
  ]
}

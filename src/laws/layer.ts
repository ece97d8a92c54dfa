/** Laws of layers: functions with parameters. */
import * as fc from "fast-check"
import { type AnyTensor, constant, flatten, type Tensor, unflatten } from "../core/index.js"
import { add, type Key, mean, square } from "../ops/index.js"
import { seeded } from "./arbitraries/element.js"
import { key } from "./arbitraries/index.js"
import { gradient } from "./gradient.js"
import { type AnyLaw, allOf, type Law, vacuous } from "./law.js"
import { same } from "./numbers.js"
import { type Values, valuesOf } from "./run.js"
import { type Arbitraries, inputs, showArguments } from "./tree.js"
import { vmap } from "./vmap.js"

/** What a layer is told beside its input. */
export interface LayerContext {
  readonly key: Key
  readonly mode: "train" | "eval"
}

/** What a layer has to be: any that `models` exports, or a user's own of the same form. */
export interface LayerLike<P, I, O> {
  readonly init: (key: Key) => P
  readonly apply: (params: P, x: I, context: LayerContext) => O
}

const bits = (what: string, a: Values, b: Values) =>
  allOf(a.map((x, k) => same({ what: `${what}, leaf ${k},`, shape: [x.length] }, x, b[k] as Float64Array)))

const numbers = (tree: unknown): Values => valuesOf(flatten("laws.layer", tree).leaves)

/** Parameters near `params`: initial shifts are 0, where relu and its like have their kinks. */
const off = <P>(params: P, seed: number): P => {
  const { leaves, structure } = flatten("laws.layer: the parameters", params)
  const next = seeded(seed + 1)
  const moved = (t: AnyTensor): AnyTensor => {
    if (t.type.elem !== "float") return t
    const size = t.shape.reduce((n, d) => n * d, 1)
    const by = Float64Array.from({ length: size }, () => (next(-512, 512) + 0.37) / 4096)
    return add(t as Tensor, constant(t.type, by) as Tensor) as AnyTensor
  }
  return unflatten(structure, leaves.map(moved)) as P
}

/** The mean square of everything float that a layer gives. */
const size = (tree: unknown): Tensor<[]> =>
  flatten("laws.layer: the result", tree)
    .leaves.filter((t) => t.type.elem === "float")
    .map((t) => mean(square(t as Tensor)) as Tensor<[]>)
    .reduce((a, b) => add(a, b) as Tensor<[]>)

/**
 * Laws of a layer on generated inputs, at parameters near those that it starts with: initial parameters depend on the key alone; in `eval`
 * nothing depends on the key; gradients to parameters and input are those of the function, in `train` too; and it can be batched. Inputs
 * must keep away from kinks: `awayFromZero` for a layer that begins with relu.
 *
 * @example
 * await laws.check(laws.layer(seq(dense(3, 8, { activation: "tanh" }), dense(8, 2)), normal([5, 3])), { runs: 20 })()
 */
export const layer = <P, I, O>(layer: LayerLike<P, I, O>, input: Arbitraries<I>): readonly AnyLaw[] => {
  // a layer's own types may name dimensions, which generated inputs leave open: nothing is known of P and I here
  const x = inputs<readonly [I]>([input] as never).map(([one]) => one)
  const parameters = fc.tuple(key(), fc.nat({ max: 0xffff })).map(([k, seed]) => off(layer.init(k as Key), seed))
  const keys = key() as fc.Arbitrary<Key>
  const law = <A extends readonly unknown[]>(
    name: string,
    theorem: string,
    arbitrary: fc.Arbitrary<A>,
    check: Law<A>["check"],
  ): Law<A> => ({
    name: `layer: ${name}`,
    theorem,
    arbitrary,
    show: showArguments,
    check,
  })
  const named = (mode: LayerContext["mode"], laws: readonly AnyLaw[]): readonly AnyLaw[] =>
    laws.map((one) => ({ ...one, name: `layer in ${mode}: ${one.name}` }))
  const run = (mode: LayerContext["mode"]) => (p: P, one: I, k: Key) => layer.apply(p, one, { key: k, mode })
  const on = [parameters, x, keys] as never // as above
  return [
    law(
      "initial parameters",
      "Equal keys give equal parameters, to the bit (a key is all the randomness there is).",
      fc.tuple(keys),
      ([k]) => bits("parameters made again", numbers(layer.init(k)), numbers(layer.init(k))),
    ),
    law(
      "evaluation is sure",
      "In eval the result does not depend on the key, to the bit.",
      fc.tuple(parameters, x, keys, keys),
      ([p, one, k, other]) => {
        const results = [k, other].map((key) => numbers(layer.apply(p, one, { key, mode: "eval" }))) as [Values, Values]
        return results[0].length === 0 ? vacuous : bits("the result with another key", ...results)
      },
    ),
    ...named(
      "train",
      gradient((p: P, one: I, k: Key) => size(run("train")(p, one, k)), on, { order: 1 }),
    ),
    ...named(
      "eval",
      gradient((p: P, one: I, k: Key) => size(run("eval")(p, one, k)), on),
    ),
    ...named(
      "eval",
      vmap((p: P, one: I, k: Key) => run("eval")(p, one, k), on),
    ),
  ]
}

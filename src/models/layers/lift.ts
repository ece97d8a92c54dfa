/** Functions without parameters as layers. A description can't hold a function, so it holds the function's name. */
import * as t from "io-ts"
import { type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import { add, concat, tanh } from "../../ops/index.js"
import { type Codec, nearest } from "../schema/index.js"
import { applyPart, type Layer, type Spec } from "./layer.js"
import { defineLayer, float, layerCodec, layerOf } from "./registry.js"

const functions = new Map<string, (x: Unchecked) => Unchecked>()

/** A lifted function as data: its name. */
export interface LiftSpec {
  readonly _tag: "lift"
  readonly name: string
}

/** Names of functions that have been lifted. */
const nameCodec: Codec<string> = new t.Type<string, string, unknown>(
  "the name of a function that has been lifted",
  (u): u is string => typeof u === "string" && functions.has(u),
  (u, c) => {
    if (typeof u !== "string") return t.failure(u, c)
    if (functions.has(u)) return t.success(u)
    const near = nearest(u, [...functions.keys()])
    return t.failure(
      u,
      c,
      `no function ${JSON.stringify(u)} has been lifted; did you mean ${JSON.stringify(near)}? Call lift with it first`,
    )
  },
  t.identity,
)

/**
 * A function of tensor trees as a layer without parameters. Its name stands for it in descriptions: a program that reads them has to have
 * lifted the function too.
 *
 * @throws TraceError when another function was lifted under the name.
 *
 * @example
 * const double = lift("double", (x: Tensor) => mul(x, 2))
 */
export const lift = <I, O>(name: string, f: (x: I) => O): Layer<null, I, O, LiftSpec> => {
  const known = functions.get(name)
  if (known !== undefined && known !== f)
    throw new TraceError(
      `lift: another function was lifted under the name "${name}"; choose another name, or lift it once and keep the layer`,
    )
  functions.set(name, f)
  return { spec: { _tag: "lift", name }, init: () => null, apply: (_params, x) => f(x) }
}

/** The items of a list side by side on their last axis. */
export const concatenation: Layer<null, readonly Tensor[], Tensor, LiftSpec> = lift("concatenation", (items: readonly Tensor[]) =>
  concat(items, -1),
)

/** The sum of the items of a list, shapes broadcast. */
export const total: Layer<null, readonly Tensor[], Tensor, LiftSpec> = lift("total", (items: readonly Tensor[]) =>
  items.reduce((a, b) => add(a, b) as Tensor),
)

defineLayer({
  tag: "lift",
  fields: { name: nameCodec },
  build: ({ name }) => lift(name, functions.get(name) as (x: Unchecked) => Unchecked),
  example: (choose) => {
    const rows = choose.shape(1)
    return choose.bool()
      ? { layer: concatenation, input: [float(...rows, choose.int(1, 3)), float(...rows, choose.int(1, 3))] }
      : { layer: total, input: [float(...rows, 2), float(2)] }
  },
})

/** A layer with a lifted function after it, as data. */
export interface MapOutputSpec {
  readonly _tag: "mapOutput"
  readonly of: Spec
  readonly by: LiftSpec
}

/**
 * A layer with a lifted function after it; its parameters are the layer's own.
 *
 * @example
 * mapOutput(parallel([dense(8, 8), dense(8, 8)]), total)
 */
export const mapOutput = <P, I, X, O>(of: Layer<P, I, X>, by: Layer<null, X, O, LiftSpec>): Layer<P, I, O, MapOutputSpec> => ({
  spec: { _tag: "mapOutput", of: of.spec, by: by.spec },
  init: of.init,
  apply: (params, x, context) => by.apply(null, applyPart(context, 0, "of", of, params, x), context),
})

const bent = lift("tanh", (x: Tensor) => tanh(x))

defineLayer({
  tag: "mapOutput",
  fields: { of: layerCodec, by: layerCodec },
  build: ({ of, by }) => mapOutput(layerOf(of), layerOf(by) as Layer<null, Tensor, Tensor, LiftSpec>),
  example: (choose) => ({
    layer: mapOutput(layerOf({ _tag: "activation", of: "sigmoid" } as Spec), bent),
    input: float(...choose.shape(2)),
  }),
})

/** A layer against the same function in plain loops: value, gradient by differences of the loops, and rebuilt from its description. */
import * as fc from "fast-check"
import { expect } from "vitest"
import { type AnyTensor, constant, evaluate, flatten, type Tensor, unflatten, valueAndGrad } from "../../../src/core/index.js"
import { type Draw, drawn } from "../../../src/laws/arbitraries/index.js"
import { layerCodec, layerOf, type UncheckedLayer } from "../../../src/models/layers/index.js"
import { decodeAs } from "../../../src/models/schema/index.js"
import { add, key, mul, sum, tanh } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"
import { context, nested } from "./support.js"

export interface ByHand {
  readonly layer: UncheckedLayer
  /** The layer's input: a tree of float shapes. */
  readonly input: unknown
  /** Output of the layer, on parameters and input as nested numbers. */
  readonly loops: (params: never, input: never) => unknown
  /** How large parameters are. Default 1. */
  readonly size?: number
  /** How exact values are. Default 1e-12; a solve stops earlier. */
  readonly exact?: number
}

type Leaves = readonly Float64Array[]

const flat = (x: unknown): readonly number[] =>
  typeof x === "number" ? [x] : x === null ? [] : Object.keys(x as object).flatMap((k) => flat((x as Readonly<Record<string, unknown>>)[k]))

/** A smooth scalar in which every number of the output counts, each in its own way. */
const loss = (y: readonly number[]): number => y.reduce((s, v, i) => s + Math.tanh(v) * Math.cos(i + 1), 0)
const lossOf = (output: unknown): Tensor<[]> => {
  let next = 1
  return flatten("output", output)
    .leaves.map((t) =>
      sum(
        mul(
          tanh(t as Tensor),
          constant(
            t.type,
            toWeights(t, () => Math.cos(next++)),
          ) as Tensor,
        ),
      ),
    )
    .reduce((a, b) => add(a, b) as Tensor<[]>) as Tensor<[]>
}
const toWeights = (t: AnyTensor, weight: () => number): Float64Array =>
  Float64Array.from({ length: t.shape.reduce((a, b) => a * b, 1) }, weight)

/** Step of central differences: their error is about its square, and that of rounding 1e-16 over it. */
const H = 1e-5

/** Checks the layers that `make` draws. */
export const sameByHand = (make: (d: Draw) => ByHand, numRuns = 5): void =>
  fc.assert(
    fc.property(
      drawn((d) => {
        const made = make(d)
        const { leaves, structure } = flatten("case", { params: right(evaluate(made.layer.init(key(d.int(0, 99))))), input: made.input })
        const inputs = flatten("input", made.input).leaves.length
        const values = leaves.map((t, k) => {
          // by the order of names the input stands before the parameters
          const size = k < inputs ? 1 : (made.size ?? 1)
          return d.values(t.type, { t: "real" }).map((v) => size * Math.tanh(v))
        })
        return { ...made, leaves, structure, values }
      }),
      ({ layer, loops, exact = 1e-12, leaves, structure, values }) => {
        const treeOf = (data: Leaves) =>
          unflatten(
            structure,
            leaves.map((t, k) => constant(t.type, data[k] as Float64Array)),
          ) as { readonly params: unknown; readonly input: unknown }
        const plainly = (data: Leaves): readonly number[] => {
          const { params, input } = unflatten(
            structure,
            leaves.map((t, k) => nested<unknown>(constant(t.type, data[k] as Float64Array) as Tensor)),
          ) as { readonly params: never; readonly input: never }
          return flat(loops(params, input))
        }
        const at = treeOf(values)
        const output = layer.apply(at.params, at.input, context)
        const expected = plainly(values)
        expect(relativeError(expected, numbers(output))).toBeLessThan(exact)

        const of = (tree: never): Tensor<[]> => {
          const { params, input } = tree as { readonly params: unknown; readonly input: unknown }
          return lossOf(layer.apply(params, input, context))
        }
        const found = numbers(valueAndGrad(of)(at as never))
        const slopes = values.flatMap((data, k) =>
          Array.from(data, (v, i) => {
            const moved = (h: number) => plainly(values.map((other, n) => (n === k ? data.with(i, v + h) : other)))
            return (loss(moved(H)) - loss(moved(-H))) / (2 * H)
          }),
        )
        expect(relativeError([loss(expected), ...slopes], found)).toBeLessThan(1e-7)

        const again = layerOf(right(decodeAs(layerCodec, "layer", JSON.parse(JSON.stringify(layer.spec)))))
        expect(numbers(again.apply(at.params as never, at.input as never, context))).toEqual(numbers(output))
      },
    ),
    { numRuns, endOnFailure: true },
  )

/** Zeros in a shape: a place for an input, whose numbers are drawn. */
export const place = (...shape: readonly number[]): Tensor => {
  const type = { elem: "float", shape } as const
  return constant(type, new Float64Array(shape.reduce((a, b) => a * b, 1))) as Tensor
}

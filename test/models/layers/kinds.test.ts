/** Laws of every kind of layer there is: a description is the layer, evaluation needs no key, targets agree. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { compile, flatten, type Tensor, type TensorType, valueAndGrad } from "../../../src/core/index.js"
import {
  type Context,
  defineLayer,
  dense,
  float,
  type Layer,
  layerCodec,
  layerExamples,
  layerOf,
  lift,
  type Spec,
  seq,
} from "../../../src/models/layers/index.js"
import { decodeAs, positive } from "../../../src/models/schema/index.js"
import "../../../src/models/set-prediction/index.js"
import "../../../src/models/slot-attention/index.js"
import { add, key, mul, square, sum, tanh } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"
import { type Instance, instances } from "./instances.js"

const kinds = [...layerExamples().keys()].sort()
const train: Context = { key: key(3), mode: "train" }

const types = (tree: unknown): readonly TensorType[] => flatten("types", tree).leaves.map((t) => t.type)
const bits = (tree: unknown) => ({ types: types(tree), values: numbers(tree) })

/** A smooth scalar of all outputs. */
const scalar = (output: unknown): Tensor<[]> =>
  flatten("outputs", output)
    .leaves.filter((t) => t.type.elem === "float")
    .map((t) => sum(tanh(t as Tensor)))
    .reduce((a, b) => add(a, b) as Tensor<[]>)

const always = (tag: string, numRuns: number, law: (i: Instance) => void | Promise<void>) =>
  fc.assert(
    fc.asyncProperty(instances(tag), async (i) => law(i)),
    { numRuns, endOnFailure: true },
  )

test("there are many kinds", () => {
  expect(kinds.length).toBeGreaterThanOrEqual(33)
})

describe.each(kinds)("%s", (tag) => {
  test("a description goes out and comes back, and builds the same layer: the same initial bits and outputs", () =>
    always(tag, 5, ({ layer, spec, input, seed, params }) => {
      const text = JSON.stringify(spec)
      const read = right(decodeAs(layerCodec, "model", JSON.parse(text)))
      expect(read).toEqual(JSON.parse(text))
      const again = layerOf(read)
      expect(again.spec).toEqual(spec)
      expect(bits(again.init(key(seed)))).toEqual(bits(params))
      expect(bits(again.apply(params as never, input as never, train))).toEqual(bits(layer.apply(params, input, train)))
    }))

  test("an unknown key is refused", () =>
    always(tag, 3, ({ spec }) => {
      expect(left(decodeAs(layerCodec, "model", { ...spec, mystery: 1 })).message).toMatch(/^model: unknown key "mystery"/)
    }))

  test("evaluation needs no key (but for slots that are drawn) and gives finite numbers", () =>
    always(tag, 5, ({ layer, input, params, spec }) => {
      if (JSON.stringify(spec).includes('"initial":"random"')) {
        expect(() => layer.apply(params, input, { mode: "eval" })).toThrow(
          /^(slotAttention|slate): it draws random numbers in mode "eval" and needs a key/,
        )
        return
      }
      for (const x of numbers(layer.apply(params, input, { mode: "eval" }))) expect(x).toSatisfy(Number.isFinite)
    }))

  test("value and gradient are the same on the interpreter and compiled", { timeout: 120_000 }, () =>
    always(tag, 2, async ({ layer, input, params }) => {
      const loss = (p: { readonly params: unknown; readonly input: unknown }) => scalar(layer.apply(p.params, p.input, train))
      if (flatten("floats", { params, input }).leaves.every((t) => t.type.elem !== "float")) return
      const step = valueAndGrad(loss)
      const program = compile((p: never) => step(p), { target: "wasm:f64" })
      const expected = numbers(step({ params, input } as never))
      const found = numbers(right(await program({ params, input } as never)()))
      program.dispose()
      expect(relativeError(expected, found)).toBeLessThan(1e-9)
    }),
  )
})

describe("one's own layers", () => {
  interface ScaleSpec extends Spec {
    readonly _tag: "testScale"
    readonly by: number
  }
  const scale = (by: number): Layer<null, Tensor, Tensor, ScaleSpec> => ({
    spec: { _tag: "testScale", by },
    init: () => null,
    apply: (_params, x) => mul(x, by),
  })

  test("stand where the others can, once they are registered, and only once", () => {
    const model = seq(dense(2, 2), scale(3) as never)
    const out = JSON.parse(JSON.stringify(model.spec))
    expect(left(decodeAs(layerCodec, "model", out)).message).toMatch(/model\.of\.1: expected a _tag of .*, found "testScale"/)
    expect(() => layerOf(scale(3).spec)).toThrow(/layerOf: no layer has the tag "testScale"; did you mean/)
    const kind = {
      tag: "testScale",
      fields: { by: positive },
      build: ({ by }: { readonly by: number }) => scale(by),
      example: () => ({ layer: scale(2), input: float(2) }),
    } as const
    defineLayer(kind)
    expect(layerOf(right(decodeAs(layerCodec, "model", out))).spec).toEqual(model.spec)
    expect(() => defineLayer(kind)).toThrow(/defineLayer: a layer with the tag "testScale" exists already/)
    expect(left(decodeAs(layerCodec, "model", { _tag: "tetsScale", by: 1 })).message).toMatch(/did you mean "testScale"\?/)
  })

  test("a function's name stands for one function", () => {
    const f = (x: Tensor) => square(x)
    const layer = lift("testSquare", f)
    expect(lift("testSquare", f).spec).toEqual(layer.spec)
    expect(() => lift("testSquare", (x: Tensor) => x)).toThrow(/another function was lifted under the name "testSquare"/)
    expect(left(decodeAs(layerCodec, "model", { _tag: "lift", name: "testSqare" })).message).toMatch(
      /model\.name: no function "testSqare" has been lifted; did you mean "testSquare"\?/,
    )
  })
})

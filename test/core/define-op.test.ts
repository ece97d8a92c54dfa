/** An op without what the laws need is refused: when it is registered, or when it is used for the first time. */
import { describe, expect, test } from "vitest"
import {
  type AnyOp,
  type AnyTensor,
  apply1,
  axes,
  binary,
  constant,
  defineOp,
  type Elementwise,
  elementwise,
  lit,
  load,
  type Op,
  ops,
  pointwise,
  TraceError,
} from "../../src/core/index.js"

/** A record that is whole. */
const twice = (name: string): Op<null, 1, 1> => {
  const op: Op<null, 1, 1> = {
    name,
    type: (_params, [x]) => {
      if (x.elem !== "float") throw new TraceError(`${name}: expected float`)
      return [x]
    },
    jvp: (_params, _inputs, _outputs, [dx]) => [apply1(op, null, [dx])],
    transpose: (_params, _inputs, _linear, [ct]) => [apply1(op, null, [ct])],
    batch: (_params, [x]) => ({ outputs: [apply1(op, null, [x])], batched: [true] }),
    lower: (_params, [{ shape }]) => ({
      t: "index",
      nests: [pointwise(shape, binary("mul", lit(2), load(0, axes(shape.length))))],
    }),
    cheap: true,
    example: (choose) => ({ params: null, inputs: [{ elem: "float", shape: choose.shape(2) }], domains: [{ t: "real" }] }),
  }
  return op
}

const x = constant({ elem: "float", shape: [2] }, Float64Array.of(1, 2))
const use = (op: AnyOp): AnyTensor => apply1(op, null, [x])

describe("at registration", () => {
  const refused: readonly (readonly [string, (op: AnyOp) => object, RegExp])[] = [
    ["no name", (op) => ({ ...op, name: " " }), /expected a name of its own, by which graphs are stored in the field "name"/],
    [
      "no example",
      ({ example: _, ...op }) => op,
      /op "no example": expected a function in the field "example", found nothing; give it \(choose\) => /,
    ],
    ["no jvp", ({ jvp: _, ...op }) => op, /op "no jvp": expected a function in the field "jvp", found nothing; .*derivatives need it/],
    ["no batch", ({ batch: _, ...op }) => op, /expected a function in the field "batch".*vmap needs it/],
    ["no lower", ({ lower: _, ...op }) => op, /expected a function in the field "lower".*every target needs it/],
    ["cheap in words", (op) => ({ ...op, cheap: "yes" }), /expected a boolean in the field "cheap", found a string/],
    ["a transpose that is none", (op) => ({ ...op, transpose: null }), /expected a function in the field "transpose", found null/],
    ["a field in vain", (op) => ({ ...op, vjp: () => [] }), /the field "vjp" is no rule of an op; rules are name, type, jvp/],
    [
      "a mode that is none",
      (op) => ({ ...op, modes: "backwards" }),
      /found "backwards" in the field "modes"; give it one of both, forward, reverse/,
    ],
    ["reverse without its half", (op) => ({ ...op, modes: "reverse" }), /it has reverse mode only and no "split"/],
    ["constants in a list", (op) => ({ ...op, constant: [1] }), /expected a function in the field "constant", found a object; give it/],
    ["unite alone", (op) => ({ ...op, unite: () => null }), /"unite" without "identity"/],
  ]
  test.each(refused)("%s", (name, change, why) => {
    const before = ops().size
    expect(() => defineOp(change(twice(name)) as AnyOp)).toThrow(why)
    expect(ops().size).toBe(before)
  })

  test("a name that is taken", () => {
    defineOp(twice("taken"))
    expect(() => defineOp(twice("taken"))).toThrow(/an op named "taken" exists already; choose another name/)
  })

  const formula: Elementwise = {
    name: "a formula",
    inputs: [["float"], ["float"]],
    output: "float",
    scalar: ([a = lit(0)]) => a,
    jvp: () => null,
    domains: [{ t: "real" }, { t: "real" }],
  }
  test.each<readonly [string, Partial<Elementwise>, RegExp]>([
    ["domains", { domains: [{ t: "real" }] }, /elementwise: op "a formula": "domains" has 1 entries for 2 inputs; give one an input/],
    ["output", { output: 2 }, /"agree" or "output" speaks of input 2; inputs are numbered 0 to 1/],
    ["agree", { agree: [0, 3] }, /speaks of input 3/],
    ["inputs", { inputs: [] }, /"inputs" must name one element kind at least/],
  ])("a formula with wrong %s", (_what, change, why) => {
    expect(() => elementwise({ ...formula, ...change })).toThrow(why)
  })
})

describe("at first use", () => {
  const refused: readonly (readonly [string, (op: Op<null, 1, 1>) => Partial<AnyOp>, RegExp])[] = [
    [
      "an example of another type",
      () => ({ example: () => ({ params: null, inputs: [{ elem: "bool", shape: [] }], domains: [{ t: "bool" }] }) }),
      /op "an example of another type": its example \(bool\[\]\) is refused by its own "type", and the laws run on it: .*expected float/,
    ],
    [
      "a domain too few",
      () => ({ example: () => ({ params: null, inputs: [{ elem: "float", shape: [] }], domains: [] }) }),
      /an entry an input in each; found 1 and 0 of them/,
    ],
    [
      "a domain of another kind",
      () => ({ example: () => ({ params: null, inputs: [{ elem: "float", shape: [] }], domains: [{ t: "bool" }] }) }),
      /its example has the domain "bool" for input 0, which is float\[\]; the domain is one of bool/,
    ],
    ["too few tangents", () => ({ jvp: () => [] }), /its "jvp" gives 0 tangents for 1 outputs; null is one of zeros/],
    [
      "a tangent of another shape",
      () => ({ jvp: () => [constant({ elem: "float", shape: [7] }, new Float64Array(7))] }),
      /its "jvp" gives a tangent float\[7\] for output 0, which is float\[2, 2\]/,
    ],
  ]
  test.each(refused)("%s", (name, change, why) => {
    const op: AnyOp = defineOp({ ...twice(name), ...change(twice(name)) })
    expect(() => use(op)).toThrow(TraceError)
    // it is no better the second time
    expect(() => use(op)).toThrow(why)
  })

  test("a linear op without its transpose", () => {
    const { transpose: _, ...rest } = twice("one way")
    const op: Op<null, 1, 1> = defineOp<null, 1, 1>({ ...rest, jvp: (_params, _inputs, _outputs, [dx]) => [apply1(op, null, [dx])] })
    expect(() => use(op)).toThrow(
      /op "one way": its "jvp" sends tangents through "one way", which has no "transpose", so reverse mode would stop there; it is linear: give it "transpose", or say modes: "forward"/,
    )
  })

  test("but not where it says that it runs forwards only", () => {
    const { transpose: _, ...rest } = twice("one way by design")
    const op: Op<null, 1, 1> = defineOp<null, 1, 1>({
      ...rest,
      modes: "forward",
      jvp: (_params, _inputs, _outputs, [dx]) => [apply1(op, null, [dx])],
    })
    expect(use(op).shape).toEqual([2])
  })

  test("an op that is whole is used, and its example looked at once", () => {
    let looked = 0
    const good = twice("whole")
    const op = defineOp<null, 1, 1>({
      ...good,
      example: (choose) => {
        looked++
        return good.example(choose)
      },
    })
    expect(use(op).shape).toEqual([2])
    use(op)
    expect(looked).toBe(1)
  })
})

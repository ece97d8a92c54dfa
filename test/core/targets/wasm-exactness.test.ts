import { describe, expect, test } from "vitest"
import { asNumber, at, axis, binary, lit, load, plus, pointwise, select, unary } from "../../../src/core/compile/build-nest.js"
import type { Ix, Nest, Scalar } from "../../../src/core/compile/nest.js"
import type { BufferType, Schedule } from "../../../src/core/compile/schedule.js"
import type { Elem } from "../../../src/core/tensor/types.js"
import { left, right } from "../../support/either.js"
import { float, newSession } from "../../support/wasm-run.js"

const limit = 2 ** 24
const x = load(0, [axis(0)])
const y = load(1, [axis(0)])

/** One kernel over [4] of two inputs. */
const kernel = (body: Scalar, output: Elem, input: Elem = output): Schedule => {
  const buffer = (elem: Elem): BufferType => ({ elem, shape: [4] })
  return {
    buffers: [buffer(input), buffer(input), buffer(output)],
    inputs: [0, 1],
    outputs: [2],
    steps: [{ t: "kernel", name: "k", nest: pointwise([4], body), inputs: [0, 1], output: 2 }],
  }
}

const empty: Nest = pointwise([], lit(0))
const far: Ix = plus(axis(0), at(limit))

const refused: readonly (readonly [string, Schedule])[] = [
  ["a literal added to an int", kernel(binary("add", x, lit(limit + 1)), "int")],
  ["a literal that an int is compared with", kernel(binary("less", x, lit(limit + 1)), "bool", "int")],
  ["a literal in a branch of a select", kernel(select(x, lit(-limit - 1), x), "int")],
  ["a literal behind a guard", kernel({ t: "guarded", guards: [], a: lit(limit + 1) }, "int")],
  ["an index as a number", kernel(asNumber(far), "int")],
  ["an index as a float", kernel(binary("mul", asNumber(far), x), "float")],
  ["a count of random bits that is computed", kernel(threefry(binary("add", x, lit(limit + 1))), "key", "int")],
  [
    "a part that is a float in one place and whole in another",
    (() => {
      const part = binary("mul", x, lit(limit + 1))
      return kernel(binary("add", part, unary("floor", part)), "int")
    })(),
  ],
  [
    "a loop that counts further",
    {
      buffers: [],
      inputs: [],
      outputs: [],
      steps: [{ t: "loop", count: limit + 1, reverse: false, carries: [], slices: [], stacks: [], body: [] }],
    },
  ],
  [
    "a sort of longer rows",
    {
      buffers: [float(limit + 1), float(limit + 1), float(limit + 1)],
      inputs: [0],
      outputs: [],
      steps: [{ t: "routine", name: "sort", inputs: [0], outputs: [1, 2] }],
    },
  ],
]

const accepted: readonly (readonly [string, Schedule])[] = [
  ["2^24 itself", kernel(binary("add", x, lit(limit)), "int")],
  ["larger numbers that are exact", kernel(binary("add", x, lit(2 ** 30)), "int")],
  ["a large float", kernel(binary("mul", x, lit(1e30)), "float")],
  ["a large float that floats are compared with", kernel(binary("less", x, lit(1e30)), "bool", "float")],
  ["an index that only addresses", kernel(load(0, [{ t: "mod", a: far, by: 4 }]), "float")],
  ["an index that is small after a remainder", kernel(asNumber({ t: "mod", a: far, by: 7 }), "int")],
  ["an index as a count of random bits", kernel(threefry(asNumber(far)), "key", "int")],
]

function threefry(count: Scalar): Scalar {
  return { t: "threefry", key: [y, y, y, y], count, limb: lit(0) }
}

describe("whole numbers that float32 can't hold", () => {
  const session = newSession("float32")

  test.each(refused)("%s is refused, with the limit and the way out", (_, schedule) => {
    const error = left(session.loadSchedule(schedule))
    expect(error._tag).toBe("TraceError")
    expect(error.message).toMatch(/2\^24 = 16777216.*"wasm:f64"/)
  })

  test.each(refused)("%s is fine in float64", (_, schedule) => {
    right(newSession("float64").loadSchedule(schedule))
  })

  test.each(accepted)("%s is accepted", (_, schedule) => {
    right(session.loadSchedule(schedule))
  })

  test("they are found in the bodies of loops and branches too", () => {
    const [inner] = kernel(asNumber(far), "int").steps
    if (inner === undefined) throw new Error("one step")
    const buffers: BufferType[] = [{ elem: "int", shape: [4] }, { elem: "int", shape: [4] }, { elem: "int", shape: [4] }, float()]
    const none = { steps: [], results: [] }
    const bodies: Schedule["steps"] = [
      { t: "loop", count: 1, reverse: false, carries: [], slices: [], stacks: [], body: [inner] },
      { t: "while", carries: [], condition: [inner], predicate: 3, body: [] },
      { t: "while", carries: [], condition: [], predicate: 3, body: [inner] },
      { t: "cond", predicate: 3, whenTrue: { steps: [inner], results: [] }, whenFalse: none, outputs: [] },
      { t: "cond", predicate: 3, whenTrue: none, whenFalse: { steps: [inner], results: [] }, outputs: [] },
    ]
    const zero = { t: "kernel", name: "zero", nest: empty, inputs: [], output: 3 } as const
    for (const step of bodies)
      expect(left(session.loadSchedule({ buffers, inputs: [0, 1], outputs: [], steps: [zero, step] })).message).toContain(
        "k: it uses an index",
      )
  })

  test("an int tensor with such an element is not uploaded, whatever its size", () => {
    const type = (n: number): BufferType => ({ elem: "int", shape: [n] })
    expect(left(session.upload([1, limit + 1], type(2))).message).toContain("element 1 of an int tensor is 16777217")
    right(session.upload([limit, 2 ** 30], type(2)))
    right(session.upload([limit + 1], float(1)))
    right(newSession("float64").upload([limit + 1], type(1)))
    expect(left(newSession("float64").upload([1.5, NaN], type(2))).message).toContain("element 1")
  })
})

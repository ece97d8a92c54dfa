/** Every op of the language in ONNX, on its own examples. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import "../../../src/implicit/index.js"
import { type AnyOp, ops, placeholder } from "../../../src/core/index.js"
import { drawn } from "../../../src/laws/arbitraries/draw.js"
import { instance } from "../../../src/laws/op/instance.js"
import { ownRules } from "../../../src/models/onnx/convert.js"
import { exportOnnx } from "../../../src/models/onnx/index.js"
import { left } from "../../support/either.js"
import { compared } from "./support.js"

/** Ops that ONNX has no counterpart for: random bits of a key. A new op is in no list and has to agree. */
const without: readonly string[] = ["threefry", "keyBits"]

/** What a solve stops at follows from the precision: its value is exact to that, and its residual and count are another run's. */
const solves: readonly string[] = ["fixedPoint", "linearSolve"]

const all: readonly AnyOp[] = [...ops().values()]
const named = (names: readonly string[]) => all.filter(({ name }) => names.includes(name))
const runs = 4

test("the lists speak of ops that there are", () => {
  expect(named(without)).toHaveLength(without.length)
  expect(named(solves)).toHaveLength(solves.length)
  expect(named(ownRules)).toHaveLength(ownRules.length)
})

describe.each(["float32", "float64"] as const)("in %s", (precision) => {
  const plain = all.filter(({ name }) => !without.includes(name) && !solves.includes(name) && name !== "epsilon")
  test.each(plain.map((op) => [op.name, op] as const))("%s is what the interpreter makes of it", async (_, op) => {
    const cases = fc.sample(
      drawn((d) => instance(d, op)),
      { numRuns: runs, seed: 11 },
    )
    for (const { fn, x } of cases) {
      const { worst, shapes, exactShapes } = await compared(fn, x, precision)
      expect(worst).toBeLessThanOrEqual(1)
      expect(shapes).toEqual(exactShapes)
    }
  })

  test.each(named(solves).map((op) => [op.name, op] as const))("%s: its solution", async (_, op) => {
    const cases = fc.sample(
      drawn((d) => instance(d, op)),
      { numRuns: runs, seed: 11 },
    )
    for (const { fn, x } of cases) {
      const solution = { ...fn, apply: (args: Parameters<typeof fn.apply>[0]) => fn.apply(args).slice(0, 1) }
      const { worst, shapes, exactShapes } = await compared(solution, x, precision, precision === "float32" ? 1e-4 : 1e-9)
      expect(worst).toBeLessThanOrEqual(1)
      expect(shapes).toEqual(exactShapes)
    }
  })
})

test.each(named(without).map((op) => [op.name, op] as const))("%s of an input is refused by name, with what to do", (name, op) => {
  const [{ fn }] = fc.sample(
    drawn((d) => instance(d, op)),
    { numRuns: 1, seed: 1 },
  ) as [ReturnType<typeof instance>]
  const failure = left(
    exportOnnx(
      "test",
      (args: ReturnType<typeof fn.apply>) => ({ y: fn.apply(args)[0] }),
      fn.inputs.map((t) => placeholder(t, "a test")),
    ),
  )
  expect(failure).toMatchObject({ _tag: "NotExportable", op: name })
  expect(failure.message).toMatch(new RegExp(`^onnx: test can't be exported: ${name} \\(.*\\) -> .*close the function over the key`))
})

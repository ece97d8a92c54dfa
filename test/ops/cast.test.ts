import { expect, test } from "vitest"
import { grad, tensor } from "../../src/core/index.js"
import { add, cast, key, mul, stopGradient, sum } from "../../src/ops/index.js"
import { dataOf, testReferences } from "./support.js"

testReferences("cast", "stopGradient", "tap")

test("to int goes towards zero", () => {
  expect(dataOf(cast(tensor([1.5, -1.5, 0.25, -0.25, 7]), "int")).map((x) => x + 0)).toEqual([1, -1, 0, 0, 7])
})

test("to bool asks whether it is not zero; NaN is not zero", () => {
  expect(dataOf(cast(tensor([0, -0, 0.001, -2, Number.NaN]), "bool"))).toEqual([0, 0, 1, 1, 1])
})

test("from bool and int to float keeps the number", () => {
  expect(dataOf(cast(tensor([true, false]), "float"))).toEqual([1, 0])
  expect(dataOf(cast(tensor([3, -4], "int"), "float"))).toEqual([3, -4])
})

test("a cast to the same kind is nothing", () => {
  const x = tensor([1, 2])
  expect(cast(x, "float")).toBe(x)
})

test("keys are no numbers", () => {
  expect(() => cast(key(0), "int")).toThrow(/cast: keys are no numbers/)
})

test("no derivative goes through stopGradient or a cast", () => {
  const f = (x: ReturnType<typeof tensor>) =>
    sum(add(mul(stopGradient(x) as never, x as never), cast(cast(x, "int"), "float") as never) as never)
  expect(dataOf(grad(f as never)(tensor([1.5, 2.5]) as never) as never)).toEqual([1.5, 2.5])
})

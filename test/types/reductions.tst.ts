/** Reductions over literal axes in the types. */
import { describe, expect, test } from "tstyche"
import { all, any, logsumexp, max, mean, min, softmax, sum, sumInt, type Tensor, type Unchecked } from "../../src/index.js"
import { named } from "./named.js"

const x = named(["B", 3, 4])
const truths = null as never as Tensor<["B", 3], "bool">
const axis = null as never as number

describe("a reduction", () => {
  test("over all axes is a scalar", () => {
    expect(sum(x)).type.toBe<Tensor<[]>>()
    expect(mean(null as never as Tensor)).type.toBe<Tensor<[]>>()
    expect(any(truths)).type.toBe<Tensor<[], "bool">>()
  })
  test("loses the axes: one, several, none, negative ones", () => {
    expect(sum(x, [1])).type.toBe<Tensor<["B", 4]>>()
    expect(max(x, [0, 2])).type.toBe<Tensor<[3]>>()
    expect(min(x, [])).type.toBe<Tensor<["B", 3, 4]>>()
    expect(mean(x, [-1])).type.toBe<Tensor<["B", 3]>>()
    expect(mean(x, [-1, 0, 1])).type.toBe<Tensor<[]>>()
    expect(all(truths, [0])).type.toBe<Tensor<[3], "bool">>()
    expect(sumInt(null as never as Tensor<[2, 3], "int">, [0])).type.toBe<Tensor<[3], "int">>()
    expect(logsumexp(x)).type.toBe<Tensor<["B", 3]>>()
    expect(logsumexp(x, 0)).type.toBe<Tensor<[3, 4]>>()
  })
  test("keeps them with size 1 where asked", () => {
    expect(sum(x, [1], { keepDims: true })).type.toBe<Tensor<["B", 1, 4]>>()
    expect(max(x, [0, -1], { keepDims: true })).type.toBe<Tensor<[1, 3, 1]>>()
    expect(max(x, [0, -1], { keepDims: false })).type.toBe<Tensor<[3]>>()
    expect(max(x, [0], { keepDims: null as never as boolean })).type.toBe<Tensor>()
  })
  test("refuses axes that are not there or stand twice", () => {
    // @ts-expect-error ShapeError<"reduce: axis 3 does not exist in [B, 3, 4]">
    sum(x, [3])
    // @ts-expect-error ShapeError<"reduce: axis -4 does not exist in [B, 3, 4]">
    mean(x, [0, -4])
    // @ts-expect-error ShapeError<"reduce: axis -1 of [B, 3, 4] is named twice">
    max(x, [2, -1])
    // @ts-expect-error ShapeError<"softmax: axis 3 does not exist in [B, 3, 4]">
    softmax(x, 3)
  })
  test("is unchecked where the axes or the rank is not known", () => {
    expect(sum(x, [axis])).type.toBe<Tensor>()
    expect(sum(x, null as never as number[])).type.toBe<Tensor>()
    expect(sum(null as never as Tensor, [1])).type.toBe<Tensor>()
    expect(sum(null as never as Tensor<[Unchecked, 3]>, [1])).type.toBe<Tensor<[Unchecked]>>()
  })
})

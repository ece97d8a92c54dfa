/** Point-by-point ops in the types: shapes are broadcast together. */
import { pipe } from "fp-ts/lib/function.js"
import { describe, expect, test } from "tstyche"
import { add, and, div, equal, greater, less, mul, relu, sub, type Tensor, tanh, type Unchecked, where } from "../../src/index.js"
import { named } from "./named.js"

const x = named(["B", 3, 4])
const truths = null as never as Tensor<["B", 3], "bool">

describe("two shapes", () => {
  test("are aligned at the last axis; 1 stretches", () => {
    expect(add(x, named([4]))).type.toBe<Tensor<["B", 3, 4]>>()
    expect(mul(named([4]), x)).type.toBe<Tensor<["B", 3, 4]>>()
    expect(div(named(["B", 1, 4]), named([3, 1]))).type.toBe<Tensor<["B", 3, 4]>>()
    expect(add(x, named([]))).type.toBe<Tensor<["B", 3, 4]>>()
    expect(less(x, named([4]))).type.toBe<Tensor<["B", 3, 4], "bool">>()
    expect(and(truths, null as never as Tensor<[3], "bool">)).type.toBe<Tensor<["B", 3], "bool">>()
  })
  test("may be a number", () => {
    expect(add(x, 1)).type.toBe<Tensor<["B", 3, 4]>>()
    expect(greater(1, x)).type.toBe<Tensor<["B", 3, 4], "bool">>()
    expect(pipe(x, mul(2), add(named([3, 4])))).type.toBe<Tensor<["B", 3, 4]>>()
  })
  test("of whole numbers give whole numbers; kinds are not mixed", () => {
    const whole = null as never as Tensor<["B", 3], "int">
    expect(add(whole, 1)).type.toBe<Tensor<["B", 3], "int">>()
    expect(mul(whole, null as never as Tensor<[3], "int">)).type.toBe<Tensor<["B", 3], "int">>()
    expect(less(whole, 2)).type.toBe<Tensor<["B", 3], "bool">>()
    expect(equal(truths, truths)).type.toBe<Tensor<["B", 3], "bool">>()
    expect(add).type.not.toBeCallableWith(whole, named([3]))
    expect(div).type.not.toBeCallableWith(whole, whole)
    expect(less).type.not.toBeCallableWith(truths, truths)
  })
  test("that don't fit are refused at the second argument", () => {
    // @ts-expect-error ShapeError<"add: shapes do not broadcast: [3] with [4]">
    add(named([3]), named([4]))
    // @ts-expect-error ShapeError<"mul: shapes do not broadcast: [B, 3, 4] with [8, 3, 4]">
    mul(x, named([8, 3, 4]))
    // @ts-expect-error ShapeError<"sub: shapes do not broadcast: [3] with [4]">
    pipe(named([3]), sub(named([4])))
    // @ts-expect-error ShapeError<"and: shapes do not broadcast: [B, 3] with [4]">
    and(truths, null as never as Tensor<[4], "bool">)
  })
  test("unchecked dimensions fit any size", () => {
    expect(add(null as never as Tensor<[Unchecked, 3]>, named(["B", 3]))).type.toBe<Tensor<[Unchecked, 3]>>()
    expect(add(null as never as Tensor<[Unchecked]>, named(["B", 3]))).type.toBe<Tensor<["B", 3]>>()
    expect(add(null as never as Tensor, x)).type.toBe<Tensor>()
  })
})

describe("where", () => {
  test("broadcasts all three", () => {
    expect(where(truths, named(["B", 3]), 0)).type.toBe<Tensor<["B", 3]>>()
    expect(where(truths, 1, named([3]))).type.toBe<Tensor<["B", 3]>>()
    expect(where(truths, named([4, 1, 3]), named([3]))).type.toBe<Tensor<[4, "B", 3]>>()
  })
  test("refuses what does not fit", () => {
    // @ts-expect-error ShapeError<"where: shapes do not broadcast: [B, 3] with [4]">
    where(truths, named([4]), 0)
    // @ts-expect-error ShapeError<"where: shapes do not broadcast: [B, 3] with [2]">
    where(truths, named([3]), named([2]))
  })
})

test("rank-generic code keeps its shape", () => {
  const f = <S extends readonly (number | string)[]>(q: Tensor<S>) => add(q, where(less(q, 0), tanh(q), relu(q)))
  expect(f(named([2, 3]))).type.toBe<Tensor<[2, 3]>>()
})

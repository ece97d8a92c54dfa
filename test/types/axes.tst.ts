/** Axes moved, added, picked and cut, in the types. */
import { describe, expect, test } from "tstyche"
import {
  argmax,
  concat,
  expandAxis,
  indexAxis,
  moveAxis,
  permute,
  reshape,
  sliceAxis,
  sort,
  stack,
  type Tensor,
  take,
  transpose,
  type Unchecked,
} from "../../src/index.js"
import { named } from "./named.js"

const x = named(["B", 3, 4])
const ints = null as never as Tensor<["B", 3], "int">
const unknownRank = null as never as Tensor
const axis = null as never as number

describe("permute and transpose", () => {
  test("follow literal orders, negative axes too", () => {
    expect(permute(x, [2, 0, 1])).type.toBe<Tensor<[4, "B", 3]>>()
    expect(permute(x, [-1, 0, -2])).type.toBe<Tensor<[4, "B", 3]>>()
    expect(permute(ints, [1, 0])).type.toBe<Tensor<[3, "B"], "int">>()
    expect(transpose(x)).type.toBe<Tensor<["B", 4, 3]>>()
  })
  test("refuse what is no order", () => {
    // @ts-expect-error ShapeError<"permute: [0, 1] is no order of the axes of [B, 3, 4]">
    permute(x, [0, 1])
    // @ts-expect-error ShapeError<"permute: [0, 1, 1] is no order of the axes of [B, 3, 4]">
    permute(x, [0, 1, 1])
    // @ts-expect-error ShapeError<"permute: [0, 1, 3] is no order of the axes of [B, 3, 4]">
    permute(x, [0, 1, 3])
    // @ts-expect-error ShapeError<"transpose: expected at least two axes, found [3]">
    transpose(named([3]))
  })
  test("are unchecked where the order or the rank is not known", () => {
    expect(permute(x, [axis, 0, 1])).type.toBe<Tensor>()
    expect(permute(x, null as never as number[])).type.toBe<Tensor>()
    expect(permute(unknownRank, [2, 0, 1])).type.toBe<Tensor>()
    expect(transpose(unknownRank)).type.toBe<Tensor>()
  })
})

describe("moveAxis", () => {
  test("keeps the order of the others", () => {
    expect(moveAxis(x, 0, 2)).type.toBe<Tensor<[3, 4, "B"]>>()
    expect(moveAxis(x, -1, 0)).type.toBe<Tensor<[4, "B", 3]>>()
    expect(moveAxis(x, 1, -1)).type.toBe<Tensor<["B", 4, 3]>>()
    expect(moveAxis(x, axis, 0)).type.toBe<Tensor>()
  })
  test("refuses axes that are not there", () => {
    // @ts-expect-error ShapeError<"moveAxis: axis 3 does not exist in [B, 3, 4]">
    moveAxis(x, 3, 0)
    // @ts-expect-error ShapeError<"moveAxis: axis -4 does not exist in [B, 3, 4]">
    moveAxis(x, 0, -4)
  })
})

describe("expandAxis", () => {
  test("adds a size of 1 at a position of the result", () => {
    expect(expandAxis(x, 0)).type.toBe<Tensor<[1, "B", 3, 4]>>()
    expect(expandAxis(x, 3)).type.toBe<Tensor<["B", 3, 4, 1]>>()
    expect(expandAxis(x, -1)).type.toBe<Tensor<["B", 3, 4, 1]>>()
    expect(expandAxis(x, -4)).type.toBe<Tensor<[1, "B", 3, 4]>>()
    expect(expandAxis(named([]), 0)).type.toBe<Tensor<[1]>>()
    expect(expandAxis(x, axis)).type.toBe<Tensor>()
  })
  test("refuses positions outside the result", () => {
    // @ts-expect-error ShapeError<"expandAxis: axis 4 does not exist in [1, B, 3, 4]">
    expandAxis(x, 4)
  })
})

describe("indexAxis, sliceAxis, take", () => {
  test("drop or cut their axis", () => {
    expect(indexAxis(x, 0, 5)).type.toBe<Tensor<[3, 4]>>()
    expect(indexAxis(x, -1, -1)).type.toBe<Tensor<["B", 3]>>()
    expect(indexAxis(x, 1, axis)).type.toBe<Tensor<["B", 4]>>()
    expect(sliceAxis(x, 2, 1, 3)).type.toBe<Tensor<["B", 3, 2]>>()
    expect(sliceAxis(named(["B", 192]), -1, 64, 128)).type.toBe<Tensor<["B", 64]>>()
    expect(sliceAxis(named(["B", 192]), -1, 1, -1)).type.toBe<Tensor<["B", 190]>>()
    expect(sliceAxis(named(["B", 192]), -1, -100, 192)).type.toBe<Tensor<["B", 100]>>()
    expect(sliceAxis(x, 1, 2, 1)).type.toBe<Tensor<["B", 0, 4]>>()
    expect(take(x, ints, 1)).type.toBe<Tensor<["B", "B", 3, 4]>>()
    expect(take(x, ints)).type.toBe<Tensor<["B", 3, 3, 4]>>()
  })
  test("leave a size unchecked that is not known", () => {
    expect(sliceAxis(x, 0, 0, 8)).type.toBe<Tensor<[8, 3, 4]>>()
    expect(sliceAxis(x, 0, 0, -1)).type.toBe<Tensor<[Unchecked, 3, 4]>>()
    expect(sliceAxis(x, 1, axis, 3)).type.toBe<Tensor<["B", Unchecked, 4]>>()
    expect(sliceAxis(x, axis, 0, 1)).type.toBe<Tensor>()
    expect(indexAxis(unknownRank, 0, 0)).type.toBe<Tensor>()
  })
  test("refuse axes and positions that are not there", () => {
    // @ts-expect-error ShapeError<"indexAxis: axis 3 does not exist in [B, 3, 4]">
    indexAxis(x, 3, 0)
    // @ts-expect-error ShapeError<"indexAxis: position 3 lies outside axis 1 of size 3">
    indexAxis(x, 1, 3)
    // @ts-expect-error ShapeError<"indexAxis: position -4 lies outside axis 1 of size 3">
    indexAxis(x, 1, -4)
    // @ts-expect-error ShapeError<"sliceAxis: position 5 lies outside axis -1 of size 4">
    sliceAxis(x, -1, 0, 5)
    // @ts-expect-error ShapeError<"take: axis 3 does not exist in [B, 3, 4]">
    take(x, ints, 3)
  })
})

describe("concat", () => {
  test("adds sizes along its axis", () => {
    expect(concat([named(["B", 64]), named(["B", 128]), named(["B", 9])], 1)).type.toBe<Tensor<["B", 201]>>()
    expect(concat([named([999, 2]), named([1, 2])], -2)).type.toBe<Tensor<[1000, 2]>>()
    expect(concat([x], 1)).type.toBe<Tensor<["B", 3, 4]>>()
  })
  test("leaves a sum unchecked where a part is named", () => {
    expect(concat([x, x], 0)).type.toBe<Tensor<[Unchecked, 3, 4]>>()
    expect(concat([x, x], axis)).type.toBe<Tensor>()
    expect(concat([x, unknownRank], 0)).type.toBe<Tensor>()
    expect(concat(null as never as Tensor<[2, 3]>[], 0)).type.toBe<Tensor>()
    expect(concat([named([2, 3]), null as never as Tensor<[Unchecked, Unchecked]>], 0)).type.toBe<Tensor<[Unchecked, 3]>>()
  })
  test("names the part that does not fit", () => {
    // @ts-expect-error ShapeError<"concat: [B, 5] does not fit [B, 4] along axis 0">
    concat([named(["B", 4]), named(["B", 4]), named(["B", 5])], 0)
    // @ts-expect-error ShapeError<"concat: [4] does not fit [B, 4] along axis 0">
    concat([named(["B", 4]), named([4])], 0)
    // @ts-expect-error ShapeError<"concat: axis 2 does not exist in [B, 4]">
    concat([named(["B", 4]), named(["B", 4])], 2)
  })
})

describe("stack", () => {
  test("puts the number of its parts along a new axis", () => {
    expect(stack([x, x])).type.toBe<Tensor<[2, "B", 3, 4]>>()
    expect(stack([x, x, x], -1)).type.toBe<Tensor<["B", 3, 4, 3]>>()
    expect(stack([x, x], axis)).type.toBe<Tensor>()
    expect(stack(null as never as Tensor<[2]>[])).type.toBe<Tensor>()
  })
  test("names the part that does not fit", () => {
    // @ts-expect-error ShapeError<"stack: [3] does not fit [2]">
    stack([named([2]), named([3])])
  })
})

describe("reshape, sort, argmax", () => {
  test("give the sizes that are known", () => {
    expect(reshape(x, [2, 6])).type.toBe<Tensor<[2, 6]>>()
    expect(reshape(x, [2, -1])).type.toBe<Tensor<[2, Unchecked]>>()
    expect(reshape(x, [axis, 6])).type.toBe<Tensor<[Unchecked, 6]>>()
    expect(reshape(x, null as never as number[])).type.toBe<Tensor>()
    expect(sort(x).values).type.toBe<Tensor<["B", 3, 4]>>()
    expect(sort(x, 1).positions).type.toBe<Tensor<["B", 3, 4], "int">>()
    expect(argmax(x, -1)).type.toBe<Tensor<["B", 3], "int">>()
  })
})

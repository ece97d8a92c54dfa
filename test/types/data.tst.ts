/** Shapes where data enters the language, and unchecked shapes, which block nobody. */
import { describe, expect, test } from "tstyche"
import {
  broadcastTo,
  eye,
  full,
  iota,
  key,
  normal,
  onesLike,
  split,
  type Tensor,
  tensor,
  type Unchecked,
  uniform,
  zeros,
  zerosLike,
} from "../../src/index.js"
import { named } from "./named.js"

const n = null as never as number

describe("shapes come from data", () => {
  test("nested arrays", () => {
    expect(tensor([1, 2, 3])).type.toBe<Tensor<[3]>>()
    expect(
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ).type.toBe<Tensor<[3, 2]>>()
    expect(tensor([true, false])).type.toBe<Tensor<[2], "bool">>()
    expect(tensor(3)).type.toBe<Tensor<[]>>()
    expect(tensor([0, 1], "int")).type.toBe<Tensor<[2], "int">>()
  })
  test("typed arrays with a shape, names among them", () => {
    expect(tensor(new Float32Array(128), ["B", 64])).type.toBe<Tensor<["B", 64]>>()
    expect(tensor(new Float32Array(128))).type.toBe<Tensor<[Unchecked]>>()
    expect(tensor(new Float32Array(128), [n, 64])).type.toBe<Tensor<[Unchecked, 64]>>()
    expect(tensor(new Float32Array(128), null as never as number[])).type.toBe<Tensor>()
  })
})

describe("shapes that are written", () => {
  test("are no readonly tuples", () => {
    expect(zeros([2, 3])).type.toBe<Tensor<[2, 3]>>()
    expect(full([2], 7)).type.toBe<Tensor<[2]>>()
    expect(broadcastTo(named([3]), [2, 3])).type.toBe<Tensor<[2, 3]>>()
    expect(uniform(key(0), [2, 3])).type.toBe<Tensor<[2, 3]>>()
    expect(split(key(0), 4)).type.toBe<Tensor<[4], "key">>()
    expect(eye(3)).type.toBe<Tensor<[3, 3]>>()
    expect(iota(5)).type.toBe<Tensor<[5], "int">>()
    expect(zerosLike(named(["B", 3]))).type.toBe<Tensor<["B", 3]>>()
    expect(onesLike(named(["B", 3]))).type.toBe<Tensor<["B", 3]>>()
  })
  test("are unchecked where a size is no literal", () => {
    expect(zeros([n, 3])).type.toBe<Tensor<[Unchecked, 3]>>()
    expect(normal(key(0), [n])).type.toBe<Tensor<[Unchecked]>>()
    expect(eye(n)).type.toBe<Tensor<[Unchecked, Unchecked]>>()
    expect(iota(n)).type.toBe<Tensor<[Unchecked], "int">>()
    expect(zeros(null as never as number[])).type.toBe<Tensor>()
  })
})

describe("unchecked dimensions", () => {
  test("are assignable both ways", () => {
    expect(named(["B", 64])).type.toBeAssignableTo<Tensor<[Unchecked, 64]>>()
    expect<Tensor<[Unchecked, 64]>>().type.toBeAssignableTo<Tensor<["B", 64]>>()
    expect<Tensor>().type.toBeAssignableTo<Tensor<["B", 64]>>()
    expect(named(["B", 64])).type.toBeAssignableTo<Tensor>()
  })
  test("are the only way between names and sizes", () => {
    expect(named([8, 64])).type.not.toBeAssignableTo<Tensor<["B", 64]>>()
    expect(named(["N", 64])).type.not.toBeAssignableTo<Tensor<["B", 64]>>()
    expect(named(["B", 64])).type.not.toBeAssignableTo<Tensor<["B", 63]>>()
    expect(named(["B", 64])).type.not.toBeAssignableTo<Tensor<["B"]>>()
    expect(named([2])).type.not.toBeAssignableTo<Tensor<[2], "int">>()
  })
})

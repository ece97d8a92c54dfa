import { describe, expect, it } from "vitest"
import { type Dim, placeholder, TraceError, tensor, toArray, toNested, toNumber } from "../../../src/core/index.js"
import { key, mul } from "../../../src/ops/index.js"

describe("tensor", () => {
  it.each([
    [() => tensor(3), "float[]", 3],
    [() => tensor([1, 2]), "float[2]", [1, 2]],
    [() => tensor([[1, 2, 3]]), "float[1, 3]", [[1, 2, 3]]],
    [() => tensor([true, false]), "bool[2]", [1, 0]],
    [() => tensor([0, 2, 1], "int"), "int[3]", [0, 2, 1]],
    [() => tensor([1, 0], [2, 1], "bool"), "bool[2, 1]", [[1], [0]]],
    [
      () => tensor(new Float32Array([1, 2, 3, 4]), ["B", 2]),
      "float[2, 2]",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      () => tensor(new Uint8Array(8), ["N", 2, "N"]),
      "float[2, 2, 2]",
      [
        [
          [0, 0],
          [0, 0],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
    ],
    [() => tensor(new Int32Array([1, 2]), "int"), "int[2]", [1, 2]],
    [() => tensor([], [0, 3]), "float[0, 3]", []],
    [
      () => tensor([1, 2, 3, 4], [2, 2]),
      "float[2, 2]",
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])("%s", (make, type, nested) => {
    const t = make()
    expect(String(t)).toContain(type)
    expect(toNested(t)).toEqual(nested)
  })

  it.each([
    [() => tensor([[1, 2], [3]]), "rows differ: data[1] has 1 entries, its first neighbour has 2"],
    [() => tensor([1, [2]] as never), "expected numbers, truth values or nested arrays of them, found an object at data[1]"],
    [() => tensor([1, true]), "numbers and truth values are mixed"],
    [() => tensor(["1"] as never), "found string 1 at data[0]"],
    [() => tensor(null as never), "found null at data"],
    [() => tensor([1, 2, 3], [2]), "the shape [2] has 2 elements, the data has 3"],
    [() => tensor([1, 2, 3], ["B", 2]), 'no size of B in the shape ["B", 2] gives the 3 elements'],
    [() => tensor([1, 2, 3], ["A", "B"]), "has 2 names"],
    [
      () =>
        tensor(
          [
            [1, 2],
            [3, 4],
          ],
          [4],
        ),
      "the nested arrays have the shape [2, 2], not [4]",
    ],
    [() => tensor([1], [-1]), "found -1"],
    [() => tensor([1.5], "int"), "element 0 is 1.5, expected whole numbers of 32 bits"],
    [() => tensor([2 ** 31], "int"), "expected whole numbers of 32 bits"],
    [() => tensor([2], "bool"), "expected truth values"],
    [() => tensor([1], "key" as never), "make keys with key(seed)"],
    [() => tensor([1], [1] as readonly Dim[], "complex" as never), "expected the kind float, int or bool, found complex"],
  ])("%s", (make, message) => {
    expect(make).toThrow(TraceError)
    expect(make).toThrow(message)
  })

  it("owns its data", () => {
    const data = new Float64Array([1, 2])
    const t = tensor(data)
    data[0] = 9
    toArray(t)[1] = 9
    expect(toNested(t)).toEqual([1, 2])
  })
})

describe("toArray, toNumber, toNested", () => {
  it("give the limbs of a key", () => {
    expect([...toArray(key(2 ** 32 + 65537))]).toEqual([0, 1, 1, 1])
  })
  it.each([
    [() => toArray(mul(tensor(1), 2)), "toArray: this float[] is an expression (mul) that has no value yet; evaluate(...) computes it"],
    [() => toNumber(tensor([1, 2])), "toNumber: expected one element, found float[2]"],
    [() => toNumber(placeholder({ elem: "float", shape: [] }, "f") as never), "has no value yet"],
    [() => toArray(3 as never), "toArray: expected a tensor, found number"],
    [() => toArray({} as never), "values that stay on a device are read back with read(...)"],
  ])("%s", (f, message) => {
    expect(f).toThrow(message)
  })
})

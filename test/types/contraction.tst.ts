/** Matrix products and Einstein's notation in the types. */
import { pipe } from "fp-ts/lib/function.js"
import { describe, expect, test } from "tstyche"
import { add, einsum, matmul, type Tensor, type Unchecked } from "../../src/index.js"
import { named } from "./named.js"

const a = named(["B", 3, 4])
const b = named(["B", 4, 5])

describe("matmul", () => {
  test("contracts the inner dimensions", () => {
    expect(matmul(named([2, 3]), named([3, 4]))).type.toBe<Tensor<[2, 4]>>()
    expect(matmul(named(["B", 784]), named([784, "K"]))).type.toBe<Tensor<["B", "K"]>>()
  })
  test("broadcasts leading axes", () => {
    expect(matmul(a, b)).type.toBe<Tensor<["B", 3, 5]>>()
    expect(matmul(a, named([4, 5]))).type.toBe<Tensor<["B", 3, 5]>>()
    expect(matmul(named([1, 7, 2, 4]), named([8, 1, 4, 5]))).type.toBe<Tensor<[8, 7, 2, 5]>>()
  })
  test("is data-last in a pipe", () => {
    expect(pipe(named(["B", 784]), matmul(named([784, 10])), add(named([10])))).type.toBe<Tensor<["B", 10]>>()
  })
  test("refuses inner dimensions that differ", () => {
    // @ts-expect-error ShapeError<"matmul: inner dimensions differ: [B, 784] x [512, 10]">
    matmul(named(["B", 784]), named([512, 10]))
    // @ts-expect-error ShapeError<"matmul: inner dimensions differ: [B, 784] x [512, 10]">
    pipe(named(["B", 784]), matmul(named([512, 10])))
    // @ts-expect-error ShapeError<"matmul: inner dimensions differ: [2, N] x [3, 4]">
    matmul(named([2, "N"]), named([3, 4]))
  })
  test("refuses leading axes that differ", () => {
    // @ts-expect-error ShapeError<"matmul: leading axes do not broadcast: [2, 3, 4] x [5, 4, 6]">
    matmul(named([2, 3, 4]), named([5, 4, 6]))
  })
  test("refuses vectors", () => {
    // @ts-expect-error ShapeError<"matmul: expected matrices: [3] x [3, 4]">
    matmul(named([3]), named([3, 4]))
  })
  test("lets unchecked shapes pass", () => {
    expect(matmul(null as never as Tensor, named([3, 4]))).type.toBe<Tensor>()
    expect(matmul(null as never as Tensor<[Unchecked, Unchecked]>, named([3, 4]))).type.toBe<Tensor<[Unchecked, 4]>>()
    const generic = <S extends readonly (number | string)[]>(x: Tensor<S>) => matmul(x as Tensor, named([3, 4]))
    expect(generic(named([2, 3]))).type.toBe<Tensor>()
  })
})

describe("einsum", () => {
  test("is a matrix product, a batched one, an outer one, a transposition, a sum", () => {
    expect(einsum("ij,jk->ik", named([2, 3]), named([3, 4]))).type.toBe<Tensor<[2, 4]>>()
    expect(einsum("bij,bjk->bik", a, b)).type.toBe<Tensor<["B", 3, 5]>>()
    expect(einsum("i,j->ij", named([2]), named(["N"]))).type.toBe<Tensor<[2, "N"]>>()
    expect(einsum("bij->jbi", a)).type.toBe<Tensor<[4, "B", 3]>>()
    expect(einsum("bij->", a)).type.toBe<Tensor<[]>>()
  })
  test("takes any order of labels, capitals and blanks", () => {
    expect(einsum("b i K, b K d -> d i b", a, b)).type.toBe<Tensor<[5, 3, "B"]>>()
    expect(einsum("bhqd,bhkd->bhqk", named(["B", 8, "Q", 64]), named(["B", 8, "K", 64]))).type.toBe<Tensor<["B", 8, "Q", "K"]>>()
  })
  test("names the label and both operands where sizes differ, at the later operand", () => {
    // @ts-expect-error ShapeError<"einsum: label j is 3 in operand 0 and 4 in operand 1">
    einsum("ij,jk->ik", named([2, 3]), named([4, 5]))
    // @ts-expect-error ShapeError<"einsum: label b is B in operand 0 and 8 in operand 1">
    einsum("bij,bjk->bik", a, named([8, 4, 5]))
    // @ts-expect-error ShapeError<"einsum: label i is 2 in operand 0 and 3 in operand 0">
    einsum("ii->i", named([2, 3]))
  })
  test("counts axes and labels", () => {
    // @ts-expect-error ShapeError<"einsum: operand 1 is [B, 4, 5] and has 2 labels (jk)">
    einsum("ij,jk->ik", named([2, 4]), b)
    // @ts-expect-error ShapeError<"einsum: operand 0 is [2, 4] and has 1 label (i)">
    einsum("i->i", named([2, 4]))
  })
  test("counts operands", () => {
    // @ts-expect-error ShapeError<"einsum: ij,jk->ik names 2 operands, found 1">
    einsum("ij,jk->ik", named([2, 3]))
    // @ts-expect-error ShapeError<"einsum: ij->ji names 1 operand, found 2">
    einsum("ij->ji", named([2, 3]), named([2, 3]))
  })
  test("knows the labels of the result", () => {
    // @ts-expect-error ShapeError<"einsum: label z of the result is in no operand of ij,jk->iz">
    einsum("ij,jk->iz", named([2, 3]), named([3, 4]))
    // @ts-expect-error ShapeError<"einsum: label i is twice in the result of ij->ii">
    einsum("ij->ii", named([2, 3]))
    // @ts-expect-error ShapeError<"einsum: ij,jk names no result, as ij,jk->ik does">
    einsum("ij,jk", named([2, 3]), named([3, 4]))
  })
  test("is unchecked where the notation, the operands or a size is not known", () => {
    expect(einsum("ij,jk->ik" as string, a, b)).type.toBe<Tensor>()
    expect(einsum(`ij,jk->${"i" as string}`, a, b)).type.toBe<Tensor>()
    expect(einsum("ij->ji" as "ij->ji" | "ij->ij", named([2, 3]))).type.toBe<Tensor>()
    expect(einsum("ij,jk->ik", ...(null as never as Tensor[]))).type.toBe<Tensor>()
    expect(einsum("ij,jk->ik", null as never as Tensor, named([3, 4]))).type.toBe<Tensor<[Unchecked, 4]>>()
    expect(einsum("ij,jk->jk", null as never as Tensor<[2, Unchecked]>, named([3, 4]))).type.toBe<Tensor<[3, 4]>>()
    // @ts-expect-error ShapeError<"einsum: label j is 3 in operand 1 and 4 in operand 2">
    einsum("ij,jk,jl->il" as const, null as never as Tensor<[2, Unchecked]>, named([3, 4]), named([4, 5]))
  })
})

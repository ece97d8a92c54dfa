/** The typed surface: what compiles, what doesn't, and with which words. */

import { pipe } from "fp-ts/lib/function.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { describe, expect, test } from "tstyche"
import {
  add,
  anderson,
  argsort,
  compile,
  cumsum,
  dynamicSlice,
  fixedPoint,
  grad,
  matmul,
  mean,
  oneHot,
  outer,
  permute,
  prod,
  type RunError,
  reverse,
  square,
  squeeze,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  tril,
  type Unchecked,
  valueAndGrad,
  vmap,
  zerosLike,
} from "../../src/index.js"

declare const named: <const S extends readonly (number | string)[]>(shape: S) => Tensor<{ -readonly [K in keyof S]: S[K] }>

const equilibrium = (w: Tensor<[64, 64]>, x: Tensor<["B", 64]>) =>
  fixedPoint((z) => tanh(add(matmul(z, w), x)), zerosLike(x), anderson({ memory: 5 }))
const loss = (p: { w: Tensor<[64, 64]> }, x: Tensor<["B", 64]>) => mean(square(equilibrium(p.w, x)))
const step = compile(valueAndGrad(loss), { target: "wasm" })
const w = named([64, 64])
const x8 = named([8, 64])

describe("an implicit layer", () => {
  test("keeps the shape of its state", () => {
    expect(equilibrium(w, named(["B", 64]))).type.toBe<Tensor<["B", 64]>>()
  })
  test("compiled, accepts any size for a name", () => {
    expect(step({ w }, x8)).type.toBeAssignableTo<TaskEither<RunError, readonly [Tensor<[]>, { readonly w: Tensor<[64, 64]> }]>>()
  })
  test("f maps states to states", () => {
    // @ts-expect-error not assignable
    fixedPoint((z) => matmul(z, named([64, 32])), zerosLike(named(["B", 64])), anderson())
  })
  test("a fixed size stays fixed", () => {
    // @ts-expect-error not assignable
    step({ w }, named([8, 63]))
  })
  test("a name is rigid inside the language", () => {
    // @ts-expect-error not assignable
    grad(loss)({ w }, x8)
  })
})

describe("gradients", () => {
  test("have the type of the parameters, null where a leaf isn't float", () => {
    interface Params {
      readonly w: Tensor<[64, 64]>
      readonly step: Tensor<[], "int">
    }
    const g = grad((p: Params) => mean(p.w))({ w, step: null as never })
    expect(g).type.toBe<{ readonly w: Tensor<[64, 64]>; readonly step: null }>()
  })
  test("of gradients", () => {
    expect(grad((p: { w: Tensor<[64, 64]> }) => mean(square(grad(loss)(p, named(["B", 64])).w)))).type.toBeCallableWith({ w })
  })
  test("of something that is no tree of tensors are refused", () => {
    // @ts-expect-error not assignable
    grad((_p: { name: string }) => mean(named([2])))({ name: "w" })
  })
})

describe("shapes", () => {
  test("flow through a pipe", () => {
    expect(pipe(named(["B", 784]), matmul(named([784, 10])), add(named([10])))).type.toBe<Tensor<["B", 10]>>()
  })
  test("that don't broadcast are named at the argument", () => {
    // @ts-expect-error add: shapes do not broadcast: [3] with [4]
    add(named([3]), named([4]))
  })
  test("whose inner dimensions differ are named at the argument", () => {
    // @ts-expect-error matmul: inner dimensions differ: [B, 784] x [512, 10]
    matmul(named(["B", 784]), named([512, 10]))
  })
  test("unknown dimensions go both ways", () => {
    expect(named(["B", 64])).type.toBeAssignableTo<Tensor<[Unchecked, 64]>>()
    expect<Tensor<[Unchecked, 64]>>().type.toBeAssignableTo<Tensor<["B", 64]>>()
  })
  test("are kept by rank-generic code", () => {
    const f = <S extends readonly (number | string)[]>(q: Tensor<S>) => add(q, tanh(q))
    expect(f(named([2, 3]))).type.toBe<Tensor<[2, 3]>>()
  })
  test("lose reduced axes, and are permuted by literal orders", () => {
    expect(sum(named(["B", 3, 4]), [1])).type.toBe<Tensor<["B", 4]>>()
    expect(permute(named(["B", 3, 4]), [2, 0, 1])).type.toBe<Tensor<[4, "B", 3]>>()
    expect(transpose(named(["B", 3, 4]))).type.toBe<Tensor<["B", 4, 3]>>()
  })
  test("come from data", () => {
    expect(tensor([1, 2, 3])).type.toBe<Tensor<[3]>>()
    expect(tensor(new Float32Array(128), ["B", 64])).type.toBe<Tensor<["B", 64]>>()
  })
  test("vmap takes polymorphic ops", () => {
    expect(vmap(matmul)).type.toBeCallableWith(named([5, 2, 3]), named([5, 3, 4]))
  })
})

describe("array ops", () => {
  test("keep shapes where they move or accumulate", () => {
    expect(cumsum(named(["B", 4]))).type.toBe<Tensor<["B", 4]>>()
    expect(reverse(named(["B", 4]), [0])).type.toBe<Tensor<["B", 4]>>()
    expect(tril(named([3, 3]))).type.toBe<Tensor<[3, 3]>>()
    expect(argsort(named(["B", 4]))).type.toBe<Tensor<["B", 4], "int">>()
  })
  test("say what they add and take away", () => {
    expect(prod(named(["B", 4]), [1])).type.toBe<Tensor<["B"]>>()
    expect(squeeze(named(["B", 1]), [1])).type.toBe<Tensor<["B"]>>()
    expect(outer(named(["B"]), named([3]))).type.toBe<Tensor<["B", 3]>>()
    expect(oneHot(argsort(named(["B"])), 10)).type.toBe<Tensor<["B", 10]>>()
    expect(dynamicSlice(named([4, 5]), [0, 0], [2, 5])).type.toBe<Tensor<[2, 5]>>()
  })
})

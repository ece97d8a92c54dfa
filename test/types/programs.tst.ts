/** Solves, loops and compiled programs in the types. */
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { describe, expect, test } from "tstyche"
import {
  add,
  anderson,
  checkpoint,
  compile,
  cond,
  fixedPoint,
  type Handle,
  linearSolve,
  matmul,
  mean,
  mul,
  newton,
  type RunError,
  root,
  scan,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
  type Unchecked,
  valueAndGrad,
  whileLoop,
  zerosLike,
} from "../../src/index.js"
import { named } from "./named.js"

const equilibrium = (w: Tensor<[64, 64]>, x: Tensor<["B", 64]>) =>
  fixedPoint((z) => tanh(add(matmul(z, w), x)), zerosLike(x), anderson({ memory: 5 }))
const loss = (p: { w: Tensor<[64, 64]> }, x: Tensor<["B", 64]>) => mean(square(equilibrium(p.w, x)))
const w = named([64, 64])
const x = named(["B", 64])
const yes = null as never as Tensor<[], "bool">

describe("fixedPoint, root, linearSolve", () => {
  test("keep the type of their state, trees too", () => {
    expect(equilibrium(w, x)).type.toBe<Tensor<["B", 64]>>()
    const pair = fixedPoint((z) => ({ a: tanh(z.b), b: mul(z.a, 0.5) }), { a: x, b: x }, newton())
    expect(pair).type.toBe<{ a: Tensor<["B", 64]>; b: Tensor<["B", 64]> }>()
    expect(root((z) => sub(mul(z, z), x), x, newton())).type.toBe<Tensor<["B", 64]>>()
    expect(linearSolve((v) => matmul(v, w), x)).type.toBe<Tensor<["B", 64]>>()
  })
  test("want a map from states to states", () => {
    // @ts-expect-error Type 'Tensor<["B", 32], "float">' is not assignable to type 'Tensor<["B", 64], "float">'
    fixedPoint((z) => matmul(z, named([64, 32])), x, anderson())
    // @ts-expect-error Type 'Tensor<[64, "B"], "float">' is not assignable to type 'Tensor<["B", 64], "float">'
    linearSolve((v) => transpose(v), x)
    // @ts-expect-error Property 'b' is missing
    fixedPoint((z) => ({ a: z.b }), { a: x, b: x }, newton())
  })
})

describe("loops and branches", () => {
  test("keep the type of what they carry", () => {
    const [first, second] = [() => x, () => tanh(x)]
    expect(whileLoop(() => yes, tanh, x)).type.toBe<Tensor<["B", 64]>>()
    expect(cond(yes, first, second)).type.toBe<Tensor<["B", 64]>>()
    expect(checkpoint((a: Tensor<["B", 64]>, b: Tensor<[64, 10]>) => matmul(a, b))(x, named([64, 10]))).type.toBe<Tensor<["B", 10]>>()
  })
  test("hand on rows, and stack what comes back", () => {
    const [end, all] = scan((z, row) => [add(z, row.b), sum(row.a)] as const, named([3]), { a: named([7, 5]), b: named([7, 3]) })
    expect(end).type.toBe<Tensor<[3]>>()
    expect(all).type.toBe<Tensor<[7]>>()
    expect(scan((z, _row) => [tanh(z), { z }] as const, x, null, { length: 9 })[1]).type.toBe<{ readonly z: Tensor<[9, "B", 64]> }>()
    expect(scan((z, row) => [tanh(z), row] as const, x, null as never as Tensor)[1]).type.toBe<Tensor>()
  })
  test("refuse a carry that changes", () => {
    const narrow = (z: Tensor<["B", 64]>) => matmul(z, named([64, 10]))
    const [same, turned] = [() => x, () => transpose(x)]
    // @ts-expect-error Type 'Tensor<["B", 10], "float">' is not assignable to type 'Tensor<["B", 64], "float">'
    whileLoop(() => yes, narrow, x)
    // @ts-expect-error Type 'Tensor<["B", 10], "float">' is not assignable to type 'Tensor<["B", 64], "float">'
    scan((z, _row: null) => [narrow(z), null], x, null, { length: 3 })
    // @ts-expect-error Type 'Tensor<[64, "B"], "float">' is not assignable to type 'Tensor<["B", 64], "float">'
    cond(yes, same, turned)
  })
})

describe("compile", () => {
  const step = compile(valueAndGrad(loss), { target: "wasm" })
  test("accepts any size for a name, and keeps it in the result", () => {
    expect(step({ w }, named([8, 64]))).type.toBe<TaskEither<RunError, readonly [Tensor<[]>, { readonly w: Tensor<[64, 64]> }]>>()
    const forward = compile((a: Tensor<["B", 784]>) => matmul(a, named([784, 10])))
    expect(forward(named([8, 784]))).type.toBe<TaskEither<RunError, Tensor<["B", 10]>>>()
    expect(forward).type.toBeCallableWith(named(["B", 784]))
    expect(forward).type.toBeCallableWith(null as never as Handle<["B", 784]>)
    expect(forward).type.toBeCallableWith(null as never as Tensor<[Unchecked, 784]>)
  })
  test("keeps results on the device by name", () => {
    const resident = compile((a: Tensor<["B", 3]>) => ({ y: tanh(a), n: sum(a) }), { resident: { y: true } })
    expect(resident(named([8, 3]))).type.toBe<TaskEither<RunError, { readonly y: Handle<["B", 3]>; readonly n: Tensor<[]> }>>()
  })
  test("keeps a fixed size fixed", () => {
    // @ts-expect-error Type '63' is not assignable to type '64'
    step({ w }, named([8, 63]))
  })
  test("takes polymorphic functions", () => {
    expect(compile(matmul)(named([2, 3]), named([3, 4]))).type.toBe<TaskEither<RunError, Tensor>>()
    expect(compile(tanh)(named([2, 3]))).type.toBe<TaskEither<RunError, Tensor>>()
  })
})

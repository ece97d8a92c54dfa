/** Transforms in the types: derivatives have the type of what they are derivatives of, mapped functions have rows. */
import { describe, expect, test } from "tstyche"
import {
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  type Key,
  linearize,
  matmul,
  mean,
  mul,
  softmax,
  square,
  sum,
  type Tensor,
  tanh,
  type Unchecked,
  valueAndGrad,
  vjp,
  vmap,
} from "../../src/index.js"
import { named } from "./named.js"

interface Params {
  readonly w: Tensor<[784, 10]>
  readonly layers: readonly [{ readonly b: Tensor<[10]> }, null]
  readonly step: Tensor<[], "int">
}
const params = null as never as Params
const loss = (p: Params, x: Tensor<["B", 784]>) => mean(square(matmul(x, p.w)))
const x = named(["B", 784])
type Gradient = {
  readonly w: Tensor<[784, 10]>
  readonly layers: readonly [{ readonly b: Tensor<[10]> }, null]
  readonly step: null
}

describe("grad and valueAndGrad", () => {
  test("have the type of the parameters, null where a leaf isn't float", () => {
    expect(grad(loss)(params, x)).type.toBe<Gradient>()
    expect(valueAndGrad(loss)(params, x)).type.toBe<readonly [Tensor<[]>, Gradient]>()
    expect(grad((t: Tensor<[3]>) => sum(t))(named([3]))).type.toBe<Tensor<[3]>>()
  })
  test("hand on what comes beside the loss", () => {
    const withAux = (p: Params, t: Tensor<["B", 784]>) => [loss(p, t), matmul(t, p.w)] as const
    expect(valueAndGrad(withAux, { aux: true })(params, x)).type.toBe<readonly [readonly [Tensor<[]>, Tensor<["B", 10]>], Gradient]>()
  })
  test("of gradients", () => {
    const second = grad((p: { w: Tensor<[3]> }) => sum(square(grad((q: { w: Tensor<[3]> }) => sum(square(q.w)))(p).w)))
    expect(second({ w: named([3]) })).type.toBe<{ readonly w: Tensor<[3]> }>()
  })
  test("want a scalar", () => {
    // @ts-expect-error Type 'Tensor<["B", 10], "float">' is not assignable to type 'Tensor<[], "float">'
    grad((p: Params) => matmul(x, p.w))
  })
  test("want parameters that are tensors", () => {
    // @ts-expect-error not assignable
    grad((_p: { name: string }) => mean(named([2])))({ name: "w" })
  })
  test("keep names rigid", () => {
    // @ts-expect-error Type '8' is not assignable to type '"B"'
    grad(loss)(params, named([8, 784]))
  })
})

describe("jvp, vjp, linearize", () => {
  const f = (a: Tensor<["B", 3]>, w: Tensor<[3, 4]>) => ({ y: matmul(a, w), n: sum(a) })
  const [a, w] = [named(["B", 3]), named([3, 4])]
  type Out = { y: Tensor<["B", 4]>; n: Tensor<[]> }
  test("have the types of value and arguments", () => {
    expect(jvp(f, [a, w], [a, w])).type.toBe<readonly [Out, Out]>()
    expect(vjp(f, a, w)).type.toBe<readonly [Out, (cotangent: Out) => readonly [Tensor<["B", 3]>, Tensor<[3, 4]>]]>()
    expect(linearize(f, a, w)[1]).type.toBe<(a: Tensor<["B", 3]>, w: Tensor<[3, 4]>) => Out>()
  })
  test("want tangents of the arguments' types", () => {
    // @ts-expect-error Type 'Tensor<[3, 5], "float">' is not assignable to type 'Tensor<[3, 4], "float">'
    jvp(f, [a, w], [a, named([3, 5])])
  })
})

describe("jacobian and hessian", () => {
  const f = (t: Tensor<[3]>) => mul(named([5, 2, 1]), sum(t))
  test("have the axes of the value, then those of the argument", () => {
    expect(jacobian(f)(named([3]))).type.toBe<Tensor<[5, 2, 1, 3]>>()
    expect(jacobian(f, { mode: "reverse" })(named([3]))).type.toBe<Tensor<[5, 2, 1, 3]>>()
    expect(hessian((t: Tensor<["N"]>) => sum(square(t)))(named(["N"]))).type.toBe<Tensor<["N", "N"]>>()
    expect(hvp((p: { w: Tensor<[3]> }) => sum(square(p.w)))({ w: named([3]) }, { w: named([3]) })).type.toBe<{ w: Tensor<[3]> }>()
  })
  test("are unchecked for functions of any shape", () => {
    expect(jacobian((t: Tensor) => tanh(t))(named([3]))).type.toBe<Tensor>()
    expect(jacobian((t) => tanh(t))(named([3]))).type.toBe<Tensor>()
  })
  test("refuse other arguments", () => {
    // @ts-expect-error Type '4' is not assignable to type '3'
    jacobian(f)(named([4]))
  })
})

describe("vmap", () => {
  const row = (t: Tensor<[3]>, w: Tensor<[3]>) => ({ y: mul(t, w), n: sum(t) })
  const [rows, w] = [named(["N", 3]), named([3])]
  test("adds the axis of the rows to every result", () => {
    expect(vmap(row)(rows, rows)).type.toBe<{ readonly y: Tensor<["N", 3]>; readonly n: Tensor<["N"]> }>()
    expect(vmap(row, { in: [0, null] })(rows, w)).type.toBe<{ readonly y: Tensor<["N", 3]>; readonly n: Tensor<["N"]> }>()
    expect(vmap((p: { a: Tensor<[2]>; k: Key }) => p.a)({ a: named([5, 2]), k: null as never as Tensor<[5], "key"> })).type.toBe<
      Tensor<[5, 2]>
    >()
  })
  test("takes rows along other axes and puts them there", () => {
    expect(vmap((t: Tensor<[3, 4]>) => sum(t, [1]), { in: [1] })(named([3, 7, 4]))).type.toBe<Tensor<[7, 3]>>()
    expect(vmap((t: Tensor<[3, 4]>) => t, { in: [-1], out: -1 })(named([3, 4, 7]))).type.toBe<Tensor<[3, 4, 7]>>()
    expect(vmap((t: Tensor<[3, 4]>) => t, { out: 1 })(named([7, 3, 4]))).type.toBe<Tensor<[3, 7, 4]>>()
  })
  test("nests", () => {
    expect(vmap(vmap((t: Tensor<[3]>) => sum(t)))(named(["N", 5, 3]))).type.toBe<Tensor<["N", Unchecked]>>()
    expect(vmap((m: Tensor<[5, 3]>) => vmap((t: Tensor<[3]>) => sum(t))(m))(named(["N", 5, 3]))).type.toBe<Tensor<["N", 5]>>()
  })
  test("wants as many rows of each argument", () => {
    // @ts-expect-error ShapeError<"vmap: the arguments have different numbers of rows">
    vmap(row)(named([5, 3]), named([6, 3]))
    // @ts-expect-error not assignable
    vmap(row)(named([5, 4]), named([5, 3]))
    // @ts-expect-error not assignable
    vmap(row, { in: [0, null] })(named([5, 3]), named([5, 3]))
  })
  test("is unchecked for polymorphic ops, and where axes are not known", () => {
    expect(vmap(matmul)).type.toBeCallableWith(named([5, 2, 3]), named([5, 3, 4]))
    expect(vmap(matmul)(named([5, 2, 3]), named([5, 3, 4]))).type.toBe<Tensor>()
    expect(vmap(tanh)(named([5, 2]))).type.toBe<Tensor>()
    expect(vmap(softmax)).type.toBeCallableWith(named([5, 2]))
    expect(vmap((t: Tensor) => tanh(t))(named([5, 2]))).type.toBe<Tensor>()
    expect(vmap(row, { in: null as never as readonly (number | null)[] })(rows, w)).type.toBe<{
      readonly y: Tensor<[Unchecked, 3]>
      readonly n: Tensor<[Unchecked]>
    }>()
  })
})

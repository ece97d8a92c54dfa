/** Whole derivatives, made of the transforms: jacobian, hessian, and Hessian-vector products. */
import {
  type AnyTensor,
  flatten,
  grad,
  type IsTuple,
  jvp,
  type Mutable,
  type Shape,
  sizeOf,
  type Tensor,
  TraceError,
  type TreeLike,
  type Unchecked,
  unflatten,
  vjp,
} from "../core/index.js"
import { cast } from "./cast.js"
import { equal } from "./compare.js"
import { iota } from "./iota.js"
import { expandAxis, reshape } from "./shape.js"
import { vmap } from "./vmap.js"

/**
 * The identity matrix.
 *
 * @example
 * evaluate(eye(2)) // right([[1, 0], [0, 1]])
 */
export const eye = <N extends number>(n: N): Tensor<Mutable<[N, N]>> => {
  const numbers = iota(n) as AnyTensor as Tensor
  return cast(equal(expandAxis(numbers, 1) as Tensor, expandAxis(numbers, 0) as Tensor), "float") as Tensor<Mutable<[N, N]>>
}

/** Unit tensors of a shape, one a row. */
const units = (shape: readonly number[]): Tensor => reshape(eye(sizeOf(shape)), [sizeOf(shape), ...shape])

/** The axes of a value, then those of the argument. */
type Derivative<O extends Shape, I extends Shape> =
  IsTuple<O> extends true ? (IsTuple<I> extends true ? [...O, ...I] : Unchecked) : Unchecked // of unknown rank

/**
 * The matrix of all derivatives of a function of one tensor: [...output shape, ...input shape]. Forward mode by default, one
 * column an input element; `mode: "reverse"` makes one row an output element.
 *
 * @example
 * evaluate(jacobian((x: Tensor<[2]>) => square(x))(tensor([1, 2]))) // right([[2, 0], [0, 4]])
 */
export const jacobian =
  <I extends Shape = Unchecked, O extends Shape = Unchecked>(
    f: (x: Tensor<I>) => Tensor<O>,
    options: { readonly mode?: "forward" | "reverse" } = {},
  ): ((x: Tensor<I>) => Tensor<Derivative<O, I>>) =>
  (x) =>
    jacobianOf(f as (x: Tensor) => Tensor, x as Tensor, options.mode ?? "forward") as Tensor<Derivative<O, I>>

const jacobianOf = (f: (x: Tensor) => Tensor, x: Tensor, mode: "forward" | "reverse"): Tensor => {
  if (mode === "reverse") {
    const [y, pullback] = vjp(f, x)
    const rows = vmap((u: Tensor) => (pullback(u) as readonly [Tensor])[0])(units(y.shape))
    return reshape(rows, [...y.shape, ...x.shape])
  }
  const columns = vmap((v: Tensor) => jvp(f, [x], [v])[1], { out: -1 })(units(x.shape)) as Tensor
  return reshape(columns, [...columns.shape.slice(0, -1), ...x.shape])
}

/**
 * The matrix of second derivatives of a scalar function of one tensor, forward over reverse: [...shape, ...shape].
 *
 * @example
 * evaluate(hessian((x: Tensor<[2]>) => sum(square(x)))(tensor([1, 2]))) // right([[2, 0], [0, 2]])
 */
export const hessian =
  <I extends Shape = Unchecked>(f: (x: Tensor<I>) => Tensor<[]>): ((x: Tensor<I>) => Tensor<Derivative<I, I>>) =>
  (x) =>
    jacobianOf((y) => grad(f as (x: Tensor) => Tensor<[]>)(y) as Tensor, x as Tensor, "forward") as Tensor<Derivative<I, I>>

/**
 * Second derivatives of a scalar function of a tree along a direction, without the matrix: forward over reverse.
 *
 * @example
 * hvp(loss)(params, direction) // the direction's tree, multiplied by the Hessian
 */
export const hvp =
  <P>(f: (p: P) => Tensor<[]>) =>
  (p: P & TreeLike<P>, direction: P & TreeLike<P>): P => {
    const flat = flatten("hvp", p)
    const leaves = flat.leaves.filter((t) => t.type.elem === "float")
    const whole = (float: readonly AnyTensor[]): P => {
      let next = 0
      return unflatten(
        flat.structure,
        flat.leaves.map((t) => (t.type.elem === "float" ? float[next++] : t)),
      ) as P
    }
    const along = flatten("hvp: the direction", direction).leaves.filter((t) => t.type.elem === "float")
    if (along.length !== leaves.length)
      throw new TraceError(`hvp: the parameters have ${leaves.length} float leaves, the direction ${along.length}`)
    const gradient = (...float: readonly AnyTensor[]) => flatten("hvp", grad((q: readonly AnyTensor[]) => f(whole(q)))(float)).leaves
    const [, moved] = jvp(gradient as (...a: readonly AnyTensor[]) => readonly AnyTensor[], leaves, along)
    return whole(moved)
  }

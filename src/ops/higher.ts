/** Whole derivatives, made of the transforms: jacobian, hessian, and Hessian-vector products. */
import { type AnyTensor, flatten, grad, jvp, sizeOf, type Tensor, TraceError, type TreeLike, unflatten, vjp } from "../core/index.js"
import { cast } from "./cast.js"
import { equal } from "./compare.js"
import { iota } from "./iota.js"
import { expandAxis, reshape } from "./shape.js"
import { vmap } from "./vmap.js"

/** The identity matrix. */
export const eye = <N extends number>(n: N): Tensor<[N, N]> =>
  cast(equal(expandAxis(iota(n), 1) as unknown as Tensor, expandAxis(iota(n), 0) as unknown as Tensor), "float") as Tensor<[N, N]>

/** Unit tensors of a shape, one a row. */
const units = (shape: readonly number[]): Tensor => reshape(eye(sizeOf(shape)), [sizeOf(shape), ...shape])

/**
 * The matrix of all derivatives of a function of one tensor: [...output shape, ...input shape]. Forward mode by default, one
 * column an input element; `mode: "reverse"` makes one row an output element.
 */
export const jacobian =
  (f: (x: Tensor) => Tensor, { mode = "forward" }: { readonly mode?: "forward" | "reverse" } = {}) =>
  (x: Tensor): Tensor => {
    if (mode === "reverse") {
      const [y, pullback] = vjp(f, x)
      const rows = vmap((u: Tensor) => (pullback(u) as readonly [Tensor])[0])(units(y.shape))
      return reshape(rows, [...y.shape, ...x.shape])
    }
    const columns = vmap((v: Tensor) => jvp(f, [x], [v])[1], { out: -1 })(units(x.shape)) as Tensor
    return reshape(columns, [...columns.shape.slice(0, -1), ...x.shape])
  }

/** The matrix of second derivatives of a scalar function of one tensor, forward over reverse: [...shape, ...shape]. */
export const hessian =
  (f: (x: Tensor) => Tensor<[]>) =>
  (x: Tensor): Tensor =>
    jacobian((y) => grad(f)(y) as Tensor)(x)

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
    const gradient = (...float: readonly AnyTensor[]) =>
      flatten("hvp", grad((q: readonly AnyTensor[]) => f(whole(q)))(float as never)).leaves
    const [, moved] = jvp(gradient as (...a: readonly AnyTensor[]) => readonly AnyTensor[], leaves as never, along as never)
    return whole(moved)
  }

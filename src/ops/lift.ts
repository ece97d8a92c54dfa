/** What public ops do before a primitive sees its operands: numbers become scalars, shapes are broadcast together. */
import {
  type AnyTensor,
  apply1,
  type BroadcastCheck,
  type BroadcastOf,
  broadcastRight,
  type Elem,
  isTensor,
  literal,
  type Mutable,
  type Op,
  type Shape,
  showType,
  type Tensor,
  TraceError,
  type Unchecked,
} from "../core/index.js"

/** A number as a scalar of the other operand's kind. */
export const lift = (name: string, x: unknown, like?: unknown): AnyTensor => {
  if (isTensor(x)) return x
  if (typeof x === "number") return literal(x, isTensor(like) && like.type.elem === "int" ? "int" : "float") as AnyTensor
  throw new TraceError(`${name}: expected a tensor or a number, found ${x === null ? "null" : typeof x}`)
}

/** The shape of two shapes broadcast together, as NumPy aligns them. */
export const broadcastShapes = (name: string, a: AnyTensor, b: AnyTensor): readonly number[] => {
  const rank = Math.max(a.shape.length, b.shape.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a.shape[i - rank + a.shape.length] ?? 1
    const y = b.shape[i - rank + b.shape.length] ?? 1
    if (x !== y && x !== 1 && y !== 1)
      throw new TraceError(
        `${name}: shapes do not broadcast: ${showType(a.type)} with ${showType(b.type)}; sizes ${x} and ${y} differ on axis ${i - rank} (counted from the last)`,
      )
    return x === 1 ? y : x
  })
}

/**
 * `x` stretched to `shape`; axes are aligned at the last one.
 *
 * @example
 * evaluate(broadcastTo(tensor([1, 2]), [2, 2])) // right([[1, 2], [1, 2]])
 */
export const broadcastTo = <const S extends readonly number[], E extends Elem = "float">(
  x: Tensor<Unchecked, E> | number,
  shape: S,
): Tensor<Mutable<S>, E> => broadcastRight(lift("broadcastTo", x), shape) as Tensor<Mutable<S>, E>

/** Applies a two-operand primitive after lifting and broadcasting. */
export const applyBinary = (name: string, op: Op<null, 2, 1>, x: unknown, y: unknown): AnyTensor => {
  const a = lift(name, x, y)
  const b = lift(name, y, x)
  const shape = broadcastShapes(name, a, b)
  return apply1(op, null, [broadcastRight(a, shape), broadcastRight(b, shape)])
}

/** The kind of a result: `R`, or the operands' where that is null. */
type ResultKind<R extends "bool" | null, E extends Elem> = R extends Elem ? R : E

/**
 * A binary op: `op(a, b)`, and data-last `op(b)(a)` for `pipe`. Shapes are broadcast, numbers are lifted, element kinds must
 * agree. `R` is the kind of the result, or null for that of the operands; `K` are the kinds that it takes.
 */
export interface Binary<N extends string, R extends "bool" | null = null, K extends Elem = "float"> {
  <E extends K = "float" & K>(b: number): <A extends Shape>(a: Tensor<A, E>) => Tensor<A, ResultKind<R, E>>
  <B extends Shape, E extends K>(
    b: Tensor<B, E>,
  ): <A extends Shape>(a: Tensor<A, E> & BroadcastCheck<N, A, B>) => Tensor<BroadcastOf<A, B>, ResultKind<R, E>>
  <S extends Shape, E extends K>(a: number, b: Tensor<S, E>): Tensor<S, ResultKind<R, E>>
  <S extends Shape, E extends K>(a: Tensor<S, E>, b: Tensor<S, NoInfer<E>> | number): Tensor<S, ResultKind<R, E>>
  <A extends Shape, B extends Shape, E extends K>(
    a: Tensor<A, E>,
    b: Tensor<B, NoInfer<E>> & BroadcastCheck<N, A, B>,
  ): Tensor<BroadcastOf<A, B>, ResultKind<R, E>>
}

/**
 * The public form of an op of two operands: it broadcasts shapes, lifts numbers, and has the data-last form.
 *
 * @example
 * const hypot = binaryOp("hypot", hypotOp)
 * hypot(x, 3)
 */
export const binaryOp = <N extends string, R extends "bool" | null = null, K extends Elem = "float">(
  name: N,
  op: Op<null, 2, 1>,
): Binary<N, R, K> =>
  // one function stands behind all the overloads
  ((...args: readonly unknown[]) =>
    args.length === 1 ? (a: unknown) => applyBinary(name, op, a, args[0]) : applyBinary(name, op, args[0], args[1])) as Binary<N, R, K>

/**
 * The public form of an op of one float; it lifts numbers.
 *
 * @example
 * const cube = unaryOp("cube", cubeOp)
 */
export const unaryOp =
  (name: string, op: Op<null, 1, 1>) =>
  <S extends Shape>(x: Tensor<S>): Tensor<S> =>
    apply1(op, null, [lift(name, x)]) as Tensor<S>

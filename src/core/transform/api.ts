/** The transforms as users see them: functions of trees to functions of trees. */
import { TraceError } from "../errors.js"
import { type Closed, closeBody } from "../graph/close.js"
import { zerosOf } from "../primitives/broadcast-sum.js"
import { literal } from "../primitives/literal.js"
import { isTensor } from "../tensor/apply.js"
import type { AnyTensor, GradOf, Tensor, TreeLike } from "../tensor/shape-types.js"
import { type Flat, flatten, type Structure, sameStructure, showStructure, unflatten } from "../tensor/tree.js"
import { sameType, showType } from "../tensor/types.js"
import { jvpGraph } from "./jvp.js"
import { applyClosed, closeLinear, linearizeGraph } from "./linearize.js"
import { transposeDag } from "./transpose.js"

interface Traced extends Closed {
  readonly args: Flat<AnyTensor>
  readonly result: Structure
}

/**
 * Calls `f` on stand-ins for the leaves of `args` and closes what it made. `owner` names the function in messages.
 *
 * @example
 * const { graph, captured, result } = traceTree("f", (p: { w: Tensor<[]> }) => [mul(p.w, 2)], [{ w: tensor(3) }])
 * showStructure(result) // "[_]"
 */
export const traceTree = (owner: string, f: (...args: readonly never[]) => unknown, args: readonly unknown[]): Traced => {
  const flat = flatten(owner, args)
  let result: Structure = { t: "null" }
  const closed = closeBody(
    owner,
    flat.leaves.map((t) => t.type),
    (leaves) => {
      // a tree like that of the arguments, with the leaves of the body
      const out = flatten(`${owner}: the function's result`, f(...(unflatten(flat.structure, leaves) as never[])))
      result = out.structure
      return out.leaves
    },
  )
  return { ...closed, args: flat, result }
}

const isFloat = (t: AnyTensor): boolean => t.type.elem === "float"

/** Leaves of a tree that has to have the structure and types of another. */
const matching = (owner: string, what: string, tree: unknown, like: Flat<AnyTensor>): readonly AnyTensor[] => {
  const flat = flatten(`${owner}: ${what}`, tree)
  if (!sameStructure(flat.structure, like.structure))
    throw new TraceError(
      `${owner}: ${what} must have the structure ${showStructure(like.structure)}, found ${showStructure(flat.structure)}`,
    )
  flat.leaves.forEach((t, i) => {
    const expected = (like.leaves[i] as AnyTensor).type
    if (!sameType(t.type, expected))
      throw new TraceError(`${owner}: ${what}${like.paths[i]} must be ${showType(expected)}, found ${showType(t.type)}`)
  })
  return flat.leaves
}

/**
 * Forward mode: the value of `f` at `primals` and its derivative along `tangents`.
 *
 * @example
 * const [y, dy] = jvp((x) => mul(x, x), [tensor(3)], [tensor(1)]) // 9, 6
 */
export const jvp = <A extends readonly unknown[], O>(
  f: (...args: A) => O,
  primals: readonly [...A],
  tangents: { readonly [K in keyof A]: NoInfer<A[K]> },
): readonly [O, O] => {
  const { graph, captured, args, result } = traceTree("jvp", f as (...a: readonly never[]) => unknown, primals)
  const ts = matching("jvp", "tangents", tangents, args)
  const duals = jvpGraph(
    graph,
    [
      ...captured.map((primal) => ({ primal, tangent: null })),
      ...args.leaves.map((primal, i) => ({ primal, tangent: isFloat(primal) ? (ts[i] as AnyTensor) : null })),
    ],
    "jvp",
  )
  const value = duals.map((d) => d.primal)
  return [
    unflatten(result, value) as O,
    unflatten(
      result,
      duals.map((d) => d.tangent ?? zerosOf(d.primal.type)),
    ) as O,
  ]
}

/**
 * The value of `f` at `primals` and its derivative there as a linear function of tangents, which reuses what the value computed.
 *
 * @example
 * const [y, lin] = linearize((x) => mul(x, x), tensor(3))
 * lin(tensor(1)) // 6
 */
export const linearize = <A extends readonly unknown[], O>(f: (...args: A) => O, ...primals: A): readonly [O, (...tangents: A) => O] => {
  const traced = traceTree("linearize", f as (...a: readonly never[]) => unknown, primals)
  const lin = linearizeTraced("linearize", traced)
  const closed = closeLinear(lin)
  const apply = (...tangents: A): O => {
    const ts = matching("linearize", "tangents", tangents, traced.args).filter(isFloat)
    const live = [...applyClosed(closed, ts)]
    return unflatten(
      traced.result,
      lin.outputs.map((y, i) => (lin.tangents[i] === null ? zerosOf(y.type) : live.shift())),
    ) as O
  }
  return [unflatten(traced.result, lin.outputs) as O, apply]
}

const linearizeTraced = (owner: string, { graph, captured, args }: Traced) =>
  linearizeGraph(owner, graph, [...captured, ...args.leaves], [...captured.map(() => false), ...args.leaves.map(isFloat)])

/**
 * Reverse mode: the value of `f` at `primals` and its pullback, from a cotangent of the value to cotangents of the primals
 * (`null` at leaves that aren't float). It is the transpose of the linear half of `jvp`.
 *
 * @example
 * const [y, pullback] = vjp((x) => mul(x, x), tensor(3))
 * pullback(tensor(1)) // [6]
 */
export const vjp = <A extends readonly unknown[], O>(f: (...args: A) => O, ...primals: A): readonly [O, (cotangent: O) => GradOf<A>] => {
  const traced = traceTree("vjp", f as (...a: readonly never[]) => unknown, primals)
  const lin = linearizeTraced("vjp", traced)
  const like: Flat<AnyTensor> = { leaves: lin.outputs, structure: traced.result, paths: lin.outputs.map((_, i) => `, leaf ${i}`) }
  const pullback = (cotangent: O): GradOf<A> => {
    const cts = matching("vjp", "the cotangent", cotangent, like)
    return gradients(traced.args, transposeDag(lin.leaves, lin.tangents, cts)) as GradOf<A>
  }
  return [unflatten(traced.result, lin.outputs) as O, pullback]
}

/** Puts cotangents of float leaves in their places, zeros where nothing arrived, `null` at other leaves. */
const gradients = (args: Flat<AnyTensor>, cotangents: readonly (AnyTensor | null)[]): unknown => {
  let next = 0
  return unflatten(
    args.structure,
    args.leaves.map((t) => (isFloat(t) ? (cotangents[next++] ?? zerosOf(t.type)) : null)),
  )
}

const scalarLoss = (owner: string, value: unknown): AnyTensor => {
  if (isTensor(value) && value.type.elem === "float" && value.shape.length === 0) return value
  throw new TraceError(
    `${owner}: the function must return a float scalar, found ${isTensor(value) ? showType(value.type) : typeof value}; reduce it with sum or mean, or use vjp`,
  )
}

/**
 * The value of a scalar function and its gradient with respect to its first argument, a tree of tensors: several arguments are
 * differentiated together as one tree. With `{ aux: true }` the function returns `[loss, aux]`, and `aux` comes back beside
 * the value, undifferentiated.
 *
 * @example
 * const [loss, g] = valueAndGrad((p: { w: Tensor<[]> }) => mul(p.w, p.w))({ w: tensor(3) }) // 9, { w: 6 }
 */
export function valueAndGrad<P, R extends readonly unknown[], X>(
  f: (p: P, ...rest: R) => readonly [Tensor<[]>, X],
  options: { readonly aux: true },
): (p: P & TreeLike<P>, ...rest: R) => readonly [readonly [Tensor<[]>, X], GradOf<P>]
export function valueAndGrad<P, R extends readonly unknown[]>(
  f: (p: P, ...rest: R) => Tensor<[]>,
): (p: P & TreeLike<P>, ...rest: R) => readonly [Tensor<[]>, GradOf<P>]
export function valueAndGrad(f: (p: never, ...rest: readonly never[]) => unknown, options?: { readonly aux: true }) {
  return (p: unknown, ...rest: readonly never[]): unknown => {
    const aux = options?.aux === true
    const traced = traceTree(
      "grad",
      ((q: never) => {
        const out = f(q, ...rest)
        if (!aux) return [scalarLoss("grad", out)]
        if (!Array.isArray(out) || out.length !== 2)
          throw new TraceError("grad: with { aux: true } the function must return a pair [loss, aux]")
        return [scalarLoss("grad", out[0]), out[1]]
      }) as (...a: readonly never[]) => unknown,
      [p],
    )
    const lin = linearizeTraced("grad", traced)
    const cts = transposeDag(lin.leaves, [lin.tangents[0] ?? null], [literal(1)])
    const value = unflatten(traced.result, lin.outputs) as readonly unknown[]
    const [g] = gradients(traced.args, cts) as readonly unknown[]
    return [aux ? value : value[0], g]
  }
}

/**
 * The gradient of a scalar function with respect to its first argument, a tree of tensors; `null` at leaves that aren't float.
 *
 * @example
 * grad((x: Tensor<[]>) => mul(x, x))(tensor(3)) // 6
 */
export const grad =
  <P, R extends readonly unknown[]>(f: (p: P, ...rest: R) => Tensor<[]>): ((p: P & TreeLike<P>, ...rest: R) => GradOf<P>) =>
  (p, ...rest) =>
    valueAndGrad(f)(p, ...rest)[1]

/** vmap: a function of one row as a function of all rows. */
import {
  type AnyTensor,
  asBatched,
  batchGraph,
  type Dim,
  flatten,
  placeholder,
  type Tensor,
  type TensorType,
  TraceError,
  traceTree,
  type Unchecked,
  unflatten,
} from "../core/index.js"
import type { RowArguments, RowsOf } from "./row-types.js"
import { moveAxis } from "./shape.js"

/** The axis of each argument that holds the rows; `null` for arguments that all rows share. */
export type Axes = readonly (number | null)[]

/** Along which axes `vmap` finds and puts rows. */
export interface VmapOptions<In extends Axes = Axes, Out extends number = number> {
  /** An entry an argument, for all its leaves. Default 0 for each. */
  readonly in?: In
  /** The axis of the rows in every output. Default 0. */
  readonly out?: Out
}

/**
 * `f`, written for one row, on all rows at once. Captured values are shared by the rows.
 *
 * @example
 * vmap((x, w) => dot(x, w), { in: [0, null] })(rows, w)
 */
export const vmap =
  <A extends readonly Unchecked[], O, const In extends Axes = readonly [], const Out extends number = 0>(
    f: (...args: A) => O,
    options: VmapOptions<In, Out> = {},
  ): (<N extends Dim = Unchecked>(...args: RowArguments<A, N, In>) => RowsOf<O, N, Out>) =>
  (...args) =>
    mapped(f as (...a: readonly never[]) => unknown, args as readonly unknown[], options) as Unchecked // what it is, its types say

const mapped = (f: (...args: readonly never[]) => unknown, args: readonly unknown[], { in: axes, out = 0 }: VmapOptions): unknown => {
  const flats = args.map((a, i) => {
    const axis = axes === undefined ? 0 : (axes[i] ?? null)
    const flat = flatten(`vmap: argument ${i}`, a)
    return {
      ...flat,
      axis,
      rows: flat.leaves.map((t, k) => {
        if (axis === null) return t
        if (t.shape.length === 0 || axis >= t.shape.length)
          throw new TraceError(
            `vmap: argument ${i}${flat.paths[k]} has no axis ${axis} to map over; say null for an argument that all rows share`,
          )
        return moveAxis(t as Tensor, axis, 0) as AnyTensor
      }),
    }
  })
  const sizes = flats.flatMap((x, i) =>
    x.axis === null ? [] : x.rows.map((t, k) => ({ size: t.shape[0] as number, where: `argument ${i}${x.paths[k]}` })),
  )
  const [first] = sizes
  if (first === undefined) throw new TraceError("vmap: no argument has rows to map over")
  const odd = sizes.find((s) => s.size !== first.size)
  if (odd !== undefined) throw new TraceError(`vmap: ${first.where} has ${first.size} rows, ${odd.where} has ${odd.size}`)
  const rowType = (t: AnyTensor): TensorType => ({ elem: t.type.elem, shape: t.shape.slice(1) })
  const example = flats.map((x) => unflatten(x.structure, x.axis === null ? x.leaves : x.rows.map((t) => placeholder(rowType(t), "vmap"))))
  const { graph, captured, result } = traceTree("vmap", f, example)
  const outputs = batchGraph(
    graph,
    [
      ...captured.map((value) => ({ value, batched: false })),
      ...flats.flatMap((x) => x.rows.map((value) => ({ value, batched: x.axis !== null }))),
    ],
    first.size,
  )
  return unflatten(
    result,
    outputs.map((o) => moveAxis(asBatched(o, first.size) as Tensor, 0, out)),
  )
}

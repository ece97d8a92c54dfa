/**
 * Loads of index notation. Where each axis of an operand has an index of its own, over variables of its own, a load is a slice, a padding
 * or a gather along each axis and then an order of axes; otherwise it is one gather from row-major storage.
 */
import { type Guard, type Ix, sizeOf } from "../../core/index.js"
import { type Builder, scalar, type Value } from "./builder.js"
import { asValue, clamped, flatIndex, type Index, indexOf, type Loops, type Mask, maskOf, shapeOf } from "./indices.js"
import { chosen, padded, permuted, reshaped, sliced } from "./values.js"

/** What a nest reads: a value, and its sizes with repetition written out. */
export interface Operand {
  readonly value: Value
  readonly shape: readonly number[]
}

/** Variables that an index depends on. */
const usedBy = (index: Index): readonly number[] => shapeOf(index).flatMap((d, i) => (d === 1 ? [] : [i]))

/** The step of a table along its one variable, or null where it is no progression. */
const stepOf = (data: Float64Array): number | null => {
  const step = (data[1] as number) - (data[0] as number)
  for (let i = 1; i < data.length; i++) if ((data[i] as number) - (data[i - 1] as number) !== step) return null
  return step === 0 ? null : step
}

interface Picked {
  readonly value: Value
  /** Whether what lies outside the operand reads 0 already. */
  readonly zeros: boolean
}

/** Axis `axis` of a value by the index given: it stays one axis, of size 1 where the index is one number. */
const along = (b: Builder, v: Value, axis: number, index: Index, guarded: boolean): Picked => {
  const n = v.shape[axis] as number
  const used = usedBy(index)
  if (index.t === "fixed" && used.length === 0) {
    const at = Math.min(Math.max(index.data[0] as number, 0), n - 1)
    return { value: sliced(b, v, axis, at, 1, 1), zeros: false }
  }
  if (index.t === "fixed" && used.length === 1) {
    const step = stepOf(index.data)
    const [first, last] = [index.data[0] as number, index.data[index.data.length - 1] as number]
    if (step !== null && Math.min(first, last) >= 0 && Math.max(first, last) < n)
      return { value: sliced(b, v, axis, first, index.data.length, step), zeros: false }
    if (step === 1 && guarded && first < n && last >= 0) {
      const [from, to] = [Math.max(first, 0), Math.min(last, n - 1)]
      const only = (width: number) => v.shape.map((_, i) => (i === axis ? width : 0))
      return { value: padded(b, sliced(b, v, axis, from, to - from + 1, 1), only(from - first), only(last - to)), zeros: true }
    }
  }
  const inside = clamped(b, index, n)
  const sizes = used.map((i) => shapeOf(index)[i] as number)
  const flat = reshaped(b, asValue(b, inside), [sizeOf(sizes)])
  const shape = v.shape.map((d, i) => (i === axis ? sizeOf(sizes) : d))
  return { value: b.node("Gather", [v, flat], { kind: v.kind, shape }, { axis }), zeros: false }
}

const disjoint = (sets: readonly (readonly number[])[]): boolean => new Set(sets.flat()).size === sets.reduce((n, s) => n + s.length, 0)

/** Whether a guard only keeps an index inside an axis. */
const keepsInside = (guard: Guard, ix: Ix, size: number): boolean =>
  guard.t === "range" && guard.lo === 0 && guard.hi === size && (guard.ix === ix || JSON.stringify(guard.ix) === JSON.stringify(ix))

/** `v` where a mask holds, else 0. */
export const masked = (b: Builder, v: Value, mask: Mask): Value =>
  mask.t === "always" ? v : mask.t === "never" ? scalar(b, v.kind, 0, v.shape.length) : chosen(b, mask.value, v, scalar(b, v.kind, 0))

/** The element of an operand at an index an axis, 0 where a guard fails: one axis a loop variable. */
export const loaded = (loops: Loops, { value, shape }: Operand, at: readonly Ix[], guards: readonly Guard[]): Value => {
  const { b, sizes } = loops
  // nothing can be read from an operand without elements
  if (sizeOf(shape) === 0) return scalar(b, value.kind, 0, sizes.length)
  const zero: Index = { t: "fixed", shape: sizes.map(() => 1), data: Float64Array.of(0) }
  const indices = at.map((ix, i) => (value.shape[i] === 1 ? zero : indexOf(loops, ix)))
  const used = indices.map(usedBy)
  if (!disjoint(used)) {
    const flat = asValue(b, flatIndex(b, indices, value.shape, sizes.length))
    const row = reshaped(b, value, [sizeOf(value.shape)])
    const made = b.node(
      "Gather",
      [row, reshaped(b, flat, [sizeOf(flat.shape)])],
      { kind: value.kind, shape: [sizeOf(flat.shape)] },
      { axis: 0 },
    )
    return masked(b, reshaped(b, made, flat.shape), maskOf(loops, guards))
  }
  let picked = value
  const settled = new Set<Guard>()
  indices.forEach((index, i) => {
    const ix = at[i] as Ix
    const guard = guards.find((g) => keepsInside(g, ix, shape[i] as number))
    const { value: next, zeros } = along(b, picked, i, index, guard !== undefined)
    picked = next
    if (zeros && guard !== undefined) settled.add(guard)
  })
  const order = used.flat()
  const own = order.map((axis) => sizes[axis] as number)
  const ascending = order.map((_, i) => i).sort((i, j) => (order[i] as number) - (order[j] as number))
  const moved = permuted(b, reshaped(b, picked, own), ascending)
  const placed = reshaped(
    b,
    moved,
    sizes.map((d, axis) => (order.includes(axis) ? d : 1)),
  )
  return masked(
    b,
    placed,
    maskOf(
      loops,
      guards.filter((g) => !settled.has(g)),
    ),
  )
}

/**
 * dynamicSlice and updateSlice: a part of an axis whose first position is data. They transpose into each other. For the primitives a
 * part may reach outside, where it reads zero and is dropped, as in gather; the public functions clamp the start before, as XLA does.
 */
import {
  type AnyTensor,
  apply1,
  asIndex,
  asNumber,
  axes,
  axis,
  binary,
  broadcastFirst,
  type Choices,
  defineOp,
  type Elem,
  inRange,
  lit,
  load,
  type Mutable,
  type Op,
  physicalShape,
  plus,
  pointwise,
  type Shape,
  select,
  showType,
  type Tangent,
  type Tensor,
  type TensorType,
  TraceError,
  times,
  type Unchecked,
  zerosOf,
} from "../core/index.js"
import { less, where } from "./compare.js"
import { lift } from "./lift.js"
import { moveAxis } from "./shape.js"

interface DynamicSliceParams {
  /** Leading axes that operand and starts share. */
  readonly shared: number
  readonly size: number
}

interface UpdateSliceParams {
  readonly shared: number
}

/** `start` is [shared]; the operand has an axis of at least `size` after it. */
const checkStart = (name: string, shared: number, size: number, x: TensorType, start: TensorType): void => {
  const n = x.shape[shared]
  if (start.elem !== "int" || start.shape.length !== shared || start.shape.some((d, i) => x.shape[i] !== d))
    throw new TraceError(
      `${name}: expected int starts, one for each of the ${shared} leading axes of ${showType(x)}, found ${showType(start)}`,
    )
  if (n === undefined || !Number.isInteger(size) || size < 0 || size > n)
    throw new TraceError(`${name}: ${size} elements do not fit in axis ${shared} of ${showType(x)}`)
}

const rowsOf = (inputs: readonly AnyTensor[], batched: readonly boolean[], size: number) =>
  inputs.map((t, i) => (batched[i] ? t : broadcastFirst(t, size)))

/** Operand [shared, n, rest], start [shared] -> [shared, size, rest]. */
export const dynamicSliceOp: Op<DynamicSliceParams> = defineOp<DynamicSliceParams>({
  name: "dynamicSlice",
  type: ({ shared, size }, [x, start]) => {
    const t = x as TensorType
    checkStart("dynamicSlice", shared, size, t, start as TensorType)
    return [{ elem: t.elem, shape: [...t.shape.slice(0, shared), size, ...t.shape.slice(shared + 1)] }]
  },
  jvp: (params, [, start], _outputs, [dx]) => [dx == null ? null : apply1(dynamicSliceOp, params, [dx, start as AnyTensor])],
  transpose: ({ shared }, [x, start], _linear, [ct]) => [
    apply1(updateSliceOp, { shared }, [zerosOf((x as AnyTensor).type), ct as AnyTensor, start as AnyTensor]),
    null,
  ],
  batch: ({ shared, size }, inputs, batched, rows) => ({
    outputs: [apply1(dynamicSliceOp, { shared: shared + 1, size }, rowsOf(inputs, batched, rows))],
    batched: [true],
  }),
  lower: ({ shared }, [x], [out]) => {
    const domain = physicalShape(out as TensorType)
    const n = (x as TensorType).shape[shared] as number
    const place = plus(axis(shared), asIndex(load(1, axes(shared))))
    const index = [...axes(shared), place, ...axes(domain.length - shared - 1, shared + 1)]
    return { t: "index", nests: [pointwise(domain, load(0, index, [inRange(place, 0, n)]))] }
  },
  cheap: false,
  example: (choose: Choices) => {
    const lead = choose.shape(1)
    const n = choose.int(1, 4)
    return {
      params: { shared: lead.length, size: choose.int(1, n) },
      inputs: [
        { elem: "float", shape: [...lead, n, ...choose.shape(1)] },
        { elem: "int", shape: lead },
      ],
      domains: [{ t: "real" }, { t: "index", below: n }],
    }
  },
})

/** Operand [shared, n, rest], update [shared, size, rest], start [shared] -> the operand with the update in its place. */
export const updateSliceOp: Op<UpdateSliceParams> = defineOp<UpdateSliceParams>({
  name: "updateSlice",
  type: ({ shared }, [x, u, start]) => {
    const [a, b] = [x as TensorType, u as TensorType]
    const same = a.shape.length === b.shape.length && a.shape.every((d, i) => i === shared || d === b.shape[i])
    if (a.elem !== b.elem || !same)
      throw new TraceError(`updateSlice: the update ${showType(b)} should differ from ${showType(a)} in the size of axis ${shared} alone`)
    checkStart("updateSlice", shared, b.shape[shared] as number, a, start as TensorType)
    return [a]
  },
  // linear in operand and update together
  jvp: (params, [x, u, start], _outputs, [dx, du]) => [
    dx == null && du == null
      ? null
      : apply1(updateSliceOp, params, [dx ?? zerosOf((x as AnyTensor).type), du ?? zerosOf((u as AnyTensor).type), start as AnyTensor]),
  ],
  transpose: ({ shared }, [, u, start], [lx, lu], [ct]): readonly Tangent[] => {
    const { type } = u as AnyTensor
    const [c, s] = [ct as AnyTensor, start as AnyTensor]
    return [
      lx ? apply1(updateSliceOp, { shared }, [c, zerosOf(type), s]) : null,
      lu ? apply1(dynamicSliceOp, { shared, size: type.shape[shared] as number }, [c, s]) : null,
      null,
    ]
  },
  batch: ({ shared }, inputs, batched, rows) => ({
    outputs: [apply1(updateSliceOp, { shared: shared + 1 }, rowsOf(inputs, batched, rows))],
    batched: [true],
  }),
  lower: ({ shared }, [x, u]) => {
    const domain = physicalShape(x as TensorType)
    const size = (u as TensorType).shape[shared] as number
    // where in the update a position of the operand is; outside where the operand stays
    const place = plus(axis(shared), times(asIndex(load(2, axes(shared))), -1))
    const within = binary("and", binary("lessEqual", lit(0), asNumber(place)), binary("less", asNumber(place), lit(size)))
    const index = [...axes(shared), place, ...axes(domain.length - shared - 1, shared + 1)]
    return {
      t: "index",
      nests: [pointwise(domain, select(within, load(1, index, [inRange(place, 0, size)]), load(0, axes(domain.length))))],
    }
  },
  cheap: false,
  example: (choose: Choices) => {
    const lead = choose.shape(1)
    const n = choose.int(1, 4)
    const rest = choose.shape(1)
    return {
      params: { shared: lead.length },
      inputs: [
        { elem: "float", shape: [...lead, n, ...rest] },
        { elem: "float", shape: [...lead, choose.int(1, n), ...rest] },
        { elem: "int", shape: lead },
      ],
      domains: [{ t: "real" }, { t: "real" }, { t: "index", below: n }],
    }
  },
})

/** The first position along an axis: part of the program, or an int scalar that is data. */
export type Start = number | Tensor<[], "int">

const starts = (name: string, x: AnyTensor, list: readonly Start[]): readonly AnyTensor[] => {
  if (list.length !== x.shape.length)
    throw new TraceError(`${name}: expected a start for each axis of ${showType(x.type)}, found ${list.length}`)
  return list.map((s) => lift(name, s, zerosOf({ elem: "int", shape: [] })))
}

/** max(0, min(start, most)) */
const clamped = (start: AnyTensor, most: number): AnyTensor => {
  const s = start as Tensor
  const low = where(less(s, 0) as Tensor<Unchecked, "bool">, 0, s)
  return where(less(most, low) as Tensor<Unchecked, "bool">, most, low)
}

const cut = (x: AnyTensor, a: number, start: AnyTensor, size: number): AnyTensor =>
  size === x.shape[a]
    ? x
    : (moveAxis(
        apply1(dynamicSliceOp, { shared: 0, size }, [moveAxis(x, a, 0), clamped(start, (x.shape[a] as number) - size)]) as Tensor,
        0,
        a,
      ) as AnyTensor)

/**
 * A box of `size` elements an axis whose corner is data: `dynamicSlice(x, [i, 0], [1, 8])`. A start is clamped to [0, n - size], so that
 * the box always lies inside (as in XLA; a negative start does not count from the end).
 *
 * @throws TraceError when there is not one start and one size an axis, or a size is larger than its axis.
 * @example
 * dynamicSlice(memory, [step, 0], [1, 64]) // [100, 64] -> [1, 64]
 */
export const dynamicSlice = <const Z extends readonly number[], E extends Elem = "float">(
  x: Tensor<Unchecked, E>,
  start: readonly Start[],
  size: Z,
): Tensor<Mutable<Z>, E> => {
  if (size.length !== x.shape.length)
    throw new TraceError(`dynamicSlice: expected a size for each axis of ${showType(x.type)}, found [${size.join(", ")}]`)
  return starts("dynamicSlice", x, start).reduce<AnyTensor>((y, s, a) => cut(y, a, s, size[a] as number), x) as Tensor<Mutable<Z>, E>
}

/** The axes from `a` on replaced. */
const placed = (x: AnyTensor, u: AnyTensor, start: readonly AnyTensor[], a: number): AnyTensor => {
  if (a === start.length) return u
  const size = u.shape[a] as number
  if (size === x.shape[a]) return placed(x, u, start, a + 1)
  const s = start[a] as AnyTensor
  const part = placed(cut(x, a, s, size), u, start, a + 1)
  const at = clamped(s, (x.shape[a] as number) - size)
  return moveAxis(apply1(updateSliceOp, { shared: 0 }, [moveAxis(x, a, 0), moveAxis(part, a, 0), at]) as Tensor, 0, a)
}

/**
 * `x` with the box at `start` replaced by `update`: same number of axes, sizes at most those of `x`. Starts are clamped as in
 * `dynamicSlice`. Linear in `x` and `update` together: what is replaced gets the cotangent zero.
 *
 * @throws TraceError when there is not one start an axis, or the update is larger than an axis.
 * @example
 * updateSlice(memory, row, [step, 0]) // [100, 64] with row step replaced by row [1, 64]
 */
export const updateSlice = <S extends Shape, E extends Elem = "float">(
  x: Tensor<S, E>,
  update: Tensor<Unchecked, E>,
  start: readonly Start[],
): Tensor<S, E> => {
  if (update.type.elem !== x.type.elem || update.shape.length !== x.shape.length || update.shape.some((d, i) => d > (x.shape[i] as number)))
    throw new TraceError(`updateSlice: the update ${showType(update.type)} does not lie in ${showType(x.type)}`)
  return placed(x, update, starts("updateSlice", x, start), 0) as Tensor<S, E>
}

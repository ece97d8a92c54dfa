/** tap: see a value inside a compiled program. A bounded log that comes back with the report. */
import {
  type AnyTensor,
  apply1,
  axes,
  broadcastAlong,
  defineOp,
  type Elem,
  type Emission,
  load,
  type Op,
  pointwise,
  rowType,
  type Shape,
  sameType,
  showType,
  type Tensor,
  type TensorType,
  TraceError,
  type Unchecked,
} from "../core/index.js"
import { add, sub } from "./arithmetic.js"
import { cast } from "./cast.js"
import { less, where } from "./compare.js"
import { take } from "./gather.js"
import { iota } from "./iota.js"
import { broadcastTo } from "./lift.js"
import { expandAxis } from "./shape.js"
import { pad } from "./slice-pad.js"

interface TapParams {
  readonly name: string
  /** Most values that are kept; the first ones are. */
  readonly limit: number
  readonly type: TensorType
}

type Indices = Tensor<Unchecked, "int">

/** A log is how many values were seen and the first `limit` of them; two logs merge by putting one after the other. */
const logOf = ({ name, limit, type }: TapParams): Emission => ({
  kind: "tap",
  site: name,
  info: { limit, elem: type.elem },
  types: [
    { elem: "float", shape: [] },
    { elem: "float", shape: [limit, ...type.shape] },
  ],
  merge: ([count, values], [more, others]) => {
    const [n, a, b] = [count as Tensor<[]>, values as Tensor, others as Tensor]
    const place = iota(limit) as Indices
    const from = sub(place, cast(broadcastTo(n, [limit]), "int"))
    const first = less(cast(place, "float"), n)
    const mine = broadcastAlong(first, a.shape, [0]) as Tensor<Unchecked, "bool">
    // outside its range a gather reads 0
    return [add(n, more as Tensor<[]>), where(mine, a, take(b, from))]
  },
})

export const tapOp: Op<TapParams> = defineOp<TapParams>({
  name: "tap",
  type: ({ type, name }, [x]) => {
    if (!sameType(type, x as TensorType))
      throw new TraceError(`tap: "${name}" was made for ${showType(type)}, found ${showType(x as TensorType)}`)
    return [type]
  },
  // The tangent goes by unseen.
  jvp: (_params, _inputs, _outputs, [dx]) => [dx ?? null],
  batch: (params, [x], _batched, size) => ({
    outputs: [apply1(tapOp, { ...params, type: rowType(params.type, size) }, [x as AnyTensor])],
    batched: [true],
  }),
  lower: (_params, [x]) => {
    const { shape } = x as TensorType
    return { t: "index", nests: [pointwise(shape, load(0, axes(shape.length)))] }
  },
  harvest: (params) => ({
    emissions: [logOf(params)],
    apply: ([x]) => {
      const value = cast(x as Tensor<Unchecked, Elem>, "float") as Tensor
      const rows = pad(expandAxis(value, 0), [[0, params.limit - 1], ...value.shape.map((): readonly [number, number] => [0, 0])])
      return { outputs: [x as AnyTensor], emitted: [[broadcastTo(1, []), rows]] }
    },
  }),
  cheap: false,
  example: (choose) => {
    const type: TensorType = { elem: "float", shape: choose.shape(2) }
    return { params: { name: "example", limit: 4, type }, inputs: [type], domains: [{ t: "real" }] }
  },
})

/**
 * The identity, which also writes its value into the program's report under `name`: the first `limit` values (default 16), in
 * order, whatever loops and branches it stands in. Read them with `program.run(...)`, in `report.taps`: values are the number
 * of values seen and the log [limit, ...shape].
 *
 * @example
 * scan((z, x) => [tap("state", cell(z, x)), null], z0, xs)
 */
export const tap = <S extends Shape, E extends Exclude<Elem, "key"> = "float">(
  name: string,
  x: Tensor<S, E>,
  { limit = 16 }: { readonly limit?: number } = {},
): Tensor<S, E> => {
  if (!Number.isInteger(limit) || limit < 1) throw new TraceError(`tap: limit must be a whole number of at least 1, found ${limit}`)
  return apply1(tapOp, { name, limit, type: x.type }, [x]) as Tensor<S, E>
}

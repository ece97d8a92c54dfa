/** Whole numbers 0, 1, 2, ...: part of a program's structure, made where they are used. */
import { apply1, asNumber, axis, defineOp, type Mutable, type Op, pointwise, type Tensor, TraceError } from "../core/index.js"

interface IotaParams {
  readonly length: number
}

const none = (): never => {
  throw new TraceError("iota has no inputs, so no rule of this kind")
}

export const iotaOp: Op<IotaParams> = defineOp<IotaParams>({
  name: "iota",
  type: ({ length }) => {
    if (!Number.isInteger(length) || length < 0) throw new TraceError(`iota: expected a length, found ${length}`)
    return [{ elem: "int", shape: [length] }]
  },
  jvp: none,
  batch: none,
  lower: ({ length }) => ({ t: "index", nests: [pointwise([length], asNumber(axis(0)))] }),
  cheap: true,
  example: (choose) => ({ params: { length: choose.int(1, 5) }, inputs: [], domains: [] }),
})

/**
 * `[0, 1, ..., length - 1]`
 *
 * @example
 * evaluate(iota(3)) // right([0, 1, 2])
 */
export const iota = <N extends number>(length: N): Tensor<Mutable<[N]>, "int"> =>
  apply1(iotaOp, { length }, []) as Tensor<Mutable<[N]>, "int">

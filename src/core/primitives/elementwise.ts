/** Ops that work point by point on equal shapes: only the scalar function and its derivative differ. */
import { axes, load, pointwise } from "../compile/build-nest.js"
import type { Scalar } from "../compile/nest.js"
import { TraceError } from "../errors.js"
import { type Domain, defineOp, type Op, type Tangent } from "../op.js"
import { apply1 } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { type Elem, physicalShape, sameShape, showType, type TensorType } from "../tensor/types.js"
import { broadcastFirst } from "./broadcast-sum.js"

export interface Elementwise {
  readonly name: string
  /** Kinds that each input may have; "same" is the kind of the first input whose entry is not "bool". */
  readonly inputs: readonly (readonly Elem[])[]
  /** Inputs whose kinds must agree. */
  readonly agree: readonly number[]
  /** The kind of the output: one of its own, or that of the input with this number. */
  readonly output: Elem | number
  readonly scalar: (args: readonly Scalar[]) => Scalar
  /** Output tangent from inputs, output and tangents. */
  readonly jvp: (inputs: readonly AnyTensor[], output: AnyTensor, tangents: readonly Tangent[]) => Tangent
  readonly transpose?: Op<null>["transpose"]
  readonly simplify?: (inputs: readonly AnyTensor[]) => AnyTensor | null
  /** Where the laws look, an entry an input. */
  readonly domains: readonly Domain[]
  readonly cheap?: boolean
}

/**
 * Defines an op that works point by point; its type, batching and lowering follow.
 *
 * @throws TraceError when another op has the name.
 */
export const elementwise = (def: Elementwise): Op<null> => {
  const { name } = def
  const type = (types: readonly TensorType[]): TensorType => {
    types.forEach((t, i) => {
      const allowed = def.inputs[i] as readonly Elem[]
      if (!allowed.includes(t.elem))
        throw new TraceError(`${name}: argument ${i + 1} is ${showType(t)}, expected ${allowed.join(" or ")}; cast says it`)
    })
    const first = types[0] as TensorType
    const odd = types.find((t) => !sameShape(t.shape, first.shape))
    if (odd !== undefined) throw new TraceError(`${name}: shapes differ: ${showType(first)} and ${showType(odd)}`)
    const kinds = def.agree.map((i) => types[i] as TensorType)
    const other = kinds.find((t) => t.elem !== (kinds[0] as TensorType).elem)
    if (other !== undefined)
      throw new TraceError(
        `${name}: element kinds differ: ${showType(kinds[0] as TensorType)} and ${showType(other)}; there is no implicit promotion, cast says it`,
      )
    return { elem: typeof def.output === "number" ? (types[def.output] as TensorType).elem : def.output, shape: first.shape }
  }
  const op: Op<null> = defineOp<null>({
    name,
    type: (_params, types) => [type(types)],
    jvp: (_params, inputs, outputs, tangents) => [def.jvp(inputs, outputs[0] as AnyTensor, tangents)],
    ...(def.transpose === undefined ? {} : { transpose: def.transpose }),
    batch: (_params, inputs, batched, size) => ({
      outputs: [
        apply1(
          op,
          null,
          inputs.map((x, i) => (batched[i] ? x : broadcastFirst(x, size))),
        ),
      ],
      batched: [true],
    }),
    ...(def.simplify === undefined
      ? {}
      : {
          simplify: (_params: null, inputs: readonly AnyTensor[]) => {
            const simpler = (def.simplify as NonNullable<Elementwise["simplify"]>)(inputs)
            return simpler === null ? null : [simpler]
          },
        }),
    lower: (_params, types, [out]) => {
      const domain = physicalShape(out as TensorType)
      // A key among the inputs has a last axis of limbs; inputs of other kinds are the same along it.
      const args = types.map((t, i) => load(i, axes(physicalShape(t).length)))
      return { t: "index", nests: [pointwise(domain, def.scalar(args))] }
    },
    cheap: def.cheap ?? true,
    example: (choose) => {
      const shape = choose.shape(2)
      const kind = (i: number): Elem => (def.inputs[i] as readonly Elem[])[0] as Elem
      return { params: null, inputs: def.inputs.map((_, i) => ({ elem: kind(i), shape })), domains: def.domains }
    },
  })
  return op
}

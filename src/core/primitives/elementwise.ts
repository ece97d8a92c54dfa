/** Ops that work point by point on equal shapes: only the scalar function and its derivative differ. */
import { axes, load, pointwise } from "../compile/build-nest.js"
import type { Scalar } from "../compile/nest.js"
import { TraceError } from "../errors.js"
import { type AnyOp, type Domain, defineOp, type Op, type Tangent } from "../op.js"
import { apply1 } from "../tensor/apply.js"
import type { AnyTensor, Tensor, Unchecked } from "../tensor/shape-types.js"
import { type Elem, physicalShape, sameShape, showType, type TensorType } from "../tensor/types.js"
import { broadcastFirst } from "./broadcast-sum.js"

type Kinds = readonly (readonly Elem[])[]
/** One for each input. */
type Each<I extends Kinds, T> = { readonly [K in keyof I]: T }
/** The inputs, of the kinds that they may have. */
type Operands<I extends Kinds> = { readonly [K in keyof I]: Tensor<Unchecked, I[K][number]> }
/** Tangents are floats, and at least one is not null. */
type Moves<I extends Kinds> = I["length"] extends 1 ? readonly [Tensor] : Each<I, Tensor | null>

/** The definition of an op that works point by point: its inputs' element kinds, its formula, its derivative. */
export interface Elementwise<I extends Kinds = Kinds> {
  readonly name: string
  /** The element kinds that each input may have. The laws try the first. */
  readonly inputs: I
  /** Inputs whose kinds must agree; none by default. */
  readonly agree?: readonly number[]
  /** The kind of the output: one of its own, or that of the input with this number. */
  readonly output: Elem | number
  /** The formula: the value at a point from the inputs' values there. */
  scalar(args: Each<I, Scalar>): Scalar
  /** Output tangent from inputs, output (a float, or there is none) and tangents; null where it is zero everywhere. */
  jvp(inputs: Operands<I>, output: Tensor, tangents: Moves<I>): Tangent
  /** Only for what is linear in some of its inputs, as that of `Op`. */
  transpose?: Op<null, I["length"], 1>["transpose"]
  simplify?(inputs: Operands<I>): AnyTensor | null
  /** Where the laws look, an entry an input; away from kinks, where the derivative is a choice. */
  readonly domains: Each<I, Domain>
  /** Whether a loop computes it again in the backward pass rather than store it; true by default. */
  readonly cheap?: boolean
}

/** @throws TraceError that says which entry of a definition is wrong. */
const checkDefinition = ({ name, inputs, agree = [], output, domains }: Elementwise): void => {
  const refuse = (why: string): never => {
    throw new TraceError(`elementwise: op "${name}": ${why}`)
  }
  if (inputs.length === 0 || inputs.some((kinds) => kinds.length === 0))
    refuse('"inputs" must name one element kind at least for each of one or more inputs')
  if (domains.length !== inputs.length) refuse(`"domains" has ${domains.length} entries for ${inputs.length} inputs; give one an input`)
  const none = [...agree, ...(typeof output === "number" ? [output] : [])].find((i) => inputs[i] === undefined)
  if (none !== undefined) refuse(`"agree" or "output" speaks of input ${none}; inputs are numbered 0 to ${inputs.length - 1}`)
}

/**
 * Defines an op that works point by point; its type, batching and lowering follow.
 *
 * @throws TraceError when another op has the name, or an entry is wrong.
 * @example
 * const hypotOp: Op<null, 2, 1> = elementwise({
 *   name: "hypot",
 *   inputs: [["float"], ["float"]],
 *   output: "float",
 *   scalar: ([a, b]) => unary("sqrt", binary("add", binary("mul", a, a), binary("mul", b, b))),
 *   jvp: ([a, b], y, [da, db]) => addTangents(da && div(mul(a, da), y), db && div(mul(b, db), y)),
 *   domains: [{ t: "positive" }, { t: "real" }], // not differentiable where both are 0
 * })
 */
export function elementwise<const I extends Kinds>(def: Elementwise<I>): Op<null, I["length"], 1>
export function elementwise(def: Elementwise): AnyOp {
  checkDefinition(def)
  const { name, agree = [], simplify } = def
  const type = (types: readonly TensorType[]): TensorType => {
    const first = types[0]
    if (first === undefined || types.length !== def.inputs.length)
      throw new TraceError(`${name}: expected ${def.inputs.length} arguments, found ${types.length}`)
    types.forEach((t, i) => {
      const allowed = def.inputs[i] ?? []
      if (!allowed.includes(t.elem))
        throw new TraceError(`${name}: argument ${i + 1} is ${showType(t)}, expected ${allowed.join(" or ")}; cast says it`)
    })
    const odd = types.find((t) => !sameShape(t.shape, first.shape))
    if (odd !== undefined) throw new TraceError(`${name}: shapes differ: ${showType(first)} and ${showType(odd)}`)
    const [kind, ...kinds] = types.filter((_, i) => agree.includes(i))
    const other = kinds.find((t) => t.elem !== kind?.elem)
    if (kind !== undefined && other !== undefined)
      throw new TraceError(
        `${name}: element kinds differ: ${showType(kind)} and ${showType(other)}; there is no implicit promotion, cast says it`,
      )
    return { elem: typeof def.output === "number" ? (types[def.output] ?? first).elem : def.output, shape: first.shape }
  }
  const op: Op<null> = defineOp<null>({
    name,
    type: (_params, types) => [type(types)],
    jvp: (_params, inputs, [output], tangents) => [def.jvp(inputs, output as Tensor, tangents as readonly Tensor[])],
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
    ...(simplify === undefined
      ? {}
      : {
          simplify: (_params: null, inputs: readonly AnyTensor[]) => {
            const simpler = simplify(inputs)
            return simpler === null ? null : [simpler]
          },
        }),
    lower: (_params, types) => {
      // A key among the inputs has a last axis of limbs; inputs of other kinds are the same along it.
      const args = types.map((t, i) => load(i, axes(physicalShape(t).length)))
      return { t: "index", nests: [pointwise(physicalShape(type(types)), def.scalar(args))] }
    },
    cheap: def.cheap ?? true,
    example: (choose) => {
      const shape = choose.shape(2)
      const types = def.inputs.flatMap(([elem]) => (elem === undefined ? [] : [{ elem, shape }]))
      return { params: null, inputs: types, domains: def.domains }
    },
  })
  return op
}

/**
 * einsum: the one contraction. The primitive has two operands and no label repeated or summed within one; the public function
 * brings any one- or two-operand notation into that form. Closed under transposition: it is bilinear, and swapping an operand
 * for the cotangent of the result gives the derivative.
 */
import {
  type AnyTensor,
  addTangents,
  apply1,
  axis,
  binary,
  type Choices,
  defineOp,
  load,
  type Op,
  reduced,
  showType,
  sumAxes,
  type Tangent,
  type Tensor,
  type TensorType,
  TraceError,
} from "../core/index.js"
import type { EinsumCheck, EinsumOf, EinsumOperandCheck } from "./einsum-types.js"
import { permute } from "./shape.js"

/** A label a axis, as small whole numbers. */
export interface EinsumParams {
  readonly left: readonly number[]
  readonly right: readonly number[]
  readonly out: readonly number[]
}

/** Sizes of labels; throws where two places disagree. */
const labelSizes = ({ left, right }: EinsumParams, a: TensorType, b: TensorType): ReadonlyMap<number, number> => {
  const sizes = new Map<number, number>()
  const bind = (labels: readonly number[], t: TensorType) =>
    labels.forEach((l, i) => {
      const d = t.shape[i] as number
      const known = sizes.get(l)
      if (known !== undefined && known !== d)
        throw new TraceError(
          `einsum: one label has size ${known} in ${showType(a)} and size ${d} in ${showType(b)}: inner dimensions differ`,
        )
      sizes.set(l, d)
    })
  bind(left, a)
  bind(right, b)
  return sizes
}

const contract = (params: EinsumParams, a: AnyTensor, b: AnyTensor): AnyTensor => apply1(einsumOp, params, [a, b])

export const einsumOp: Op<EinsumParams> = defineOp<EinsumParams>({
  name: "einsum",
  type: (params, [a, b]) => {
    const [x, y] = [a as TensorType, b as TensorType]
    const { left, right, out } = params
    const twice = (labels: readonly number[]) => new Set(labels).size !== labels.length
    if (left.length !== x.shape.length || right.length !== y.shape.length || twice(left) || twice(right) || twice(out))
      throw new TraceError(`einsum: labels [${left}], [${right}] -> [${out}] do not fit ${showType(x)} and ${showType(y)}`)
    if (x.elem !== "float" || y.elem !== "float")
      throw new TraceError(`einsum: expected float operands, found ${showType(x)} and ${showType(y)}`)
    const alone = [...left.filter((l) => !right.includes(l)), ...right.filter((l) => !left.includes(l))].find((l) => !out.includes(l))
    if (alone !== undefined) throw new TraceError("einsum: a label of one operand alone must be in the result; sum it first")
    const sizes = labelSizes(params, x, y)
    return [
      {
        elem: "float",
        shape: out.map((l) => {
          const d = sizes.get(l)
          if (d === undefined) throw new TraceError("einsum: the result has a label that no operand has")
          return d
        }),
      },
    ]
  },
  jvp: (params, [a, b], _outputs, [da, db]) => [
    addTangents(da == null ? null : contract(params, da, b as AnyTensor), db == null ? null : contract(params, a as AnyTensor, db)),
  ],
  transpose: ({ left, right, out }, [a, b], [la], [ct]): readonly Tangent[] =>
    la
      ? [contract({ left: out, right, out: left }, ct as AnyTensor, b as AnyTensor), null]
      : [null, contract({ left, right: out, out: right }, a as AnyTensor, ct as AnyTensor)],
  batch: ({ left, right, out }, [a, b], [ba, bb]) => {
    const row = Math.max(-1, ...left, ...right, ...out) + 1
    const params = { left: ba ? [row, ...left] : left, right: bb ? [row, ...right] : right, out: [row, ...out] }
    return { outputs: [contract(params, a as AnyTensor, b as AnyTensor)], batched: [true] }
  },
  lower: (params, [a, b], [out]) => {
    const sizes = labelSizes(params, a as TensorType, b as TensorType)
    const summed = params.left.filter((l) => !params.out.includes(l))
    const order = [...params.out, ...summed]
    const operand = (input: number, labels: readonly number[]) =>
      load(
        input,
        labels.map((l) => axis(order.indexOf(l))),
      )
    return {
      t: "index",
      nests: [
        reduced(
          (out as TensorType).shape,
          "sum",
          summed.map((l) => sizes.get(l) as number),
          binary("mul", operand(0, params.left), operand(1, params.right)),
        ),
      ],
    }
  },
  cheap: false,
  example: (choose: Choices) => {
    // every label is in the left only, the right only, both and the result, or both and summed
    const labels = Array.from({ length: choose.int(0, 4) }, (_, l) => ({ l, kind: choose.int(0, 3), size: choose.int(1, 3) }))
    const left = labels.filter((x) => x.kind !== 1)
    const right = labels.filter((x) => x.kind !== 0)
    return {
      params: { left: left.map((x) => x.l), right: right.map((x) => x.l), out: labels.filter((x) => x.kind !== 3).map((x) => x.l) },
      inputs: [
        { elem: "float", shape: left.map((x) => x.size) },
        { elem: "float", shape: right.map((x) => x.size) },
      ],
      domains: [{ t: "real" }, { t: "real" }],
    }
  },
})

/** Labels of a notation like "ij,jk->ik". */
const parse = (notation: string, operands: number) => {
  const [inputs, result, ...more] = notation.replaceAll(" ", "").split("->")
  const lists = (inputs ?? "").split(",")
  if (result === undefined || more.length > 0 || lists.length !== operands || !/^[a-zA-Z,]*$/.test((inputs ?? "") + result))
    throw new TraceError(
      `einsum: "${notation}" should name ${operands} operand${operands === 1 ? "" : "s"} by letters and a result, as in "ij,jk->ik"`,
    )
  const labels = (s: string) => [...s].map((c) => c.charCodeAt(0))
  return { operands: lists.map(labels), out: labels(result) }
}

/** Sums the labels that nobody else has. */
const sumAlone = (x: AnyTensor, labels: readonly number[], others: readonly number[]) => ({
  x: sumAxes(
    x,
    labels.map((_, i) => i).filter((i) => !others.includes(labels[i] as number)),
  ),
  labels: labels.filter((l) => others.includes(l)),
})

/**
 * Contraction in Einstein's notation: labels of the operands, then of the result; labels that are not in the result are summed.
 * A label may not be repeated within an operand. A literal notation is checked by the compiler, which knows the shape of the result.
 *
 * @example
 * einsum("bik,bkj->bij", x, y) // batched matrix product
 */
export const einsum = <const N extends string, T extends readonly Tensor[]>(
  notation: N & EinsumCheck<N, T>,
  ...operands: { readonly [K in keyof T]: T[K] & EinsumOperandCheck<N, T, K> }
): Tensor<EinsumOf<N, T>> => contraction(notation, operands as readonly Tensor[]) as Tensor<EinsumOf<N, T>>

const contraction = (notation: string, operands: readonly Tensor[]): Tensor => {
  const { operands: labels, out } = parse(notation, operands.length)
  const [a, b] = operands
  const [left, right] = labels
  if (a === undefined || left === undefined || operands.length > 2)
    throw new TraceError(`einsum: expected one or two operands, found ${operands.length}`)
  if (b === undefined || right === undefined) {
    const only = sumAlone(a, left, out)
    return permute(
      only.x as Tensor,
      out.map((l) => only.labels.indexOf(l)),
    )
  }
  const x = sumAlone(a, left, [...right, ...out])
  const y = sumAlone(b, right, [...left, ...out])
  return contract({ left: x.labels, right: y.labels, out }, x.x, y.x) as Tensor
}

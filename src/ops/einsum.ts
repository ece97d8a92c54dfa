/**
 * einsum: the one contraction. The primitive has two operands and no label repeated or summed within one; the public function
 * brings any notation into that form, operands in pairs. Closed under transposition: it is bilinear, and swapping an operand
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

/** A tensor, and the label of each axis. */
interface Factor {
  readonly x: AnyTensor
  readonly labels: readonly number[]
}

/** Sums the labels that nobody else has. */
const sumAlone = ({ x, labels }: Factor, others: readonly number[]): Factor => ({
  x: sumAxes(
    x,
    labels.map((_, i) => i).filter((i) => !others.includes(labels[i] as number)),
  ),
  labels: labels.filter((l) => others.includes(l)),
})

/** The labels of the product of two factors of which `wanted` are needed later. */
const jointLabels = (a: Factor, b: Factor, wanted: readonly number[]): readonly number[] =>
  [...new Set([...a.labels, ...b.labels])].filter((l) => wanted.includes(l))

const product = (a: Factor, b: Factor, out: readonly number[]): Factor => {
  const x = sumAlone(a, [...b.labels, ...out])
  const y = sumAlone(b, [...a.labels, ...out])
  return { x: contract({ left: x.labels, right: y.labels, out }, x.x, y.x), labels: out }
}

/**
 * The pair to contract next, greedily (as in opt_einsum, Smith and Gray 2018): the one whose product is smallest beside the two that it
 * replaces; the first of several.
 */
const nextPair = (factors: readonly Factor[], out: readonly number[]): readonly [number, number] => {
  const sizes = new Map(factors.flatMap(({ x, labels }) => labels.map((l, i) => [l, x.shape[i] as number] as const)))
  const elements = (labels: readonly number[]) => labels.reduce((n, l) => n * (sizes.get(l) as number), 1)
  let [best, least]: [readonly [number, number], number] = [[0, 1], Number.POSITIVE_INFINITY]
  for (const [i, a] of factors.entries()) {
    for (let j = i + 1; j < factors.length; j++) {
      const b = factors[j] as Factor
      const grown = elements(jointLabels(a, b, neededBeside(factors, i, j, out))) - elements(a.labels) - elements(b.labels)
      if (grown < least) [best, least] = [[i, j], grown]
    }
  }
  return best
}

/** The labels of the result and of all factors but two. */
const neededBeside = (factors: readonly Factor[], i: number, j: number, out: readonly number[]): readonly number[] => [
  ...out,
  ...factors.flatMap(({ labels }, k) => (k === i || k === j ? [] : labels)),
]

/**
 * Contraction in Einstein's notation: labels of the operands, then of the result; labels that are not in the result are summed.
 * A label may not be repeated within an operand. A literal notation is checked by the compiler, which knows the shape of the result.
 * Three operands or more are contracted in pairs, those whose product is small first.
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
  let factors: readonly Factor[] = operands.map((x, i) => ({ x, labels: labels[i] as readonly number[] }))
  while (factors.length > 2) {
    const [i, j] = nextPair(factors, out)
    const [a, b] = [factors[i] as Factor, factors[j] as Factor]
    const joint = product(a, b, jointLabels(a, b, neededBeside(factors, i, j, out)))
    factors = [...factors.filter((_, k) => k !== i && k !== j), joint]
  }
  const [a, b] = factors
  if (a === undefined) throw new TraceError("einsum: expected at least one operand, found none")
  if (b !== undefined) return product(a, b, out).x as Tensor
  const only = sumAlone(a, out)
  return permute(
    only.x as Tensor,
    out.map((l) => only.labels.indexOf(l)),
  )
}

/** Parameters from a file that another program wrote, by a map of names. */
import * as E from "fp-ts/lib/Either.js"
import { constant, flatten, sameShape, type Tensor, unflatten } from "../../core/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import { dotted, nearest } from "../schema/index.js"
import type { StoredTensor } from "./safetensors.js"

/** Where a parameter comes from. */
export interface Source {
  /** The tensor's name in the file. */
  readonly from: string
  /** Axes of the file's tensor in the order of the parameter's: [1, 0] for a weight that the file holds transposed. */
  readonly permute?: readonly number[]
}

/** How strictly a file of weights is read. */
export interface ImportOptions {
  /** What messages call the file. Default `"weights"`. */
  readonly source?: string
  /** Whether tensors of the file that nothing asks for are an error. Default true. */
  readonly strict?: boolean
}

const isPermutation = (axes: readonly number[], rank: number): boolean =>
  axes.length === rank && [...axes].sort((a, b) => a - b).every((axis, i) => axis === i)

const showShape = (shape: readonly number[]) => `[${shape.join(", ")}]`

/** Row-major data with its axes in another order: place i of the result's axis k is place i of the data's axis order[k]. */
const permuted = (data: ArrayLike<number>, shape: readonly number[], order: readonly number[]): Float64Array => {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((n, d) => n * d, 1))
  const sizes = order.map((axis) => shape[axis] as number)
  const steps = order.map((axis) => strides[axis] as number)
  const out = new Float64Array(data.length)
  const place = new Array<number>(order.length).fill(0)
  let at = 0
  for (let i = 0; i < out.length; i++) {
    out[i] = data[at] as number
    for (let k = order.length - 1; k >= 0; k--) {
      at += steps[k] as number
      place[k] = (place[k] as number) + 1
      if ((place[k] as number) < (sizes[k] as number)) break
      at -= (steps[k] as number) * (sizes[k] as number)
      place[k] = 0
    }
  }
  return out
}

/** Advice where the axes could be meant in another order. */
const orderHint = (found: readonly number[], wanted: readonly number[]): string => {
  const sorted = (shape: readonly number[]) => [...shape].sort((a, b) => a - b)
  return sameShape(sorted(found), sorted(wanted)) ? "; give { from, permute } if its axes stand in another order" : ""
}

const read = (tensor: StoredTensor, { from, permute }: Source, wanted: readonly number[]): E.Either<string, Tensor> => {
  const order = permute ?? tensor.shape.map((_, axis) => axis)
  if (!isPermutation(order, tensor.shape.length))
    return E.left(
      `permute of ${JSON.stringify(from)} is ${showShape(order)}, expected the ${tensor.shape.length} axes of its tensor in some order`,
    )
  const shape = order.map((axis) => tensor.shape[axis] as number)
  if (!sameShape(shape, wanted))
    return E.left(
      `tensor ${JSON.stringify(from)} has shape ${showShape(shape)}${permute ? ` after permute ${showShape(order)}` : ""}, the model needs ${showShape(wanted)}${orderHint(shape, wanted)}`,
    )
  const bad = tensor.data.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0) return E.left(`element ${bad} of tensor ${JSON.stringify(from)} is ${tensor.data[bad]}`)
  return E.right(constant({ elem: "float", shape: wanted }, permuted(tensor.data, tensor.shape, order)))
}

/**
 * Parameters with the structure and shapes of `like` (whose values are not looked at), each from the tensor that `map` names for its path,
 * such as `encoder.0.w`. A `Left` names the first parameter without a source, tensor that is not there, shape that differs, number that
 * is not finite, or tensor that nothing asks for.
 *
 * @example
 * const file = decodeSafetensors(bytes)
 * importWeights(file.right.tensors, layer.init(key(0)), {
 *   "0.w": { from: "fc1.weight", permute: [1, 0] }, // PyTorch keeps [outputs, inputs]
 *   "0.b": { from: "fc1.bias" },
 * })
 */
export const importWeights = <P>(
  tensors: Readonly<Record<string, StoredTensor>>,
  like: P,
  map: Readonly<Record<string, Source>>,
  { source = "weights", strict = true }: ImportOptions = {},
): E.Either<DecodeError, P> => {
  const fail = (message: string) => E.left(decodeError(`${source}: ${message}`))
  const { leaves, paths, structure } = flatten(source, like)
  const names = paths.map(dotted)
  const stray = Object.keys(map).find((name) => !names.includes(name))
  if (stray !== undefined) return fail(`the model has no parameter ${JSON.stringify(stray)}; the nearest is ${nearest(stray, names)}`)
  const used = new Set<string>()
  const made: Tensor[] = []
  for (const [k, leaf] of leaves.entries()) {
    const name = names[k] as string
    const from = Object.hasOwn(map, name) ? map[name] : undefined
    if (from === undefined) return fail(`the map names no tensor for the parameter ${JSON.stringify(name)} ${showShape(leaf.shape)}`)
    const tensor = Object.hasOwn(tensors, from.from) ? tensors[from.from] : undefined
    if (tensor === undefined)
      return fail(
        `there is no tensor ${JSON.stringify(from.from)} for ${name}; the nearest is ${nearest(from.from, Object.keys(tensors)) ?? "none"}`,
      )
    const one = read(tensor, from, leaf.shape)
    if (E.isLeft(one)) return fail(`${name}: ${one.left}`)
    used.add(from.from)
    made.push(one.right)
  }
  const extra = strict ? Object.keys(tensors).find((name) => !used.has(name)) : undefined
  return extra === undefined
    ? E.right(unflatten(structure, made) as P)
    : fail(`nothing asks for its tensor ${JSON.stringify(extra)}; map it, or pass strict: false`)
}

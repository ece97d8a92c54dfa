/** Training state at rest: a checkpoint's tensors and metadata, and back, checked against the model that asks for them. */
import * as E from "fp-ts/lib/Either.js"
import {
  type AnyTensor,
  constant,
  flatten,
  sameShape,
  showType,
  type Tensor,
  type TensorType,
  toArray,
  unflatten,
} from "../../core/index.js"
import type { Checkpoint, StoredTensor } from "../checkpoint/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import type { State } from "./step.js"

/** State after `step` updates, as leaves of the language. */
export interface Snapshot<P> {
  readonly step: number
  readonly state: State<P>
}

/** Names of the two parts of a state in a checkpoint. */
const parts = ["params", "optimiser"] as const

/** float32 wherever that keeps every bit, else float64. */
const stored = (t: AnyTensor): StoredTensor => {
  const data = toArray(t)
  const exact = data.every((x) => Object.is(Math.fround(x), x))
  return exact ? { dtype: "F32", shape: t.shape, data: Float32Array.from(data) } : { dtype: "F64", shape: t.shape, data }
}

/**
 * Tensors of a state by name: `params.encoder[0].w`.
 *
 * @example
 * Object.keys(storedState([{ w: tensor([1, 2]) }, null])) // ["params.w"]
 */
export const storedState = (state: State<unknown>): Checkpoint["tensors"] =>
  Object.fromEntries(
    parts.flatMap((part, i) => {
      const { leaves, paths } = flatten(`checkpoint: ${part}`, state[i])
      return leaves.map((t, k) => [`${part}${paths[k]}`, stored(t)] as const)
    }),
  )

const leaf = (name: string, type: TensorType, tensors: Checkpoint["tensors"]): E.Either<string, Tensor> => {
  const found = Object.hasOwn(tensors, name) ? tensors[name] : undefined
  if (found === undefined) return E.left(`it has no tensor ${JSON.stringify(name)} (${showType(type)}), which the model needs`)
  if (!sameShape(found.shape, type.shape))
    return E.left(`tensor ${JSON.stringify(name)} has shape [${found.shape.join(", ")}], the model needs ${showType(type)}`)
  const bad = found.data.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0) return E.left(`element ${bad} of tensor ${JSON.stringify(name)} is ${found.data[bad]}`)
  return E.right(constant({ elem: "float", shape: type.shape }, Float64Array.from(found.data)))
}

/**
 * The state in a checkpoint. `like` is any state of the same model and optimiser (its values are not looked at). `Left` names the first
 * tensor that is missing, has another shape, is not finite, or that the model does not know.
 *
 * @example
 * const state: State<{ w: Tensor }> = [{ w: tensor([1, 2]) }, null]
 * stateFrom(storedState(state), state, "model.safetensors")._tag // "Right"
 * stateFrom({}, state, "model.safetensors")._tag // "Left"
 */
export const stateFrom = <P>(tensors: Checkpoint["tensors"], like: State<P>, source: string): E.Either<DecodeError, State<P>> => {
  const known = new Set<string>()
  const read: unknown[] = []
  for (const [i, part] of parts.entries()) {
    const { leaves, paths, structure } = flatten(`checkpoint: ${part}`, like[i])
    const made: Tensor[] = []
    for (const [k, t] of leaves.entries()) {
      const name = `${part}${paths[k]}`
      const one = leaf(name, t.type, tensors)
      if (E.isLeft(one)) return E.left(decodeError(`${source}: ${one.left}; it was made for another model`))
      known.add(name)
      made.push(one.right)
    }
    read.push(unflatten(structure, made))
  }
  const extra = Object.keys(tensors).find((name) => !known.has(name))
  return extra === undefined
    ? E.right(read as unknown as State<P>) // unflattened to the structures of the state, one by one
    : E.left(decodeError(`${source}: it has a tensor ${JSON.stringify(extra)} that the model does not know; it was made for another model`))
}

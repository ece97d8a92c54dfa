/** Values into a session's memory, out of it, and given back. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { RunError } from "../errors.js"
import { after, type Soon } from "../soon.js"
import type { DeviceBuffer } from "../targets/target.js"
import { constant, isTensor } from "../tensor/apply.js"
import { flattenWith, unflatten } from "../tensor/tree.js"
import { flattenArgs } from "./args.js"
import type { Context } from "./context.js"
import { type OnDevice, type Read, Resident } from "./handle.js"

/** Copies a tree of leaves into a context's memory. Handles in it stay what they are. */
export const put = <P>(context: Context, tree: P): TaskEither<RunError, OnDevice<P>> => {
  const flat = flattenArgs("put", tree)
  return async () =>
    context.enqueue(() => {
      const made: Resident[] = []
      const leaves: Resident[] = []
      for (const leaf of flat.leaves) {
        if (leaf instanceof Resident) {
          leaves.push(leaf)
          continue
        }
        const buffer = context.upload(leaf.type, leaf.data)
        if (E.isLeft(buffer)) {
          for (const handle of made) context.drop(handle)
          return buffer
        }
        const handle = new Resident(context, leaf.type, buffer.right)
        made.push(handle)
        leaves.push(handle)
      }
      return E.right(unflatten(flat.structure, leaves) as OnDevice<P>)
    })
}

/** Reads device values in order, up to the first failure. */
export const readBuffers = (context: Context, buffers: readonly DeviceBuffer[]): Soon<E.Either<RunError, readonly Float64Array[]>> => {
  const values: Float64Array[] = []
  for (const buffer of buffers) {
    const data = context.device.read(buffer)()
    if (data instanceof Promise) return readLater(context, buffers, values, data)
    if (E.isLeft(data)) return data
    values.push(data.right)
  }
  return E.right(values)
}

/** Goes on with what follows `values`, of which `next` is the first. */
const readLater = async (
  context: Context,
  buffers: readonly DeviceBuffer[],
  values: Float64Array[],
  next: Soon<E.Either<RunError, Float64Array>>,
): Promise<E.Either<RunError, readonly Float64Array[]>> => {
  for (;;) {
    const data = await next
    if (E.isLeft(data)) return data
    values.push(data.right)
    const buffer = buffers[values.length]
    if (buffer === undefined) return E.right(values)
    next = context.device.read(buffer)()
  }
}

/**
 * A tree of handles as a tree of leaf tensors, copied out of their session's memory. The handles stay valid.
 *
 * @example
 * const double = compile((x: Tensor<[2]>) => mul(x, 2), { resident: true })
 * const kept = await double(tensor([1, 2]))() // Right of a handle
 * if (E.isRight(kept)) await read(kept.right)() // right([2, 4])
 */
export const read = <P>(tree: P): TaskEither<RunError, Read<P>> => {
  const flat = flattenArgs("read", tree)
  const handles = flat.leaves.flatMap((leaf, i) => (leaf instanceof Resident ? [{ leaf, path: flat.paths[i] || "the root" }] : []))
  const tensors = (values: readonly Float64Array[]): Read<P> => {
    let next = 0
    const leaves = flat.leaves.map((l) => constant(l.type, l instanceof Resident ? (values[next++] as Float64Array) : l.data))
    return unflatten(flat.structure, leaves) as Read<P>
  }
  const [first] = handles
  if (first === undefined) return async () => E.right(tensors([]))
  const context = first.leaf.owner as Context
  return async () =>
    context.enqueue(() => {
      const buffers: DeviceBuffer[] = []
      for (const { leaf, path } of handles) {
        const buffer = context.bufferOf(leaf, () => `read: the value at ${path}`)
        if (E.isLeft(buffer)) return buffer
        buffers.push(buffer.right)
      }
      return after(readBuffers(context, buffers), E.map(tensors))
    })
}

/**
 * Frees the handles in a tree when the calls made before are done. Tensors, and handles freed already, are left alone.
 *
 * @example
 * const double = compile((x: Tensor<[2]>) => mul(x, 2), { resident: true })
 * const kept = await double(tensor([1, 2]))()
 * if (E.isRight(kept)) dispose(kept.right) // a later call with it is Left(StaleHandle)
 */
export const dispose = (tree: unknown): void => {
  const { leaves } = flattenWith<Resident | "other">("dispose", tree, (x) =>
    x instanceof Resident ? x : isTensor(x) || typeof x === "number" ? "other" : null,
  )
  for (const leaf of leaves) {
    if (leaf === "other" || leaf.disposed) continue
    leaf.disposed = true
    const context = leaf.owner as Context
    void context.enqueue(() => E.right(context.drop(leaf)))
  }
}

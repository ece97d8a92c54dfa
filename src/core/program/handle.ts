/** Values that stay in a session's memory between calls, and the types of what goes into compiled programs and comes out. */
import type { RunError } from "../errors.js"
import type { DeviceBuffer } from "../targets/target.js"
import type { AnyTensor, LooseShape, Settled, Shape, Tensor, Unchecked } from "../tensor/shape-types.js"
import { type Elem, showType, type TensorType } from "../tensor/types.js"

declare const SHAPE: unique symbol
declare const ELEM: unique symbol

/**
 * A value in the memory of the session that made it. It is an argument of that session's programs and no part of an
 * expression; `read` copies it out, `dispose` frees it.
 */
export interface Handle<out S extends Shape = Unchecked, out E extends Elem = "float"> {
  readonly [SHAPE]: S
  readonly [ELEM]: E
  readonly type: TensorType
  readonly shape: readonly number[]
}

/** A handle whatever its shape and element kind. */
export type AnyHandle = Handle<Unchecked, Elem>

/** What a handle is inside the library. */
export class Resident {
  /** Set at once when its owner disposes of it, so that no later call takes it; calls already waiting still may. */
  disposed = false
  /** Null when the storage was given back. */
  buffer: DeviceBuffer | null
  constructor(
    /** The session it belongs to, compared by identity only. */
    readonly owner: object,
    readonly type: TensorType,
    buffer: DeviceBuffer,
  ) {
    this.buffer = buffer
  }
  get shape(): readonly number[] {
    return this.type.shape
  }
  toString(): string {
    return `Handle ${showType(this.type)}`
  }
}

/**
 * Whether a value is a handle of data that stays on a device.
 *
 * @example
 * isHandle(tensor(1)) // false
 */
export const isHandle = (x: unknown): x is AnyHandle => x instanceof Resident

export const stale = (message: string): RunError => ({ _tag: "StaleHandle", message })

/** What a compiled function takes where `f` takes a `P`: named sizes are open, handles do for tensors, numbers for scalars. */
export type Input<P> = P extends AnyTensor
  ? P extends Tensor<infer S, infer E>
    ? Tensor<LooseShape<S>, E> | Handle<LooseShape<S>, E> | (S extends readonly [] ? (E extends "float" ? number : never) : never)
    : never
  : P extends object
    ? { readonly [K in keyof P]: Input<P[K]> }
    : P

/** What a compiled function takes where `f` takes the arguments `A`. */
export type Inputs<A extends readonly unknown[]> = { readonly [K in keyof A]: Input<A[K]> }

/** A tree whose tensors stay on the device. */
export type OnDevice<O> = O extends AnyTensor
  ? O extends Tensor<infer S, infer E>
    ? Handle<Settled<S>, E>
    : never
  : O extends number
    ? Handle<[]>
    : O extends object
      ? { readonly [K in keyof O]: OnDevice<O[K]> }
      : O

/** A tree whose handles have been read. */
export type Read<O> = O extends AnyHandle
  ? O extends Handle<infer S, infer E>
    ? Tensor<S, E>
    : never
  : O extends AnyTensor
    ? O extends Tensor<infer S, infer E>
      ? Tensor<Settled<S>, E>
      : never
    : O extends number
      ? Tensor<[]>
      : O extends object
        ? { readonly [K in keyof O]: Read<O[K]> }
        : O

/** Which results stay on the device: `true` for a whole subtree, `[true, true, false]` for the parts of a tuple. */
export type Keep = boolean | { readonly [part: string]: Keep } | readonly Keep[]

/** A result of which the parts chosen by `K` stay on the device. */
export type Placed<O, K> = [K] extends [true]
  ? OnDevice<O>
  : [K] extends [false]
    ? Read<O>
    : O extends object
      ? { readonly [P in keyof O]: P extends keyof K ? Placed<O[P], K[P]> : Read<O[P]> }
      : O

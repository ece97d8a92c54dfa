/** What the two threads say to each other. */

/** To the worker, when it starts. */
export interface Order {
  /** URL of the module. */
  readonly module: string
  /** The name of what it exports. */
  readonly name: string
  readonly argument: unknown
  readonly ahead: number
}

/** To the worker, while it runs: an item was taken, make another. */
export type Request = "more"

/** From the worker. */
export type Answer =
  | { readonly _tag: "Item"; readonly value: unknown }
  | { readonly _tag: "End" }
  | { readonly _tag: "Failed"; readonly message: string }

type View = Uint8Array<ArrayBufferLike>

const isPlain = (x: object): boolean => {
  const proto = Object.getPrototypeOf(x)
  return proto === Object.prototype || proto === null
}

/**
 * A copy of a tree whose typed arrays own just their elements, and the buffers to hand over with it. Whoever made the tree may use its arrays
 * again at once, and a small view of a large buffer does not drag the buffer along.
 */
export const detached = (tree: unknown): { readonly value: unknown; readonly buffers: readonly ArrayBuffer[] } => {
  const buffers: ArrayBuffer[] = []
  const copy = (x: unknown): unknown => {
    if (typeof x !== "object" || x === null) return x
    if (ArrayBuffer.isView(x) && !(x instanceof DataView)) {
      const own = new (x.constructor as new (from: View) => View)(x as View)
      buffers.push(own.buffer as ArrayBuffer)
      return own
    }
    if (Array.isArray(x)) return x.map(copy)
    return isPlain(x) ? Object.fromEntries(Object.entries(x).map(([key, item]) => [key, copy(item)])) : x
  }
  return { value: copy(tree), buffers }
}

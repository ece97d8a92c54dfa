/** Inflating what a file announces the size of: never more than that, and nothing left over. */
import type { inflateSync } from "node:zlib"

/** With `info`, which the types of Node leave out, the stream comes along and says how much of its input it has read. */
interface Inflated {
  readonly buffer: Uint8Array
  readonly engine: { readonly bytesWritten: number }
}

/** Inflates to just `size` bytes; undefined when the stream is damaged, longer, shorter, or followed by something. */
export const inflated = (inflate: typeof inflateSync, packed: Uint8Array, size: number): Uint8Array | undefined => {
  try {
    const made = inflate(packed, {
      info: true,
      maxOutputLength: Math.max(1, size),
      chunkSize: Math.min(2 ** 20, Math.max(64, size)),
    }) as unknown as Inflated // said by `info`
    return made.buffer.length === size && made.engine.bytesWritten === packed.length ? made.buffer : undefined
  } catch {
    return undefined
  }
}

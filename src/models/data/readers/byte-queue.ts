/** Bytes of a stream in pieces of the sizes that are asked for. */
import type { Readable } from "node:stream"

/** Takes bytes off a stream of chunks. A chunk is copied once. */
export class ByteQueue {
  readonly #stream: AsyncIterator<Uint8Array>
  #chunks: Uint8Array[] = []
  #held = 0

  constructor(stream: Readable) {
    this.#stream = stream[Symbol.asyncIterator]()
  }

  /** Bytes that are at hand, up to `n` where the stream has as many. */
  async #fill(n: number): Promise<number> {
    while (this.#held < n) {
      const next = await this.#stream.next()
      if (next.done) break
      this.#chunks.push(next.value)
      this.#held += next.value.length
    }
    return Math.min(n, this.#held)
  }

  /** The next `n` bytes, fewer at the end, left where they are. */
  async peek(n: number): Promise<Uint8Array> {
    const bytes = await this.take(n)
    this.#chunks.unshift(bytes)
    this.#held += bytes.length
    return bytes
  }

  /** The next `n` bytes, fewer at the end. Throws what the stream throws, and keeps what came before that. */
  async take(n: number): Promise<Uint8Array> {
    const made = new Uint8Array(await this.#fill(n))
    let at = 0
    while (at < made.length) {
      const chunk = this.#chunks[0]!
      const part = chunk.subarray(0, made.length - at)
      made.set(part, at)
      at += part.length
      if (part.length === chunk.length) this.#chunks.shift()
      else this.#chunks[0] = chunk.subarray(part.length)
    }
    this.#held -= made.length
    return made
  }

  /** How many bytes are at hand without asking the stream. */
  get held(): number {
    return this.#held
  }

  /** All chunks that are left. */
  async *rest(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#chunks
    for (;;) {
      const next = await this.#stream.next()
      if (next.done) return
      yield next.value
    }
  }
}

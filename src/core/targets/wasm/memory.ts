/**
 * The linear memory of a session, which grows: device buffers and the arenas of running programs lie side by side in it. The first bytes
 * hold the cancellation word and what threads share.
 */
import type { BufferType } from "../../compile/schedule.js"
import { sizeOf } from "../../tensor/types.js"
import type { DeviceBuffer } from "../target.js"
import { Allocator } from "./allocator.js"
import type { Arithmetic } from "./arithmetic.js"
import { mostPages } from "./emitter.js"
import { controlBytes } from "./threads/control.js"

const pageBytes = 65536

/** Freed ones have address -1. A field, and no map by buffer, as small programs take and free buffers more often than they compute. */
class Held implements DeviceBuffer {
  constructor(
    readonly type: BufferType,
    readonly owner: SessionMemory,
    public address: number,
  ) {}
}

export class SessionMemory {
  readonly memory: WebAssembly.Memory
  /** All of it, made again when it grows. */
  words: Uint32Array
  /** Bytes of live buffers. */
  inUse = 0
  private closed = false
  private readonly allocator: Allocator

  constructor(
    private readonly num: Arithmetic,
    shared: boolean,
  ) {
    this.memory = new WebAssembly.Memory(shared ? { initial: 1, maximum: mostPages, shared } : { initial: 1 })
    this.words = new Uint32Array(this.memory.buffer)
    this.allocator = new Allocator(controlBytes, pageBytes, (bytes) => this.grow(bytes))
  }

  private grow(bytes: number): number {
    try {
      this.memory.grow(Math.ceil(bytes / pageBytes))
      this.words = new Uint32Array(this.memory.buffer)
    } catch {
      // the engine has no more: the size stays as it was
    }
    return this.words.byteLength
  }

  view(address: number, length: number): Float32Array | Float64Array {
    return this.num.bytes === 4
      ? new Float32Array(this.memory.buffer, address, length)
      : new Float64Array(this.memory.buffer, address, length)
  }

  byteLength(type: BufferType): number {
    return sizeOf(type.shape) * this.num.bytes
  }

  /** The address of a new block, or -1 if there is no room. */
  allocate(bytes: number): number {
    return this.allocator.allocate(bytes)
  }

  /** Gives a block back that is no buffer. */
  release(address: number, bytes: number): void {
    this.allocator.release(address, bytes)
  }

  /** Makes a block a buffer. */
  hold(type: BufferType, address: number): DeviceBuffer {
    this.inUse += this.byteLength(type)
    return new Held(type, this, address)
  }

  /** -1 where the buffer was freed, or belongs to another session. */
  addressOf(buffer: DeviceBuffer): number {
    return buffer instanceof Held && buffer.owner === this && !this.closed ? buffer.address : -1
  }

  free(buffer: DeviceBuffer): void {
    const address = this.addressOf(buffer)
    if (address < 0) return
    const bytes = this.byteLength(buffer.type)
    this.inUse -= bytes
    this.allocator.release(address, bytes)
    ;(buffer as Held).address = -1
  }

  /** All buffers are freed. */
  close(): void {
    this.closed = true
    this.inUse = 0
  }
}

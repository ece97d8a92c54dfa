/** Blocks of linear memory, first-fit, on 16 bytes each; the memory grows when no gap is large enough. */
import { FreeList } from "../../compile/free-list.js"

const alignment = 16

const sizeFor = (bytes: number): number => Math.max(alignment, Math.ceil(bytes / alignment) * alignment)

export class Allocator {
  private readonly gaps = new FreeList()

  /** Manages [start, end); `grow` makes room for that many more bytes, gives the new end, or the old one if it can't. */
  constructor(
    start: number,
    private end: number,
    private readonly grow: (bytes: number) => number,
  ) {
    this.gaps.release(start, end - start)
  }

  /** The address of a new block, or -1 if there is no room. */
  allocate(bytes: number): number {
    const size = sizeFor(bytes)
    const address = this.gaps.take(size)
    if (address >= 0) return address
    // room in steps that grow with the memory, so that many small blocks don't grow it each
    const grown = this.extend(Math.max(size, this.end / 4)) || this.extend(size)
    return grown ? this.gaps.take(size) : -1
  }

  private extend(bytes: number): boolean {
    const end = this.grow(bytes)
    if (end === this.end) return false
    this.gaps.release(this.end, end - this.end)
    this.end = end
    return true
  }

  /** Gives a block back, once, with the bytes that were asked for. */
  release(address: number, bytes: number): void {
    this.gaps.release(address, sizeFor(bytes))
  }
}

/** Blocks of linear memory, first-fit, on 16 bytes each; the memory grows when no gap is large enough. */
import { FreeList } from "../../compile/free-list.js"

const alignment = 16

export class Allocator {
  private readonly gaps = new FreeList()
  private readonly sizes = new Map<number, number>()

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
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment)
    let address = this.gaps.take(size)
    if (address < 0) {
      // room in steps that grow with the memory, so that many small blocks don't grow it each
      const grown = this.extend(Math.max(size, this.end / 4)) || this.extend(size)
      if (!grown) return -1
      address = this.gaps.take(size)
    }
    this.sizes.set(address, size)
    return address
  }

  private extend(bytes: number): boolean {
    const end = this.grow(bytes)
    if (end === this.end) return false
    this.gaps.release(this.end, end - this.end)
    this.end = end
    return true
  }

  release(address: number): void {
    const size = this.sizes.get(address)
    if (size === undefined) return
    this.sizes.delete(address)
    this.gaps.release(address, size)
  }
}

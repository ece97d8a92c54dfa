/** Gaps in a range of addresses, in order and never adjacent; they are given out first-fit. */
export class FreeList {
  private readonly offsets: number[] = []
  private readonly sizes: number[] = []

  /** The first gap's offset that holds `size`, or -1. */
  take(size: number): number {
    if (size === 0) return 0
    for (let i = 0; i < this.offsets.length; i++) {
      const gap = this.sizes[i] as number
      if (gap < size) continue
      const offset = this.offsets[i] as number
      if (gap === size) {
        this.offsets.splice(i, 1)
        this.sizes.splice(i, 1)
      } else {
        this.offsets[i] = offset + size
        this.sizes[i] = gap - size
      }
      return offset
    }
    return -1
  }

  /** Takes the whole gap that ends at `end`; gives its size, 0 where there is none. */
  takeLast(end: number): number {
    const last = this.offsets.length - 1
    if (last < 0 || (this.offsets[last] as number) + (this.sizes[last] as number) !== end) return 0
    this.offsets.pop()
    return this.sizes.pop() as number
  }

  release(offset: number, size: number): void {
    if (size === 0) return
    const i = this.firstAfter(offset)
    const joinsPrevious = i > 0 && (this.offsets[i - 1] as number) + (this.sizes[i - 1] as number) === offset
    const joinsNext = i < this.offsets.length && offset + size === this.offsets[i]
    if (joinsPrevious && joinsNext) {
      this.sizes[i - 1] = (this.sizes[i - 1] as number) + size + (this.sizes[i] as number)
      this.offsets.splice(i, 1)
      this.sizes.splice(i, 1)
    } else if (joinsPrevious) this.sizes[i - 1] = (this.sizes[i - 1] as number) + size
    else if (joinsNext) {
      this.offsets[i] = offset
      this.sizes[i] = (this.sizes[i] as number) + size
    } else {
      this.offsets.splice(i, 0, offset)
      this.sizes.splice(i, 0, size)
    }
  }

  private firstAfter(offset: number): number {
    let low = 0
    let high = this.offsets.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.offsets[middle] as number) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

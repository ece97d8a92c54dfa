/**
 * Whole numbers by application. Serial numbers are dense where a body was made, so an array over them takes the place of a hash table: a
 * walk over 100,000 applications looks each up several times. The array is cut into pieces made where they are needed, so
 * that a small body in a long history, or one whose parts were made far apart, costs what it holds.
 */
import type { Apply } from "../tensor/apply.js"

const BITS = 8
const LENGTH = 1 << BITS

export class SerialTable {
  private readonly pieces = new Map<number, Int32Array>()
  /** The piece used last, which mostly is the one used next. */
  private last: Int32Array = new Int32Array(0)
  private lastAt = -1

  /** The number of an application; 0 where none was set. */
  get({ serial }: Apply): number {
    return this.find(Math.floor(serial / LENGTH)) ? (this.last[serial % LENGTH] as number) : 0
  }

  set({ serial }: Apply, number: number): void {
    const at = Math.floor(serial / LENGTH)
    if (!this.find(at)) {
      this.last = new Int32Array(LENGTH)
      this.lastAt = at
      this.pieces.set(at, this.last)
    }
    this.last[serial % LENGTH] = number
  }

  /** What was set and is not 0, the oldest application first. */
  *numbers(): Generator<number> {
    for (const at of [...this.pieces.keys()].sort((a, b) => a - b))
      for (const number of this.pieces.get(at) as Int32Array) if (number !== 0) yield number
  }

  /** Makes a piece the last one; false where there is none. */
  private find(at: number): boolean {
    if (at === this.lastAt) return true
    const piece = this.pieces.get(at)
    if (piece === undefined) return false
    this.last = piece
    this.lastAt = at
    return true
  }
}

/** An operand of a reduction, and another layout for it. */
import type { Guard, Ix, Nest } from "../nest.js"
import type { BufferType } from "../schedule.js"
import type { Load } from "../substitute.js"

export interface Operand {
  readonly load: Load
  readonly type: BufferType
  /** How often the reduction runs while the operand stays the same. */
  readonly turns: number
}

/** A copy of the operand (`nest` reads it as input 0), and where the reduction finds what it loads in it. */
export interface Change {
  readonly name: string
  readonly key: string
  readonly nest: Nest
  readonly at: readonly Ix[]
  readonly guards: readonly Guard[]
}

/** What a law that failed hands over: the programs in which the first wrong rule is looked for, and where. */
import type { TargetName } from "../../core/index.js"
import type { Mask } from "../function/masks.js"
import type { Fn, Values } from "../run.js"

/** A program at an input that breaks a law. */
export interface Suspect {
  readonly fn: Fn
  /** The input; for a law about rows one for each row. */
  readonly points: readonly Values[]
  /** Inputs in which derivatives are taken. */
  readonly active: Mask
  /** Inputs that differ from row to row. */
  readonly batched: Mask
  /** Up to which order the law speaks of derivatives. */
  readonly order: 0 | 1 | 2
  /** Whether the law speaks of rows. */
  readonly rows: boolean
  /** Targets that the law compares with the interpreter. */
  readonly targets: readonly TargetName[]
}

const floats = ({ inputs }: Fn): Mask => inputs.map((t) => t.elem === "float")

/** A program whose derivatives, up to an order, are in doubt. */
export const differentiated = (fn: Fn, x: Values, order: 0 | 1 | 2): Suspect => ({
  fn,
  points: [x],
  active: floats(fn),
  batched: fn.inputs.map(() => false),
  order,
  rows: false,
  targets: [],
})

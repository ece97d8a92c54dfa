/** What the emitters of single values know of the evaluation that they are part of. */
import type { Dataflow } from "./dataflow.js"
import type { Fn } from "./emitter.js"
import type { Library } from "./library.js"

/** What a node is in a vector evaluation. Indices are always scalars. */
export const Form = {
  scalar: 0,
  /** A vector that differs between copies. */
  varying: 1,
  /** A vector of equal elements, the same in all copies. */
  uniform: 2,
} as const

export interface VectorMode {
  /** Per node, one of `Form`. */
  readonly form: Uint8Array
  /** Per node: how much an index grows from one lane to the next. */
  readonly slope: Float64Array
  readonly copies: number
}

/** What emitters of single nodes need of the evaluation that they are part of. */
export interface Values {
  readonly f: Fn
  readonly flow: Dataflow
  readonly library: Library
  readonly locals: ReadonlyMap<number, number>
  /** Leaves a value on the stack. */
  readonly push: (id: number, copy?: number) => void
  /** Leaves a value on the stack that is needed on one side of a conditional node only, with what else that side needs. */
  readonly pushSide: (node: number, side: number, id: number, copy?: number) => void
  /** Whether a conditional node evaluates one side only. */
  readonly hasSides: (node: number) => boolean
  readonly isVector: (id: number) => boolean
  /** Whether the value has a local of its own. */
  readonly isNamed: (id: number) => boolean
  /** Whether a load must check that it stays in its buffer. */
  readonly isSpeculative: (id: number) => boolean
  /** The local of a reduced value. */
  readonly acc: (id: number, copy: number) => number
  /** How much an index grows from one lane to the next. */
  readonly slope: (id: number) => number
}

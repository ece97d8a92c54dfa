/** Optimisers as pure functions of gradients. */
import type { Tensor } from "../../core/index.js"
import type { Spec } from "../layers/index.js"

/** What is known of a step beside its gradients. */
export interface Told {
  /** What is watched: the loss of the step, unless the caller gives another number. */
  readonly value?: Tensor<[]>
}

/**
 * Turns gradients into updates, which are added to the parameters. Everything it remembers is in its state, a tree of tensors, so it runs
 * inside a compiled step, and a checkpoint holds all of it.
 */
export interface Transformation<State, S extends Spec = Spec> {
  /** A description as data. */
  readonly spec: S
  readonly init: (params: unknown) => State
  readonly update: <P>(gradients: P, state: State, params: P, told?: Told) => readonly [updates: P, state: State]
}

/** An optimiser whose state is known at run time only. */
export type Optimiser = Transformation<unknown>

/** A transformation of any state, as an argument. */
export interface AnyTransformation {
  readonly spec: Spec
  readonly init: (params: unknown) => unknown
  readonly update: <P>(gradients: P, state: never, params: P, told?: Told) => readonly [updates: P, state: unknown]
}

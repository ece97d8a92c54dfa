/**
 * What a solver is: pure functions on flat vectors of one row, written in the language itself. The loop (loop.ts) evaluates f
 * where a solver asks, tests for convergence there, and keeps the best point; vmap gives all rows. So line searches and inner
 * Krylov iterations are further turns of the same loop.
 */
import type { AnyTensor, Tensor, Unchecked } from "../../core/index.js"

/** A vector of one row's state. */
export type Vector = Tensor<Unchecked>
/** One number of one row. */
export type Scalar = Tensor<[]>

/** Where to evaluate f next; `along` asks for the product of its Jacobian there with a direction. */
export interface Ask {
  readonly at: Vector
  readonly along?: Vector
  /** 1 where only the product is wanted: the point is not a new one and is not tested. */
  readonly probe?: Scalar
  /** 1 where what the solver declared as a need is used this time; where no row wants it, it is not computed. Left out: always. */
  readonly wants?: { readonly [need in Need]?: Scalar }
}

/** The reply: f at the point asked, and what else the solver declared that it needs. */
export interface Answer {
  readonly at: Vector
  readonly f: Vector
  /** The direction asked for, and J times it, for solvers that need directions. */
  readonly along?: Vector
  readonly alongJ?: Vector
  /** As it was asked. */
  readonly probe?: Scalar
  /** M' (f - at), or M' times the product with the direction in a probe, where M = I - J: only for linear systems. */
  readonly transposed?: Vector
  /** The size of residual that counts as converged, atol + rtol |f|. */
  readonly tolerance: Scalar
  /** The Jacobian [n, n], for solvers that need it; it says nothing where it was not asked for. */
  readonly jacobian?: Tensor<Unchecked>
}

/** What a solver makes of an answer: its next state and its next ask. */
export interface Turn<S> {
  readonly state: S
  readonly ask: Ask
  /** A code of `solveStatuses` with which the solver gives up, 0 while it does not. */
  readonly verdict?: Scalar
  /** 1 where the solver goes on from elsewhere, by another way: that the point was bad, or the last ones, does not end the solve. */
  readonly anew?: Scalar
  /** 1 where a point is not taken although it meets the tolerance: the solver goes on to a better one. */
  readonly refines?: Scalar
}

/** `direction`: `along` and `alongJ`; `jacobian` and `transposed`: what is called so. */
export type Need = "direction" | "jacobian" | "transposed"

/** A tree of tensors that a solver carries from turn to turn, or keeps for a later solve. */
export type State = { readonly [name: string]: AnyTensor | State }

/** How a solver begins. */
export interface Beginning<S extends State = State> {
  readonly state: S
  readonly ask: Ask
}

/** What is kept of a solver's state for a later solve, and how it begins with that at a point. */
export interface Memory<S extends State = State> {
  keep(state: S): State
  resume(kept: State, z: Vector): Beginning<S>
}

export interface Algorithm<S extends State = State> {
  /** What it asks for beside f: products with the Jacobian, the Jacobian itself. */
  readonly needs: readonly Need[]
  /** Goes back to a better point when f is not finite at one it asked for; else such a point ends the solve. */
  readonly recovers: boolean
  /** Turns without a better residual after which a solve of n unknowns has stalled. */
  readonly patience: (n: number) => number
  init(z: Vector): Beginning<S>
  /** What a later solve of a similar equation can use, and how it begins with it at a point. Left out: nothing is worth keeping. */
  readonly memory?: Memory<S>
  /** A method, which TypeScript compares loosely: the loop holds states of any shape, and an algorithm sees its own only. */
  step(state: S, answer: Answer): Turn<S>
}

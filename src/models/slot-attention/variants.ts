/** The variants of slot attention: one solver each, which differ by their adjoint alone. */
import {
  type Adjoint,
  exact,
  iterate,
  neumann,
  oneStep,
  type Policy,
  perRow,
  type Solver,
  truncated,
  unrolled,
} from "../../implicit/index.js"

/** How the gradient passes the refinements. */
export const variantNames = ["oneStep", "unrolled", "truncated", "neumann", "exact"] as const
/** A variant of slot attention by name: how the gradient passes the refinements. */
export type VariantName = (typeof variantNames)[number]

/**
 * The adjoint of a variant for `n` refinements:
 *
 * - `oneStep`: n refinements that nothing differentiates, then one that is differentiated (Chang, Griffiths and Levine 2022).
 * - `unrolled`: backpropagation through all n (Locatello et al. 2020).
 * - `truncated`: n refinements of which the last is differentiated.
 * - `neumann`: as oneStep, with three more terms of the series of (I - J)^-1.
 * - `exact`: the implicit function theorem at the n-th state, as if it were the fixed point.
 *
 * @example
 * adjointOf("truncated", 3)._tag // "truncated"
 */
export const adjointOf = (variant: VariantName, n: number): Adjoint => {
  switch (variant) {
    case "oneStep":
      return oneStep
    case "unrolled":
      return unrolled(n)
    case "truncated":
      return truncated(n, Math.min(1, n))
    case "neumann":
      return neumann(3)
    case "exact":
      return exact()
  }
}

/**
 * `n` refinements of every scene on its own; their number is the point, so a residual that is left is no failure by default.
 *
 * @example
 * slotAttention({ inputs: 4, slots: 3, width: 8, hidden: 16, solver: slotSolver(3, adjointOf("exact", 3)) })
 */
export const slotSolver = (n: number, adjoint: Adjoint, onFailure: Policy = "fixedBudget"): Solver =>
  perRow(iterate(n, { adjoint, onFailure, name: "slots" }))

/** The public linear solve, and root on the same rule. */
import {
  type AnyTensor,
  apply,
  closeBody,
  flatten,
  sameStructure,
  sameType,
  showStructure,
  showType,
  type Tensor,
  TraceError,
  type TreeLike,
  unflatten,
} from "../core/index.js"
import { add } from "../ops/index.js"
import { checkedLinearSolver, checkedPolicy } from "./checked.js"
import { auto } from "./constructors/index.js"
import { fixedPoint } from "./fixed-point.js"
import { linearSolveOp } from "./linear-solve-op.js"
import type { AnyLinearSolver, LinearSolver, Policy, Solver, Structure } from "./spec/index.js"
import { cotangentsTold } from "./told-finite.js"

/** What solves a linear system, and what a failure means. */
export interface LinearSolveOptions<S extends Structure = Structure> {
  /** Default `auto()`: the cheapest for the size and the structure. `cg()` only where the operator is positive definite. */
  readonly solver?: S extends "positiveDefinite" ? AnyLinearSolver : LinearSolver
  /** Default "reject". */
  readonly onFailure?: Policy
  readonly name?: string
}

/**
 * x with `operator(x) = b`, for a linear map from trees to trees of the same structure. Differentiable in b and in what the
 * operator captured, in both modes, to every order.
 *
 * @example
 * linearSolve((x) => matmul(m, x), b)
 * linearSolve(positiveDefinite((x: Tensor<[3, 1]>) => matmul(m, x)), b, { solver: cg() })
 */
export const linearSolve = <X, S extends Structure = "general">(
  operator: ((x: X) => NoInfer<X>) & { readonly structure?: S },
  b: X & TreeLike<X>,
  { solver = auto(), onFailure = "reject", name = "linearSolve" }: LinearSolveOptions<S> = {},
): X => {
  checkedLinearSolver("linearSolve", solver)
  checkedPolicy("linearSolve", onFailure)
  const right = flatten("linearSolve: the right side", b)
  if (right.leaves.length === 0) throw new TraceError("linearSolve: the right side has no tensors")
  right.leaves.forEach((t, i) => {
    if (t.type.elem !== "float")
      throw new TraceError(`linearSolve: the right side${right.paths[i]} must be float, found ${showType(t.type)}`)
  })
  const { graph, captured } = closeBody(
    "linearSolve",
    right.leaves.map((t) => t.type),
    (leaves) => {
      const out = flatten("linearSolve: what the operator returns", operator(unflatten(right.structure, leaves) as X))
      if (!sameStructure(out.structure, right.structure))
        throw new TraceError(
          `linearSolve: the right side has the structure ${showStructure(right.structure)}, the operator returned ${showStructure(out.structure)}; it has to be square`,
        )
      out.leaves.forEach((t, i) => {
        const expected = (right.leaves[i] as AnyTensor).type
        if (!sameType(t.type, expected))
          throw new TraceError(
            `linearSolve: the operator has to be square: ${showType(expected)} goes in${right.paths[i]} and ${showType(t.type)} comes out`,
          )
      })
      return out.leaves
    },
  )
  const outs = apply(
    linearSolveOp,
    {
      operator: graph,
      start: null,
      constants: captured.length,
      columns: [],
      rows: 0,
      solver,
      structure: operator.structure ?? "general",
      policy: onFailure,
      site: name,
      emitted: 0,
    },
    // the solve tells of its own end, and not of what the operator's parameters make of it
    [...cotangentsTold(name, onFailure, captured, { beside: "linearSolve" }), ...right.leaves],
  )
  return unflatten(right.structure, outs.slice(0, right.leaves.length)) as X
}

/**
 * z with F(z) = 0, as the fixed point of z + F(z): its derivative is that of the root, whatever the method.
 *
 * @example
 * root((x) => sub(mul(x, mul(x, x)), a), 1, newton()) // the cube root of a
 */
export const root = <Z>(F: (z: Z) => NoInfer<Z>, init: Z & TreeLike<Z>, solver: Solver): Z =>
  fixedPoint(
    (z: Z) => {
      const at = flatten("root: the state", z)
      const value = flatten("root: the value of F", F(z))
      if (!sameStructure(at.structure, value.structure))
        throw new TraceError(
          `root: the state has the structure ${showStructure(at.structure)}, F returned ${showStructure(value.structure)}`,
        )
      return unflatten(
        at.structure,
        at.leaves.map((t, i) => {
          const equation = value.leaves[i] as AnyTensor
          if (!sameType(t.type, equation.type))
            throw new TraceError(
              `root: F must have an equation for each unknown: the state is ${showType(t.type)}, F returned ${showType(equation.type)}${value.paths[i]}`,
            )
          return add(t as Tensor, equation as Tensor)
        }),
      ) as Z
    },
    init,
    solver,
  )

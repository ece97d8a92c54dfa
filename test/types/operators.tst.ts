/** Structures in the types: conjugate gradients only where the operator is said to be positive definite. */
import { describe, expect, test } from "tstyche"
import {
  cg,
  exact,
  gmres,
  linearSolve,
  lowerTriangular,
  matmul,
  mul,
  normalCg,
  type Operator,
  picard,
  positiveDefinite,
  symmetric,
  type Tensor,
} from "../../src/index.js"
import { named } from "./named.js"

const m = named([64, 64])
const b = named([8, 64])
const apply = (x: Tensor<[8, 64]>) => matmul(x, m)

describe("operators", () => {
  test("keep the type of what they map", () => {
    expect(symmetric(apply)).type.toBe<Operator<Tensor<[8, 64]>, "symmetric">>()
    expect(linearSolve(positiveDefinite(apply), b, { solver: cg() })).type.toBe<Tensor<[8, 64]>>()
    expect(
      linearSolve(
        lowerTriangular((x: Tensor<[8, 64]>) => matmul(x, m)),
        b,
      ),
    ).type.toBe<Tensor<[8, 64]>>()
    expect(linearSolve((x) => matmul(x, m), b, { solver: gmres() })).type.toBe<Tensor<[8, 64]>>()
    expect(
      linearSolve(
        positiveDefinite((x: Tensor<[8, 64]>) => mul(x, 2)),
        b,
        { solver: normalCg() },
      ),
    ).type.toBe<Tensor<[8, 64]>>()
  })
  test("take cg when they are positive definite, else not", () => {
    // @ts-expect-error Type 'DefiniteSolver' is not assignable to type 'LinearSolver | undefined'
    linearSolve(apply, b, { solver: cg() })
    // @ts-expect-error Type 'DefiniteSolver' is not assignable to type 'LinearSolver | undefined'
    linearSolve(symmetric(apply), b, { solver: cg() })
    // @ts-expect-error Type 'DefiniteSolver' is not assignable to type 'LinearSolver | undefined'
    linearSolve(lowerTriangular(apply), b, { solver: cg() })
  })
  test("so do adjoints", () => {
    picard({ adjoint: exact(cg(), "positiveDefinite") })
    picard({ adjoint: exact(gmres(), "symmetric") })
    // @ts-expect-error is not assignable
    picard({ adjoint: exact(cg()) })
    // @ts-expect-error is not assignable
    picard({ adjoint: exact(cg(), "symmetric") })
  })
})

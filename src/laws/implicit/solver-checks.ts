/** What any solver does on maps whose solution is known, or that have none. */
import { solveStatuses, type Tensor } from "../../core/index.js"
import { exact, perRow, type Solver } from "../../implicit/index.js"
import { add, einsum, indexAxis, sliceAxis, sqrt, square, sub, zerosLike } from "../../ops/index.js"
import { drawn } from "../arbitraries/draw.js"
import { contraction, normal } from "../arbitraries/index.js"
import { allOf, fails, holds, type Law, type Verdict } from "../law.js"
import { same } from "../numbers.js"
import { valuesOf } from "../run.js"
import { inputs, showArguments } from "../tree.js"
import { oneRow, type Solve } from "./solve.js"

const SIZE = 3
const ROWS = 2
const codeOf = (status: (typeof solveStatuses)[number]) => solveStatuses.indexOf(status)
const statusOf = (code: number | undefined) => solveStatuses[code ?? 0]

/** Statuses are values here, and what f is applied to is the solve alone. */
export const observed = (solver: Solver): Solver => ({ ...solver, onFailure: "useBest", adjoint: exact() })

type Args = readonly [a: Tensor<[3, 3]>, c: Tensor<[2, 3]>]

/** z A' + c, for one row or for several. */
const mapOf = (a: Tensor, c: Tensor) => (z: Tensor) =>
  add(z.shape.length === 1 ? einsum("ij,j->i", a, z) : einsum("ij,rj->ri", a, z), c) as Tensor

const first = (c: Tensor): Tensor => indexAxis(c, 0, 0) as Tensor

/** A law on a contraction of spectral radius `rho` with a constant term a row. */
const onContractions = (name: string, theorem: string, rho: number, check: (a: Tensor, c: Tensor) => Verdict): Law<Args> => {
  const all = inputs<Args>([contraction(SIZE, rho), normal([ROWS, SIZE])])
  return {
    name: `solver: ${name}`,
    theorem,
    arbitrary: drawn((d) => d.from(() => all)),
    show: (args) => showArguments(args),
    check: ([a, c]) => check(a as Tensor, c as Tensor),
  }
}

export const findsSolutions = (solver: Solver, solve: Solve, rho: number): Law<Args> =>
  onContractions(
    "finds solutions",
    "An affine contraction has one fixed point (Banach 1922): a solver finds it within its evaluations, from 0.",
    rho,
    (a, c) => {
      const { status, residual, evaluations } = oneRow(solver, solve)(mapOf(a, first(c)), zerosLike(first(c)), observed(solver))
      const [code, size, count] = valuesOf([status, residual, evaluations]) as [Float64Array, Float64Array, Float64Array]
      return code[0] === codeOf("Converged")
        ? holds()
        : fails(`${statusOf(code[0])} with a residual of ${size[0]?.toExponential(2)} after ${count[0]} evaluations`)
    },
  )

export const tellsNaN = (solver: Solver, solve: Solve): Law<Args> =>
  onContractions(
    "tells NaN",
    "Where f is nowhere finite no point is a solution: the status is NonFinite, and the state that comes back is the start.",
    0.5,
    (a, c) => {
      const f = mapOf(a, first(c))
      const { z, status } = oneRow(solver, solve)((z: Tensor) => add(f(z), sqrt(sub(-1, square(z)))) as Tensor, first(c), observed(solver))
      const [found, start, code] = valuesOf([z, first(c), status]) as [Float64Array, Float64Array, Float64Array]
      return code[0] === codeOf("NonFinite")
        ? same({ what: "the state after a solve without a finite point", shape: [SIZE] }, start, found)
        : fails(`it says ${statusOf(code[0])} of a map that is NaN everywhere`)
    },
  )

export const rowsAlone = (solver: Solver, solve: Solve): Law<Args> =>
  onContractions(
    "rows",
    "perRow solves each row as if it were alone, to the bit: state, status, residual and evaluations.",
    0.7,
    (a, c) => {
      const told = (c: Tensor) => {
        const s = solve(mapOf(a, c), zerosLike(c), perRow(observed(solver)))
        return valuesOf([s.z, s.status, s.residual, s.evaluations])
      }
      const together = told(c)
      const names = ["state", "status", "residual", "evaluations"]
      return allOf(
        Array.from({ length: ROWS }, (_, i) => {
          const alone = told(sliceAxis(c, 0, i, i + 1) as Tensor)
          return allOf(
            alone.map((expected, k) => {
              const n = expected.length
              return same(
                { what: `${names[k]} of row ${i}`, shape: [n] },
                expected,
                (together[k] as Float64Array).slice(i * n, (i + 1) * n),
              )
            }),
          )
        }),
      )
    },
  )

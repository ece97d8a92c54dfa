/** Laws of a solver of fixed points, whoever wrote it down: on random contractions and on maps that have none to find. */
import { solveStatuses, type Tensor } from "../core/index.js"
import { fixedCount, type Solver, solveFixedPoint } from "../implicit/index.js"
import { add, einsum, mul, sub, tanh, zerosLike } from "../ops/index.js"
import { drawn } from "./arbitraries/draw.js"
import { contraction, normal } from "./arbitraries/index.js"
import { equationLaws } from "./implicit/equation-laws.js"
import { oneRow, type Solve } from "./implicit/solve.js"
import { findsSolutions, observed, rowsAlone, tellsNaN } from "./implicit/solver-checks.js"
import { implicitLayer } from "./implicit-layer.js"
import { type AnyLaw, fails, holds, type Law, vacuous } from "./law.js"
import { valuesOf } from "./run.js"
import { inputs, showArguments } from "./tree.js"

/** Which contractions a solver is held to, and what calls it. */
export interface SolverLawOptions {
  /** Spectral radius of the contractions. Default 0.7; a method that promises more can be asked for it. */
  readonly rho?: number
  /** What solves. Default `solveFixedPoint`; a wrapper of one's own is held to the same laws. */
  readonly solve?: Solve
}

const SIZE = 3
const CONVERGED = solveStatuses.indexOf("Converged")

type Args = readonly [a: Tensor<[3, 3]>, c: Tensor<[3]>]

interface Case {
  readonly args: Args
  /** How much larger the map's slope is than that of a contraction. */
  readonly steepness: number
}

const product = (a: Tensor, z: Tensor) => einsum("ij,j->i", a, z) as Tensor
const affine = (a: Tensor, c: Tensor, steepness: number) => (z: Tensor) => add(mul(product(a, z), steepness) as Tensor, c) as Tensor

/**
 * What a solver says is true: after `Converged`, the residual of the state that is returned, evaluated again, is within the tolerance that
 * the status was given for, whatever the map.
 */
export const honestStatus = (solver: Solver, solve: Solve = solveFixedPoint): Law<Case> => {
  const all = inputs<Args>([contraction(SIZE, 1), normal([SIZE])])
  const draw = () => all
  // statuses are values here: a solve that is refused ends the program before they could be looked at; and the other adjoints
  // apply f once more to what the solve found
  const told = observed(solver)
  const { atol = Number.EPSILON ** (2 / 3), rtol = Number.EPSILON ** (2 / 3) } = solver
  return {
    name: "solver: honest status",
    theorem: "Converged means |f(z) - z| <= atol + rtol |f(z)| at the z that is returned (the stopping test's own definition).",
    arbitrary: drawn((d): Case => ({ args: d.from(draw), steepness: d.int(0, 48) / 16 })),
    show: ({ args, steepness }) => `f(z) = ${steepness} A z + c\n${showArguments(args)}`,
    check: ({ args: [a, c], steepness }) => {
      const f = affine(a as Tensor, c as Tensor, steepness)
      const { z, status, residual } = oneRow(solver, solve)(f, zerosLike(c as Tensor), told)
      const fz = f(z)
      const [state, residuals, value, difference] = valuesOf([status, residual, fz, sub(fz, z) as Tensor]) as [
        Float64Array,
        Float64Array,
        Float64Array,
        Float64Array,
      ]
      const [found, length] = [Math.hypot(...difference), Math.hypot(...value)]
      if (![...state].every((s) => s === CONVERGED)) return vacuous
      // evaluated again, f rounds relative to its terms
      const rounding = 16 * Number.EPSILON * (length + 3 * steepness * Math.hypot(...(valuesOf([z])[0] as Float64Array)) + 1)
      const allowed = atol + rtol * length + rounding
      const error = found / Math.max(length, Number.MIN_VALUE)
      if (!(found <= allowed))
        return fails(`it says Converged, and |f(z) - z| is ${found.toExponential(2)}, allowed ${allowed.toExponential(2)}`, error)
      const said = Math.max(...residuals)
      return Math.abs(said - found) <= 1e-6 * Math.max(said, found) + rounding
        ? holds(error)
        : fails(`it reports a residual of ${said.toExponential(2)}; |f(z) - z| is ${found.toExponential(2)}`)
    },
  }
}

/**
 * Laws of a solver, one of the library, a combination, or one made by `defineSolver`: its statuses are honest on affine maps of any slope, it
 * finds the fixed points of contractions, tells of NaN, takes each row of `perRow` as if it were alone, and a layer tanh(A z + c) that it solves keeps the laws of implicit
 * layers on contractions: the same bits every time and after storage among them. A biased adjoint is not asked for exact gradients.
 *
 * @example
 * await laws.check(laws.solver(anderson({ memory: 3 })), { runs: 20 })()
 */
export const solver = (solver: Solver, { rho = 0.7, solve = solveFixedPoint }: SolverLawOptions = {}): readonly AnyLaw[] => {
  const layer = (a: Tensor<[3, 3]>, c: Tensor<[3]>) =>
    oneRow(solver, solve)(
      (z: Tensor) => tanh(add(product(a as Tensor, z), c as Tensor) as Tensor) as Tensor,
      zerosLike(c as Tensor),
      solver,
    ).z
  return [
    ...(fixedCount(solver.method) !== null
      ? []
      : [
          honestStatus(solver, solve),
          tellsNaN(solver, solve),
          rowsAlone(solver, solve),
          findsSolutions(solver, solve, rho),
          ...(solver.method._tag === "perRow" ? [] : equationLaws(solver, rho, solve)),
        ]),
    ...implicitLayer(layer, [contraction(SIZE, rho), normal([SIZE])]).map((law) => ({
      ...law,
      name: law.name.replace("implicit layer", "solver"),
    })),
  ]
}

/** Residual against evaluations, of several solvers on one problem, from the traces of their solves. */
import {
  anderson,
  broyden,
  chebyshev,
  evaluate,
  newton,
  newtonKrylov,
  picard,
  type Solver,
  solveFixedPoint,
  type Tensor,
  toArray,
} from "../../src/index.js"
import type { Chart, Series } from "../../src/models/index.js"
import { easy, opened, stiff, stiffHigh, zero } from "./problems.js"

type Solvers = Readonly<Record<string, Solver>>

const residuals = (f: (z: Tensor) => Tensor, solver: Solver): readonly number[] => {
  const { trace } = solveFixedPoint(f, zero, solver, { trace: true })
  // behind the last evaluation there is -1
  return [...toArray(opened(evaluate(trace)))].filter((r) => r >= 0)
}

const series = (f: (z: Tensor) => Tensor, solvers: Solvers): readonly Series[] =>
  Object.entries(solvers).map(([name, solver]) => {
    const y = residuals(f, solver)
    return { name, x: y.map((_, i) => i + 1), y }
  })

const axes = { xLabel: "evaluations of f", yLabel: "|f(z) − z|", yScale: "log" } as const
const asked = (maxEvaluations: number) => ({ rtol: 1e-10, atol: 0, maxEvaluations, onFailure: "useBest" }) as const

/** On a layer that contracts by a half: hardly anything to gain. */
export const easyChart = (): Chart => ({
  ...axes,
  title: "z = tanh(M z + x), 32 unknowns, |M| = 0.5",
  note: "All are there soon. A turn of newton makes the Jacobian as well, 32 products.",
  series: series(easy, {
    picard: picard(asked(40)),
    anderson: anderson(asked(40)),
    broyden: broyden(asked(40)),
    chebyshev: chebyshev({ low: -0.5, high: 0.5, ...asked(40) }),
    newton: newton(asked(40)),
    newtonKrylov: newtonKrylov(asked(40)),
  }),
})

/** On a step of a diffusion, whose spectral radius is 0.998. */
export const stiffChart = (): Chart => ({
  ...axes,
  title: "z = z + ¼ (D z + 2 h² exp z), 32 unknowns, spectral radius 0.998",
  note: "picard would need 10,000 evaluations. A short memory loses what it has learnt; one of 20 vectors does not, and Newton's methods don't mind.",
  series: series(stiff, {
    picard: picard(asked(240)),
    "anderson, memory 5": anderson(asked(240)),
    "anderson, memory 20": anderson({ memory: 20, ...asked(240) }),
    chebyshev: chebyshev({ low: 0, high: stiffHigh, ...asked(240) }),
    newton: newton(asked(240)),
    newtonKrylov: newtonKrylov(asked(240)),
  }),
})

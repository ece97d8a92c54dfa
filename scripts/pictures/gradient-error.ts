/** The error of a gradient against the products with the Jacobian that it costs, for adjoints of several kinds. */
import {
  type Adjoint,
  anderson,
  broyden,
  cg,
  compile,
  dense,
  exact,
  fixedPoint,
  gmres,
  grad,
  iteration,
  mean,
  neumann,
  phantom,
  picard,
  type Solver,
  shine,
  square,
  type Tensor,
  toArray,
  unrolled,
} from "../../src/index.js"
import type { Chart, Series } from "../../src/models/index.js"
import { affine, input, opened, zero } from "./problems.js"

const f = affine(0.9)
const tight = { rtol: 1e-12, atol: 0, maxEvaluations: 1000 }

interface Found {
  readonly gradient: ArrayLike<number>
  /** Products of the backward solve, where there is one. */
  readonly solved: number
}

/** The gradient to x of the mean of squares of z = M z + x. */
const gradientBy = async (solver: Solver): Promise<Found> => {
  const loss = (x: Tensor) => mean(square(fixedPoint((z: Tensor) => f(z, x), zero, solver)))
  const program = compile(grad(loss), { target: "wasm:f64" })
  const { value, report } = opened(await program.run(input)())
  program.dispose()
  return { gradient: toArray(value), solved: report.solves.find(({ site }) => site === "fixedPoint'")?.evaluations ?? 0 }
}

const apart = (found: ArrayLike<number>, right: ArrayLike<number>): number =>
  Math.hypot(...Array.from(right, (x, i) => x - (found[i] as number))) / Math.hypot(...Array.from(right))

const counts = [1, 2, 4, 8, 12, 16, 24, 32, 44, 56]
const tolerances = Array.from({ length: 8 }, (_, i) => 10 ** -(0.8 * i + 0.5))

/** An adjoint at every size of it. */
interface Family {
  readonly name: string
  readonly members: readonly {
    readonly solver: Solver /** Known beforehand, or what the backward solve tells. */
    readonly products?: number
  }[]
}
const after = (adjoint: Adjoint): Solver => anderson({ ...tight, adjoint })

const families: readonly Family[] = [
  { name: "neumann(k)", members: counts.map((k) => ({ solver: after(neumann(k - 1)), products: k })) },
  { name: "phantom(k, 0.5)", members: counts.map((k) => ({ solver: after(phantom(k, 0.5)), products: k })) },
  { name: "unrolled(k) from 0", members: counts.map((k) => ({ solver: picard({ ...tight, adjoint: unrolled(k) }), products: k })) },
  {
    name: "exact(iteration(anderson))",
    members: tolerances.map((rtol) => ({ solver: after(exact(iteration(anderson({ rtol, atol: 0 })))) })),
  },
  { name: "exact(gmres)", members: tolerances.map((rtol) => ({ solver: after(exact(gmres({ rtol, atol: 0 }))) })) },
  { name: "exact(cg)", members: tolerances.map((rtol) => ({ solver: after(exact(cg({ rtol, atol: 0 }), "positiveDefinite")) })) },
  { name: "shine", members: [{ solver: broyden({ ...tight, memory: 60, adjoint: shine() }), products: 1 }] },
]

const seriesOf = async ({ name, members }: Family, right: ArrayLike<number>): Promise<Series> => {
  const points: (readonly [number, number])[] = []
  for (const { solver, products } of members) {
    const { gradient, solved } = await gradientBy(solver)
    // one product more takes what the backward solve found to the parameters
    points.push([products ?? solved + 1, apart(gradient, right)])
  }
  return { name, x: points.map(([x]) => x), y: points.map(([, y]) => y) }
}

/** On a layer that contracts by 0.9. */
export const gradientErrorChart = async (): Promise<Chart> => {
  const { gradient } = await gradientBy(after(exact(dense())))
  const series: Series[] = []
  for (const family of families) series.push(await seriesOf(family, gradient))
  return {
    title: "z = M z + x, 32 unknowns, |M| = 0.9: the error of a gradient",
    note: "A series loses a tenth of its error a term, and less where it is damped; Krylov methods solve the same system in far fewer products.",
    xLabel: "products with the Jacobian",
    yLabel: "relative error of the gradient",
    yScale: "log",
    series,
  }
}

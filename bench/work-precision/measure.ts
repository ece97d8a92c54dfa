/** The error of a solver against what it spent, at tolerances from coarse to fine. */
import * as E from "fp-ts/lib/Either.js"
import { evaluate, newton, openSession, type Session, type Solver, solveFixedPoint, type Tensor, tensor, toArray } from "../../src/index.js"
import { mapOf } from "./maps.js"
import type { Problem } from "./problems.js"

export const tolerances: readonly number[] = [1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12]

/** A solver of a tolerance. */
export interface Contender {
  readonly name: string
  readonly solver: (tolerance: number, problem: Problem) => Solver
  readonly fits?: (problem: Problem) => boolean
  /** Evaluations of f or products with its Jacobian that one turn of the loop costs. */
  readonly cost?: (problem: Problem) => number
}

export interface Point {
  readonly tolerance: number
  /** |z - z*| / |z*|. */
  readonly error: number
  readonly evaluations: number
  readonly ms: number
}

const right = <A>(result: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

const start = (problem: Problem): Tensor => tensor(problem.start as number[]) as Tensor

/** The solution to the last digit, by Newton's method on the interpreter. */
export const solutionOf = (problem: Problem): readonly number[] => {
  const solver = newton({ rtol: 0, atol: 0, maxEvaluations: 60, onFailure: "useBest" })
  return [...toArray(right(evaluate(solveFixedPoint(mapOf(problem), start(problem), solver).z)))]
}

export const distance = (z: ArrayLike<number>, solution: readonly number[]): number =>
  Math.hypot(...solution.map((x, i) => x - (z[i] as number))) / Math.hypot(...solution)

const median = (times: readonly number[]): number => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] as number

/** Points of one solver on one problem; a tolerance that it does not reach has none. */
const pointsOf = async (
  session: Session,
  problem: Problem,
  { solver, cost = () => 1 }: Contender,
  solution: readonly number[],
): Promise<readonly Point[]> => {
  const f = mapOf(problem)
  const points: Point[] = []
  const z0 = right(await session.put(start(problem))())
  for (const tolerance of tolerances) {
    const program = session.compile((z: Tensor) => {
      const { z: found, evaluations, status } = solveFixedPoint(f, z, { ...solver(tolerance, problem), onFailure: "useBest" })
      return [found, evaluations, status] as const
    })
    const times: number[] = []
    let told: readonly [Tensor, Tensor, Tensor] | null = null
    for (let turn = 0; turn < 7; turn++) {
      const begun = performance.now()
      told = right(await program(z0)()) as readonly [Tensor, Tensor, Tensor]
      times.push(performance.now() - begun)
    }
    program.dispose()
    const [z, turns, status] = (told as readonly [Tensor, Tensor, Tensor]).map((t) => toArray(t)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ]
    if (status[0] !== 1) break
    points.push({ tolerance, error: distance(z, solution), evaluations: (turns[0] as number) * cost(problem), ms: median(times) })
  }
  session.dispose(z0)
  return points
}

export interface Curve {
  readonly solver: string
  readonly points: readonly Point[]
}

/** Curves of all solvers that fit a problem, on wasm in float64. */
export const curvesOf = async (problem: Problem, contenders: readonly Contender[]): Promise<readonly Curve[]> => {
  const session = right(await openSession("wasm:f64")())
  const solution = solutionOf(problem)
  const curves: Curve[] = []
  for (const contender of contenders)
    if (contender.fits?.(problem) ?? true)
      curves.push({ solver: contender.name, points: await pointsOf(session, problem, contender, solution) })
  await session.close()
  return curves
}

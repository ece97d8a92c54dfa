/** The solvers that are measured, with what each is for where it is nowhere the cheapest. */
import { anderson, broyden, newton, newtonKrylov, picard } from "../../src/index.js"
import type { Contender } from "./measure.js"
import type { Problem } from "./problems.js"

const at = (rtol: number) => ({ rtol, atol: 0, maxEvaluations: 3000 })
/** f, and the Jacobian column by column. */
const dense = ({ n }: Problem): number => 1 + n

export const contenders: readonly Contender[] = [
  { name: "picard", solver: (rtol) => picard(at(rtol)) },
  { name: "anderson", solver: (rtol) => anderson(at(rtol)) },
  { name: "broyden", solver: (rtol) => broyden(at(rtol)) },
  { name: "newton", solver: (rtol) => newton(at(rtol)), cost: dense },
  { name: "newtonKrylov", solver: (rtol) => newtonKrylov(at(rtol)) },
]

/** Why to take a solver that needs the fewest evaluations on none of the problems. */
export const neverCheapest: Readonly<Record<string, string>> = {}

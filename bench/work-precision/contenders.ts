/** The solvers that are measured, with what each is for where it is nowhere the cheapest. */
import {
  anderson,
  broyden,
  chebyshev,
  chord,
  dogleg,
  levenbergMarquardt,
  newton,
  newtonKrylov,
  orElse,
  picard,
  pseudoTransient,
} from "../../src/index.js"
import type { Contender } from "./measure.js"
import type { Problem } from "./problems.js"

const at = (rtol: number) => ({ rtol, atol: 0, maxEvaluations: 3000 })
/** f, and the Jacobian column by column. */
const dense = ({ n }: Problem): number => 1 + n

export const contenders: readonly Contender[] = [
  { name: "picard", solver: (rtol) => picard(at(rtol)) },
  { name: "anderson", solver: (rtol) => anderson(at(rtol)) },
  { name: "anderson, memory 20", solver: (rtol) => anderson({ memory: 20, ...at(rtol) }) },
  { name: "broyden", solver: (rtol) => broyden(at(rtol)) },
  { name: "broyden, bad", solver: (rtol) => broyden({ update: "bad", ...at(rtol) }) },
  // room for all pairs that a linear system can ask for: two an unknown, of at most 64
  { name: "broyden, bad, full steps", solver: (rtol) => broyden({ update: "bad", lineSearch: false, memory: 128, ...at(rtol) }) },
  {
    name: "chebyshev",
    solver: (rtol, { spectrum = { low: 0, high: 0 } }) => chebyshev({ ...spectrum, ...at(rtol) }),
    fits: ({ spectrum }) => spectrum !== undefined,
  },
  { name: "newton", solver: (rtol) => newton(at(rtol)), cost: dense },
  { name: "newton, line search", solver: (rtol) => newton({ lineSearch: true, ...at(rtol) }), cost: dense },
  { name: "levenbergMarquardt", solver: (rtol) => levenbergMarquardt(at(rtol)), cost: dense },
  { name: "dogleg", solver: (rtol) => dogleg(at(rtol)), cost: dense },
  { name: "pseudoTransient", solver: (rtol) => pseudoTransient(at(rtol)), cost: dense },
  { name: "newtonKrylov", solver: (rtol) => newtonKrylov(at(rtol)) },
  // not every turn of these makes a Jacobian, so their evaluations are at most what is said; the time is what it is
  { name: "chord", solver: (rtol) => chord(at(rtol)), cost: dense },
  { name: "picard orElse newton", solver: (rtol) => orElse(picard(at(rtol)), newton(at(rtol))), cost: dense },
]

/** Why to take a solver that needs the fewest evaluations on none of the problems. */
export const neverCheapest: Readonly<Record<string, string>> = {
  picard: "its turn is f and nothing else, so it is the fastest where f contracts well and costs little",
  broyden: "its line search is for starts from far away, and none of these is far",
  "broyden, bad": "a turn costs less than Anderson's with a long window, so it is often the fastest in time",
  chebyshev: "without inner products its turns cost less than those of the methods that need a few fewer",
  newton: "a Jacobian counts as one evaluation an unknown; in time it is among the fastest where the unknowns are few",
  "newton, line search": "as newton's, and on orbits far from a circle it needs a fifth of newton's evaluations",
  chord: "its Jacobian counts as one evaluation an unknown; made once, it is often the fastest in time",
  levenbergMarquardt: "it comes down from where Newton's steps run off, at the price of small steps near the end",
  dogleg: "it comes down from where Newton's steps run off, in fewer turns than Levenberg-Marquardt here",
  pseudoTransient: "it follows a flow to its stable rest where Newton's method goes elsewhere; the others need not follow",
  "picard orElse newton": "it is for maps of which nothing is known: it pays for both where the first fails",
}

/** Laws of a user's own implicit layer: any function of trees with fixed points in it. */
import { TraceError } from "../core/index.js"
import { drawn } from "./arbitraries/draw.js"
import { differentiated } from "./blame/index.js"
import { dotProduct } from "./function/dot-product.js"
import { hessianModes } from "./function/second-order.js"
import type { Case, Check } from "./implicit/case.js"
import { isExact, solvesOf, stateTypes, tightened } from "./implicit/layer.js"
import { neumannBound } from "./implicit/neumann-bound.js"
import { codec, determinism, scaleExact, warmStart } from "./implicit/run-laws.js"
import { damping, initIndependence, noInitGradient, solverIndependence, unrolledInTheLimit } from "./implicit/solution-laws.js"
import { type AnyLaw, type Law, vacuous } from "./law.js"
import { runnable } from "./run.js"
import { type ArgumentsOf, atPoint, inputs, showArguments } from "./tree.js"

const hessian: Check = (c) => (c.solves.every(isExact) ? hessianModes(tightened(c.at.fn), c.active, c.at.x, c.v, c.w, c.u) : vacuous)

/** The laws in the order of their cost, each with its theorem. */
const LAWS: readonly (readonly [string, string, Check])[] = [
  ["determinism", "The same inputs give the same bits, value and gradient: a solve has no hidden state.", determinism],
  ["stored solver", "A solver that was stored and read takes the same steps: decode . encode is the identity.", codec],
  ["warm start", "A solve that starts at its solution costs one evaluation of f and takes no step.", warmStart],
  [
    "no gradient to the start",
    "The solution does not depend on where the search for it began: the gradient to the initial state is exactly zero.",
    noInitGradient,
  ],
  [
    "forward is reverse",
    "<u, J v> = <J' u, v>: the adjoint solve is the transpose of the tangent solve (the dot-product test; Claerbout 1992).",
    (c) => dotProduct(tightened(c.at.fn), c.active, c.at.x, c.v, c.u),
  ],
  ["scale", "J' (2^k u) = 2^k J' u to the bit, for 2^k from 1e-150 to 1e150: no solve has an absolute threshold.", scaleExact],
  ["start independence", "A contraction has one fixed point, wherever the search begins (Banach 1922).", initIndependence],
  [
    "solver independence",
    "Solution and gradient belong to the equation, not to the method that solved it (implicit function theorem).",
    solverIndependence,
  ],
  ["damping", "(1 - tau) z + tau f(z) has the fixed points of f, and the same gradient (implicit function theorem).", damping],
  [
    "unrolled in the limit",
    "The gradient of n unrolled steps tends to the implicit one at the rate of the spectral radius (Gilbert 1992).",
    unrolledInTheLimit,
  ],
  [
    "Neumann bound",
    "With k terms the adjoint state errs by at most q^(k+1) / (1 - q) |u|, q the norm of df/dz (geometric series).",
    (c) => neumannBound(c.at.fn, c.solves, c.at.x, c.u),
  ],
  ["Hessian symmetry", "v' H w = w' H v, and H w is one vector by all orders of the two modes (Schwarz's theorem).", hessian],
]

/**
 * The laws of implicit layers, on a function of trees with fixed points in it: its solves are found, and done again by other
 * methods, from other starts, damped, unrolled. Laws of the solution are tried with tolerances of 1e-13; a law whose condition an
 * input does not meet (a map that is no contraction, an adjoint that is biased on purpose) says nothing about it, and the report
 * counts such inputs. For the value of the gradient against differences of the function, add `laws.gradient`.
 *
 * @example
 * await laws.check(laws.implicitLayer(equilibrium, [contraction(4, 0.9), normal([2, 4])]), { runs: 20 })()
 */
export const implicitLayer = <const A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  arguments_: ArgumentsOf<A>,
): readonly AnyLaw[] => {
  const all = inputs<A>(arguments_)
  const draw = () => all
  const arbitrary = drawn((d): Case<A> => {
    const args = d.from(draw)
    const at = atPoint(f as (...a: readonly never[]) => unknown, args)
    const active = at.fn.inputs.map((t) => t.elem === "float")
    const direction = () => at.fn.inputs.filter((_, i) => active[i]).map(d.direction)
    const solves = solvesOf(at.fn)
    return {
      args,
      at,
      solves,
      active,
      v: direction(),
      w: direction(),
      u: runnable(at.fn)
        .outputs.filter((t) => t.elem === "float")
        .map(d.direction),
      offset: stateTypes(solves.filter((s) => !s.inBody)).map((t) => d.direction(t).map((x) => x / 4)),
      scale: d.int(-498, 498),
      tau: d.int(1, 7) / 8,
    }
  })
  return LAWS.map(
    ([name, theorem, check]): Law<Case<A>> => ({
      name: `implicit layer: ${name}`,
      theorem,
      arbitrary,
      show: ({ args }) => showArguments(args),
      suspects: ({ at }) => [differentiated(at.fn, at.x, check === hessian ? 2 : 1)],
      check: (c) => {
        if (c.solves.length === 0)
          throw new TraceError(
            "laws.implicitLayer: the function has no solve in it that the laws could vary; laws.gradient is for any function",
          )
        return c.v.length === 0 || c.u.length === 0 ? vacuous : check(c)
      },
    }),
  )
}

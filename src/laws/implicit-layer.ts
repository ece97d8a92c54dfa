/** Laws of a user's own implicit layer: any function of trees with fixed points in it. */
import { type AnyTensor, solveStatuses, type Tensor, TraceError } from "../core/index.js"
import { decodeSolver, type FoundSolve, solverCodec } from "../implicit/index.js"
import { add, mul } from "../ops/index.js"
import { drawn } from "./arbitraries/draw.js"
import { dotProduct } from "./function/dot-product.js"
import type { Mask } from "./function/masks.js"
import { hessianModes } from "./function/second-order.js"
import { pullback } from "./function/transforms.js"
import {
  AGREE,
  FLOOR,
  isExact,
  otherSolvers,
  rewritten,
  seeksSolution,
  sharing,
  solvesOf,
  stateTypes,
  tightened,
  where,
} from "./implicit/layer.js"
import { neumannBound } from "./implicit/neumann-bound.js"
import { type AnyLaw, allOf, fails, holds, type Law, type Verdict, vacuous } from "./law.js"
import { close, magnitude, same } from "./numbers.js"
import { type Fn, runnable, type Values } from "./run.js"
import { type ArgumentsOf, type AtPoint, atPoint, inputs, showArguments } from "./tree.js"

interface Case<A> {
  readonly args: A
  readonly at: AtPoint
  readonly solves: readonly FoundSolve[]
  readonly active: Mask
  readonly v: Values
  readonly w: Values
  readonly u: Values
  /** An offset of each solve's start. */
  readonly offset: Values
  /** An exponent of two for cotangents. */
  readonly scale: number
  /** A damping. */
  readonly tau: number
}

type Check = (c: Case<unknown>) => Verdict

const floatsOf = (fn: Fn, x: Values): Values => {
  const f = runnable(fn)
  const all = f.run(x)
  return all.filter((_, i) => f.outputs[i]?.elem === "float")
}

/** Values, and gradients along u, of two functions of the same arguments. */
const agree = (what: string, c: Case<unknown>, one: Fn, other: Fn, gradients: boolean): Verdict =>
  allOf(
    (function* () {
      const compare = (part: string, a: Values, b: Values): Verdict =>
        allOf(
          a.map((x, k) =>
            close({ what: `${part} ${k} ${what}`, shape: [x.length] }, x, b[k] as Float64Array, magnitude([...a, ...b], FLOOR), AGREE),
          ),
        )
      yield compare("float output", floatsOf(one, c.at.x), floatsOf(other, c.at.x))
      if (!gradients || c.v.length === 0) return
      const pull = (fn: Fn) => runnable(pullback(fn, c.active)).run([...c.at.x, ...c.u])
      yield compare("the gradient to float argument", pull(one), pull(other))
    })(),
  )

const scaleExact: Check = (c) => {
  const pull = runnable(pullback(c.at.fn, c.active))
  const factor = 2 ** c.scale
  const expected = pull.run([...c.at.x, ...c.u]).map((g) => g.map((x) => x * factor))
  const found = pull.run([...c.at.x, ...c.u.map((u) => u.map((x) => x * factor))])
  return allOf(
    expected.map((g, k) => same({ what: `J' (2^${c.scale} u), argument ${k},`, shape: [g.length] }, g, found[k] as Float64Array)),
  )
}

const solverIndependence: Check = (c) => {
  if (!c.solves.every(seeksSolution)) return vacuous
  const exactly = c.solves.every(isExact)
  const base = tightened(c.at.fn)
  return allOf(
    [0, 1].map((i) =>
      where(() =>
        agree(
          "by another solver",
          c,
          base,
          rewritten(c.at.fn, [], (s) => s.changed({ solver: otherSolvers(s.solver)[i] ?? s.solver }).solve()),
          exactly,
        ),
      ),
    ),
  )
}

/** The function with offsets of the starts as further inputs; a start inside a body is moved by a number. */
const fromElsewhere = (c: Case<unknown>): Fn => {
  const share = sharing()
  const outside = c.solves.filter((s) => !s.inBody)
  return tightened(c.at.fn, stateTypes(outside), (s, all) => {
    const by = s.inBody ? s.init.map(() => 0.125) : share(s, all)
    return s.changed({ init: s.init.map((t, i) => add(t as Tensor, by[i] as Tensor) as AnyTensor) }).solve()
  })
}

const initIndependence: Check = (c) => {
  if (!c.solves.every(seeksSolution)) return vacuous
  const moved = fromElsewhere(c)
  const at = (offset: Values) => floatsOf(moved, [...c.at.x, ...offset])
  return where(() => {
    const [expected, found] = [at(c.offset.map((d) => d.map(() => 0))), at(c.offset)]
    return allOf(
      expected.map((x, k) =>
        close(
          { what: `float output ${k} from another start`, shape: [x.length] },
          x,
          found[k] as Float64Array,
          magnitude([...expected, ...found], FLOOR),
          AGREE,
        ),
      ),
    )
  })
}

const noInitGradient: Check = (c) => {
  if (c.offset.length === 0 || c.u.length === 0) return vacuous
  const moved = fromElsewhere(c)
  const mask = moved.inputs.map((_, i) => i >= c.at.fn.inputs.length)
  return where(() => {
    const found = runnable(pullback(moved, mask)).run([...c.at.x, ...c.offset, ...c.u])
    return allOf(
      found.map((g, k) =>
        same(
          { what: `the gradient to the start of the state, leaf ${k},`, shape: [g.length] },
          g.map(() => 0),
          g,
        ),
      ),
    )
  })
}

const damping: Check = (c) => {
  if (!c.solves.every((s) => seeksSolution(s) && isExact(s))) return vacuous
  const damped = tightened(c.at.fn, [], (s) =>
    s.changed({ map: (f, z) => f(z).map((y, i) => add(mul(z[i] as Tensor, 1 - c.tau), mul(y as Tensor, c.tau)) as AnyTensor) }).solve(),
  )
  return where(() => agree(`with f damped by ${c.tau}`, c, tightened(c.at.fn), damped, true))
}

const STEPS = 320

const unrolledInTheLimit: Check = (c) => {
  if (!c.solves.every((s) => seeksSolution(s) && isExact(s))) return vacuous
  const unrolled = (steps: number) => tightened(c.at.fn, [], (s) => s.unrolled(steps))
  // the loop has a limit where its value does not change any more: else f is no contraction, and the law says nothing
  const [last, before] = [floatsOf(unrolled(STEPS), c.at.x), floatsOf(unrolled(STEPS - 7), c.at.x)]
  const size = magnitude(last, Number.MIN_VALUE)
  const settled = last.every((x, k) => x.every((n, i) => Math.abs(n - (before[k]?.[i] as number)) <= 1e-12 * size))
  return settled ? where(() => agree(`with its ${STEPS} steps unrolled`, c, tightened(c.at.fn), unrolled(STEPS), true)) : vacuous
}

const CONVERGED = solveStatuses.indexOf("Converged")

const warmStart: Check = (c) => {
  if (!c.solves.every((s) => seeksSolution(s) && !s.inBody)) return vacuous
  return allOf(
    c.solves.map((_, chosen) => {
      let [met, told] = [0, [] as readonly AnyTensor[]]
      const fn = rewritten(c.at.fn, [], (s) => {
        const cold = s.solve()
        const n = s.init.length
        if (met++ === chosen) told = [cold[n] as AnyTensor, s.changed({ init: cold.slice(0, n) }).solve()[n + 2] as AnyTensor]
        return cold
      })
      return where(() => {
        const run = runnable({
          inputs: fn.inputs,
          apply: (args) => {
            met = 0
            fn.apply(args)
            return told
          },
        })
        const [status, evaluations] = run.run(c.at.x) as [Float64Array, Float64Array]
        if (status.some((s) => s !== CONVERGED)) return vacuous
        const most = Math.max(...evaluations)
        return most === 1 ? holds() : fails(`a solve that starts at its own solution takes ${most} evaluations of f, expected 1`)
      })
    }),
  )
}

const codec: Check = (c) => {
  const throughJson = (s: FoundSolve) => {
    const read = decodeSolver(JSON.parse(JSON.stringify(solverCodec.encode(s.solver))))
    if (read._tag === "Left") throw new TraceError(read.left.message)
    return read.right
  }
  const stored = rewritten(c.at.fn, [], (s) => s.changed({ solver: throughJson(s) }).solve())
  return bits("after its solver was stored and read", runnable(c.at.fn).run(c.at.x), runnable(stored).run(c.at.x))
}

const bits = (what: string, a: Values, b: Values): Verdict =>
  allOf(a.map((x, k) => same({ what: `output ${k} ${what}`, shape: [x.length] }, x, b[k] as Float64Array)))

const determinism: Check = (c) => {
  const pull = () => (c.v.length === 0 || c.u.length === 0 ? [] : runnable(pullback(c.at.fn, c.active)).run([...c.at.x, ...c.u]))
  return allOf([
    bits("traced and run again", runnable(c.at.fn).run(c.at.x), runnable(c.at.fn).run(c.at.x)),
    bits("of the gradient, traced and run again", pull(), pull()),
  ])
}

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
  [
    "Hessian symmetry",
    "v' H w = w' H v, and H w is one vector by all orders of the two modes (Schwarz's theorem).",
    (c) => (c.solves.every(isExact) ? hessianModes(tightened(c.at.fn), c.active, c.at.x, c.v, c.w, c.u) : vacuous),
  ],
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

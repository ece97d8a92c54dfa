/**
 * The loop, written once for every solver: evaluate where the solver asks, test there, keep the best point, freeze rows that are
 * decided. It is an ordinary program in the language, so it runs wholly inside a compiled one.
 *
 * The residual is |f(z) - z| over all leaves of a row, undamped, at the very point that is returned. A start at the solution
 * costs one evaluation. Comparisons are written so that NaN stops with NonFinite.
 */
import { type AnyTensor, broadcastAlong, epsilon, flatten, type Tensor, type Unchecked, unflatten } from "../core/index.js"
import {
  add,
  and,
  any,
  cast,
  exp,
  finite,
  full,
  greater,
  less,
  lessEqual,
  log,
  mul,
  norm,
  not,
  or,
  sub,
  vmap,
  where,
  whileLoop,
} from "../ops/index.js"
import type { Algorithm, Answer, Ask, State, Turn } from "./solvers/index.js"
import { codeOf } from "./status.js"

type Bool = Tensor<Unchecked, "bool">

export interface Evaluation {
  /** [rows..., n] */
  readonly f: Tensor
  readonly alongJ?: Tensor
  /** [rows..., n, n] */
  readonly jacobian?: Tensor
  /** What f's own solves tell. */
  readonly emitted: readonly AnyTensor[]
}

export interface LoopSpec {
  readonly algorithm: Algorithm
  readonly rows: number
  readonly evaluate: (ask: Ask) => Evaluation
  /** Tuples that f emits, zero where nothing ran yet. */
  readonly emitted: readonly AnyTensor[]
  readonly atol: Tensor<[]>
  readonly rtol: Tensor<[]>
  readonly maxEvaluations: number
  /** The last point after exactly `maxEvaluations`, whatever its residual, instead of the best one. */
  readonly fixedCount: boolean
}

export interface Ended {
  readonly z: Tensor
  /** One number a row. */
  readonly status: Tensor
  readonly residual: Tensor
  readonly evaluations: Tensor
  readonly emitted: readonly AnyTensor[]
}

/** epsilon^(2/3) of the target that runs the program, times `factor`. */
export const defaultTolerance = (factor = 1): Tensor<[]> => mul(exp(mul(log(epsilon()), 2 / 3)), factor)

/** A residual this many times the first one (and one) has diverged: 1e6 in float64, 1e4 in float32. */
const divergence = (): Tensor<[]> => where(less(epsilon(), 1e-10), full([], 1e6) as Tensor<[]>, full([], 1e4) as Tensor<[]>)

const overRows = <F extends (...args: never[]) => unknown>(f: F, rows: number): F => {
  let g: unknown = f
  for (let i = 0; i < rows; i++) g = vmap(g as never) // rows in, rows out: the types of vmap ask for literal ranks
  return g as F
}

interface Carry {
  readonly state: State
  readonly ask: Ask
  readonly going: Bool
  readonly best: Tensor
  readonly residual: Tensor
  readonly first: Tensor
  /** Turns since the residual last improved. */
  readonly idle: Tensor
  readonly status: Tensor
  readonly evaluations: Tensor
  readonly emitted: readonly AnyTensor[]
}

export const runLoop = (spec: LoopSpec, init: Tensor): Ended => {
  const { algorithm, rows, evaluate, maxEvaluations } = spec
  const lead = init.shape.slice(0, rows)
  const perRow = (x: number): Tensor => full(lead, x) as Tensor
  const along = (p: AnyTensor, like: AnyTensor) =>
    broadcastAlong(
      p,
      like.shape,
      lead.map((_, i) => i),
    )
  /** Rows of `a` where p, else of `b`, through a whole tree. */
  const choose = <T>(p: Bool, a: T, b: T): T => {
    const [x, y] = [flatten("loop", a), flatten("loop", b)]
    return unflatten(
      x.structure,
      x.leaves.map((t, i) => where(along(p, t) as Bool, t as Tensor, y.leaves[i] as Tensor)),
    ) as T
  }
  const rowNorm = overRows((x: Tensor) => norm(x), rows)
  const patience = algorithm.patience(init.shape[rows] as number)

  const turn = (c: Carry): Carry => {
    const { f, alongJ, jacobian, emitted } = evaluate(c.ask)
    const at = c.ask.at as Tensor
    const tested = c.ask.probe === undefined ? less(perRow(0), perRow(1)) : less(c.ask.probe as Tensor, 0.5)
    const residual = rowNorm(sub(f, at) as Tensor)
    const tolerance = add(mul(rowNorm(f), spec.rtol), spec.atol) as Tensor
    const sound = finite(residual)
    const evaluations = add(c.evaluations, 1)
    const spent = not(less(evaluations, maxEvaluations))
    // an infinite f has an infinite tolerance, which an infinite residual meets
    const converged = and(tested, and(sound, lessEqual(residual, tolerance)))
    const better = and(tested, and(sound, or(less(residual, c.residual), everywhere(spec.fixedCount, lead))))
    // The point that converged is the one that is returned: where |f| grew, one before it may have a smaller residual, but not within
    // its own tolerance.
    const kept = or(better, converged)
    const first = where(finite(c.first), c.first, residual)
    const answer: Answer = {
      at,
      f,
      tolerance: tolerance,
      ...(c.ask.along === undefined ? {} : { along: c.ask.along }),
      ...(alongJ === undefined ? {} : { alongJ }),
      ...(jacobian === undefined ? {} : { jacobian }),
    }
    const idle = where(better, perRow(0), add(c.idle, 1)) as Tensor
    const next = overRows((s: State, a: Answer) => algorithm.step(s, a), rows)(c.state, answer) as Turn<State>
    // From the mildest to the worst; the first that holds from below decides.
    const verdicts: readonly (readonly [Bool, number])[] = [
      [spent, codeOf("Exhausted")],
      ...(spec.fixedCount
        ? []
        : ([
            [greater(idle, patience), codeOf("Stalled")],
            [greater(residual, mul(add(first, 1), divergence())), codeOf("Diverged")],
          ] as const)),
    ]
    let status = perRow(0)
    const held = next.anew === undefined ? everywhere(true, lead) : less(next.anew as Tensor, 0.5)
    for (const [holds, value] of verdicts) status = where(value === codeOf("Exhausted") ? holds : and(held, holds), perRow(value), status)
    if (next.verdict !== undefined) status = where(greater(next.verdict as Tensor, 0), next.verdict as Tensor, status)
    const lost = and(held, and(tested, not(sound)))
    const final = algorithm.recovers ? and(lost, or(not(finite(c.residual)), greater(status, 0))) : lost
    status = where(final, perRow(codeOf("NonFinite")), status)
    status = where(spec.fixedCount ? and(converged, spent) : converged, perRow(codeOf("Converged")), status)
    const best = choose(kept, at, c.best)
    const done = greater(status, 0)
    const made: Carry = {
      state: next.state,
      // a decided row is evaluated on with the others: at its best point, where f is known to be finite
      ask: choose(done, { ...next.ask, at: best }, next.ask as { readonly [K in keyof Ask]: Ask[K] }),
      going: not(done),
      best,
      residual: where(kept, residual, c.residual),
      first,
      idle: where(held, idle, perRow(0)),
      status,
      evaluations,
      emitted: c.emitted,
    }
    const { emitted: _own, ...frozen } = c
    const { emitted: _made, ...moved } = made
    return {
      ...choose(c.going, moved, frozen),
      emitted: emitted.map((t, i) => where(any(and(kept, c.going)), t as Tensor, c.emitted[i] as Tensor)),
    }
  }

  const begun = overRows((z: Tensor) => algorithm.init(z), rows)(init) as { readonly state: State; readonly ask: Ask }
  const ended = whileLoop((c: Carry) => any(c.going) as Tensor<[], "bool">, turn, {
    state: begun.state,
    ask: begun.ask,
    going: less(perRow(0), perRow(1)),
    best: init,
    residual: perRow(Number.POSITIVE_INFINITY),
    first: perRow(Number.POSITIVE_INFINITY),
    idle: perRow(0),
    status: perRow(0),
    evaluations: perRow(0),
    emitted: spec.emitted,
  }) as Carry
  return { z: ended.best, status: ended.status, residual: ended.residual, evaluations: ended.evaluations, emitted: ended.emitted }
}

/** A truth value for every row. */
const everywhere = (value: boolean, lead: readonly number[]): Bool => cast(full(lead, value ? 1 : 0) as Tensor, "bool")

/**
 * The loop, written once for every solver: evaluate where the solver asks, test there, keep the best point, freeze rows that are
 * decided. It is an ordinary program in the language, so it runs wholly inside a compiled one.
 *
 * The residual is |f(z) - z| over all leaves of a row, undamped, at the very point that is returned. A start at the solution
 * costs one evaluation. Comparisons are written so that NaN stops with NonFinite.
 */
import { type AnyTensor, epsilon, flatten, type Tensor, type Unchecked } from "../core/index.js"
import {
  add,
  all,
  and,
  any,
  cast,
  equal,
  exp,
  expandAxis,
  finite,
  full,
  greater,
  iota,
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
  zerosLike,
} from "../ops/index.js"
import {
  type Algorithm,
  type Answer,
  type Ask,
  after,
  type Beginning,
  beginning,
  type Course,
  choose,
  type State,
  type Turn,
  type Visit,
  wrong,
} from "./solvers/index.js"
import { codeOf } from "./status.js"

type Bool = Tensor<Unchecked, "bool">

export interface Evaluation {
  /** [rows..., n] */
  readonly f: Tensor
  readonly alongJ?: Tensor
  /** [rows..., n, n] */
  readonly jacobian?: Tensor
  readonly transposed?: Tensor
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
  /** Exactly `maxEvaluations`, whatever the residuals, and then the last point or the best one; null stops at the first that will do. */
  readonly fixedCount: "last" | "best" | null
  /** Whether rows are taken one by one because the solver says so, and f might make one depend on another. */
  readonly oneByOne?: boolean
  /** Whether the residual of every evaluation is told. */
  readonly traces?: boolean
  /** Where an earlier solve ended, and what its solver remembers. */
  readonly earlier?: { readonly z: Tensor; readonly memory: State }
}

/** What stands in a trace behind its last evaluation: no residual, and finite, so that a search for NaN does not end there. */
const NOT_EVALUATED = -1

export interface Ended {
  readonly z: Tensor
  /** One number a row. */
  readonly status: Tensor
  readonly residual: Tensor
  readonly evaluations: Tensor
  readonly emitted: readonly AnyTensor[]
  /** [rows..., maxEvaluations], where it is asked for. */
  readonly trace?: Tensor
  /** What the solver remembers. */
  readonly memory: State
}

/** epsilon^(2/3) of the target that runs the program, times `factor`. */
export const defaultTolerance = (factor = 1): Tensor<[]> => mul(exp(mul(log(epsilon()), 2 / 3)), factor)

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
  readonly course: Course
  /** Whether the best point meets its tolerance, where a fixed number of points goes on after it. */
  readonly met?: Bool
  readonly status: Tensor
  readonly evaluations: Tensor
  readonly emitted: readonly AnyTensor[]
  readonly trace?: Tensor
}

export const runLoop = (spec: LoopSpec, init: Tensor): Ended => {
  const { algorithm, rows, evaluate, maxEvaluations } = spec
  const lead = init.shape.slice(0, rows)
  const perRow = (x: number): Tensor => full(lead, x) as Tensor
  const rowNorm = overRows((x: Tensor) => norm(x), rows)
  // the loop ends with its only row: nothing is ever frozen, and no state need be copied to keep it so
  const alone = rows === 0
  const everywhere = less(perRow(0), perRow(1)) as Bool

  const turn = (c: Carry): Carry => {
    const { f, alongJ, jacobian, transposed, emitted } = evaluate(c.ask)
    const { at, along, probe } = c.ask
    const tested = probe === undefined ? everywhere : (less(probe, 0.5) as Bool)
    const residual = rowNorm(sub(f, at) as Tensor)
    const tolerance = add(mul(rowNorm(f), spec.rtol), spec.atol) as Tensor
    const evaluations = add(c.evaluations, 1)
    const spent = not(less(evaluations, maxEvaluations))
    const visit: Visit = { residual, tested }
    const { course: visited, better } = after(c.course, visit, spec.fixedCount === "last")
    // an infinite f has an infinite tolerance, which an infinite residual meets
    const holds = and(finite(residual), lessEqual(residual, tolerance)) as Bool
    const meets = and(tested, holds) as Bool
    const answer: Answer = {
      at,
      f,
      tolerance: tolerance,
      ...(along === undefined ? {} : { along }),
      ...(probe === undefined ? {} : { probe }),
      ...(alongJ === undefined ? {} : { alongJ }),
      ...(jacobian === undefined ? {} : { jacobian }),
      ...(transposed === undefined ? {} : { transposed }),
    }
    const next = overRows((s: State, a: Answer) => algorithm.step(s, a), rows)(c.state, answer) as Turn<State>
    const taken = next.refines === undefined ? everywhere : or(spent, less(next.refines, 0.5))
    // The point that converged is the one that is returned: where |f| grew, one before it may have a smaller residual, but not within
    // its own tolerance.
    const kept = spec.fixedCount === null ? (or(better, and(meets, taken)) as Bool) : better
    const course = { ...visited, residual: where(kept, residual, visited.residual) as Tensor }
    const fault = wrong({
      before: c.course,
      now: course,
      visit,
      patience: spec.fixedCount === null ? algorithm.patience(init.shape[rows] as number) : null,
      recovers: algorithm.recovers,
      last: spent,
      verdict: next.verdict,
      anew: next.anew,
    })
    const status = where(greater(fault, 0), fault, where(spent, codeOf("Exhausted"), perRow(0)))
    const met = c.met === undefined ? meets : (where(kept, meets, c.met) as Bool)
    const converged = and(met, spec.fixedCount === null ? taken : spent)
    const ended = where(converged, codeOf("Converged"), status) as Tensor
    const best = choose(kept, at, c.best) as Tensor
    const done = greater(ended, 0) as Bool
    const moved = {
      state: next.state,
      // a decided row is evaluated on with the others: at its best point, where f is known to be finite
      ask: alone ? next.ask : choose<Ask>(done, { ...next.ask, at: best, ...unwanted(next.ask) }, next.ask),
      going: not(done),
      best,
      course: next.anew === undefined ? course : { ...course, idle: where(less(next.anew, 0.5), course.idle, 0) },
      ...(c.met === undefined ? {} : { met }),
      ...(c.trace === undefined ? {} : { trace: noted(c.trace, c.evaluations, residual) }),
      status: ended,
      evaluations,
    }
    const { emitted: before, ...decided } = c
    return {
      ...(alone ? moved : choose(c.going, moved, spec.oneByOne ? judgedAgain(decided, residual, holds) : decided)),
      emitted: emitted.map((t, i) => where(any(and(kept, c.going)), t as Tensor, before[i] as Tensor)),
    }
  }

  /**
   * A row that converged is evaluated at its solution in every turn that follows. Its residual is that of the last one, where all rows
   * are what is returned: a row that is no solution there depends on others.
   */
  const judgedAgain = (c: Omit<Carry, "emitted">, residual: Tensor, holds: Bool): Omit<Carry, "emitted"> => {
    const [converged, coupled] = [codeOf("Converged"), codeOf("Coupled")]
    const stopped = or(equal(c.status, converged), equal(c.status, coupled)) as Bool
    return {
      ...c,
      status: where(stopped, where(holds, converged, coupled), c.status) as Tensor,
      course: { ...c.course, residual: where(stopped, residual, c.course.residual) as Tensor },
    }
  }

  const { start, begun } = beginningOf(spec, init)
  const ended = whileLoop((c: Carry) => any(c.going) as Tensor<[], "bool">, turn, {
    state: begun.state,
    ask: begun.ask,
    going: everywhere,
    best: start,
    course: beginning(lead),
    ...(spec.fixedCount === "best" ? { met: not(everywhere) } : {}),
    status: perRow(0),
    evaluations: perRow(0),
    emitted: spec.emitted,
    ...(spec.traces ? { trace: full([...lead, maxEvaluations], NOT_EVALUATED) as Tensor } : {}),
  }) as Carry
  const { memory } = algorithm
  const { best: z, course, status, evaluations, emitted, trace } = ended
  return {
    z,
    status,
    residual: course.residual as Tensor,
    evaluations,
    emitted,
    ...(trace === undefined ? {} : { trace }),
    memory: memory === undefined ? {} : overRows((s: State) => memory.keep(s), rows)(ended.state),
  }
}

/** Where the first ask is made: at `init`, or where an earlier solve ended, in rows in which everything of that is finite. */
const beginningOf = ({ algorithm, rows, earlier }: LoopSpec, init: Tensor): { readonly start: Tensor; readonly begun: Beginning } => {
  const begin = overRows((z: Tensor) => algorithm.init(z), rows)
  if (earlier === undefined) return { start: init, begun: begin(init) }
  const { z, memory } = earlier
  const { memory: remembered } = algorithm
  const sound = flatten("loop", [z, memory])
    .leaves.map((t) => all(finite(t as Tensor), trailing(t, rows)) as Bool)
    .reduce((a, b) => and(a, b) as Bool)
  const start = choose(sound, z, init)
  const fresh = begin(start)
  if (remembered === undefined) return { start, begun: fresh }
  const resumed = overRows((kept: State, at: Tensor) => remembered.resume(kept, at), rows)(memory, start)
  return { start, begun: choose(sound, resumed, fresh) }
}

const trailing = (t: AnyTensor, rows: number): readonly number[] => t.shape.slice(rows).map((_, i) => rows + i)

/** A trace with one more residual in it. */
const noted = (trace: Tensor, evaluations: Tensor, residual: Tensor): Tensor => {
  const places = cast(iota(trace.shape[trace.shape.length - 1] as number), "float")
  const now = equal(places, expandAxis(evaluations, -1)) as Bool
  const value = where(finite(residual), residual, Number.POSITIVE_INFINITY) as Tensor
  return where(now, expandAxis(value, -1) as Tensor, trace) as Tensor
}

/** What a row that is decided wants beside f: nothing. */
const unwanted = ({ wants }: Ask): Pick<Ask, "wants"> =>
  wants === undefined ? {} : { wants: Object.fromEntries(Object.entries(wants).map(([need, t]) => [need, zerosLike(t)])) }

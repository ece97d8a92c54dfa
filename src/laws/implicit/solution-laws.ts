/** Solution and gradient belong to the equation: whatever method, start, damping or number of steps found them. */
import type { AnyTensor, Tensor } from "../../core/index.js"
import { add, mul } from "../../ops/index.js"
import { pullback } from "../function/transforms.js"
import { allOf, vacuous } from "../law.js"
import { close, magnitude, same } from "../numbers.js"
import { type Fn, runnable, type Values } from "../run.js"
import { agree, type Case, type Check, floatsOf } from "./case.js"
import { AGREE, FLOOR, isExact, otherSolvers, rewritten, seeksSolution, sharing, stateTypes, tightened, where } from "./layer.js"

export const solverIndependence: Check = (c) => {
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

export const initIndependence: Check = (c) => {
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

export const noInitGradient: Check = (c) => {
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

export const damping: Check = (c) => {
  if (!c.solves.every((s) => seeksSolution(s) && isExact(s))) return vacuous
  const damped = tightened(c.at.fn, [], (s) =>
    s.changed({ map: (f, z) => f(z).map((y, i) => add(mul(z[i] as Tensor, 1 - c.tau), mul(y as Tensor, c.tau)) as AnyTensor) }).solve(),
  )
  return where(() => agree(`with f damped by ${c.tau}`, c, tightened(c.at.fn), damped, true))
}

const STEPS = 320

export const unrolledInTheLimit: Check = (c) => {
  if (!c.solves.every((s) => seeksSolution(s) && isExact(s))) return vacuous
  const unrolled = (steps: number) => tightened(c.at.fn, [], (s) => s.unrolled(steps))
  const pull = (fn: Fn): Values => (c.v.length === 0 ? [] : runnable(pullback(fn, c.active)).run([...c.at.x, ...c.u]))
  // the loop has a limit where neither its value nor its gradient changes any more (a loop that starts at a fixed point stays there
  // even where it repels): else f is no contraction, and the law says nothing
  const settles = (give: (fn: Fn) => Values): boolean => {
    const [last, before] = [give(unrolled(STEPS)), give(unrolled(STEPS - 7))]
    const size = magnitude(last, Number.MIN_VALUE)
    return last.every((x, k) => x.every((n, i) => Math.abs(n - (before[k]?.[i] as number)) <= 1e-12 * size))
  }
  return settles((fn) => floatsOf(fn, c.at.x)) && settles(pull)
    ? where(() => agree(`with its ${STEPS} steps unrolled`, c, tightened(c.at.fn), unrolled(STEPS), true))
    : vacuous
}

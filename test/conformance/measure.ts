/** How far a layer is from its row of the table: value, first, second and third derivatives, by every mode. */
import { grad, jvp, type Tensor, tensor, vjp } from "../../src/core/index.js"
import type { Solver } from "../../src/implicit/index.js"
import { dot, indexAxis, jacobian } from "../../src/ops/index.js"
import { numbers } from "../support/outcome.js"
import type { Known, Row } from "./row.js"

/** The largest error of a part, relative to each number (to the largest of the part, where one is zero). */
const worst = (expected: readonly Known[], found: readonly number[]): number => {
  const scale = Math.max(...expected.map((x) => Math.abs(x ?? 0))) || 1
  const errors = expected.map((x, i) => (x === null ? 0 : Math.abs(x - (found[i] as number)) / (Math.abs(x) || scale)))
  return errors.some(Number.isNaN) || expected.length !== found.length ? Number.POSITIVE_INFINITY : Math.max(...errors)
}

const unit = (n: number, i: number) => tensor(Array.from({ length: n }, (_, k) => (k === i ? 1 : 0))) as Tensor
const component = (f: (p: Tensor) => Tensor, i: number) => (p: Tensor) => indexAxis(f(p), 0, i) as Tensor<[]>

/** The row of the Hessian of an output that belongs to parameter i, by the three mixtures of the modes. */
const hessianRow: Readonly<Record<string, (g: (p: Tensor) => Tensor<[]>, p: Tensor, e: Tensor) => Tensor>> = {
  "forward over reverse": (g, p, e) => jvp((q: Tensor) => grad(g)(q) as Tensor, [p], [e])[1],
  "reverse over forward": (g, p, e) => grad((q: Tensor) => jvp(g, [q], [e])[1])(p) as Tensor,
  "reverse over reverse": (g, p, e) => grad((q: Tensor) => dot(grad(g)(q) as Tensor<[2]>, e as Tensor<[2]>))(p) as Tensor,
}

const thirdBy: Readonly<Record<string, (g: (p: Tensor) => Tensor<[]>, p: Tensor, e: Tensor) => Tensor>> = {
  forward: (g, p, e) => {
    const along = (h: (q: Tensor) => Tensor<[]>) => (q: Tensor) => jvp(h, [q], [e])[1]
    return along(along(along(g)))(p)
  },
  reverse: (g, p, e) => {
    const along = (h: (q: Tensor) => Tensor<[]>) => (q: Tensor) => dot(grad(h)(q) as Tensor<[2]>, e as Tensor<[2]>)
    return along(along(along(g)))(p)
  },
}

/** Errors by the name of what was computed. */
export const measure = (row: Row, solver: Solver): Readonly<Record<string, number>> => {
  const f = row.layer(solver)
  const p = tensor(row.at) as Tensor
  const n = row.at.length
  const errors: Record<string, number> = { value: worst(row.value, numbers(f(p))) }
  if (row.first !== undefined) {
    const expected = row.first.flat()
    errors["first, forward"] = worst(expected, numbers(jacobian(f)(p)))
    // each row by a pullback of its own, not batched: what a user's gradient does
    const [, pull] = vjp(f, p)
    errors["first, reverse"] = worst(expected, numbers(row.first.map((_, i) => pull(unit(row.value.length, i))[0])))
  }
  for (const [mode, by] of Object.entries(hessianRow)) {
    if (row.second === undefined) continue
    const found = row.second.map(([out, i, j]) => indexAxis(by(component(f, out), p, unit(n, i)), 0, j))
    errors[`second, ${mode}`] = worst(
      row.second.map((s) => s[3]),
      numbers(found),
    )
  }
  for (const [mode, by] of Object.entries(thirdBy)) {
    if (row.third === undefined) continue
    const found = row.third.map(([out, i]) => by(component(f, out), p, unit(n, i)))
    errors[`third, ${mode}`] = worst(
      row.third.map((t) => t[2]),
      numbers(found),
    )
  }
  return errors
}

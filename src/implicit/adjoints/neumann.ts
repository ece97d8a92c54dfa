/**
 * The truncated Neumann series. With z stopped and e = f(z, theta) - stop(f(z, theta)), whose value is zero and whose tangent is
 * B theta', the value is
 *
 *     f(z) + sum over i <= terms of A^i e,
 *
 * so the gradient is that of the first terms + 1 terms of (I - A)^-1 B. With terms = 0 it is one application of f at the
 * stopped solution, the "one line" of Chang, Griffiths and Levine (2022). A is frozen: only the first derivative is promised.
 */
import { type AnyTensor, applyClosed, type Closed, closeLinear, linearizeGraph, type Tensor, zerosOf } from "../../core/index.js"
import { add, pick, place, stopGradient, sub } from "../../ops/index.js"

export const neumannSeries = (f: Closed, solution: readonly AnyTensor[], terms: number): readonly AnyTensor[] => {
  const z = solution.map((t) => stopGradient(t as Tensor) as AnyTensor)
  const y = applyClosed(f, z)
  if (terms === 0) return y
  const active = z.map((t) => t.type.elem === "float")
  const frozen = f.captured.map((t) => (t.type.elem === "float" ? stopGradient(t as Tensor) : t))
  const lin = linearizeGraph("fixedPoint", f.graph, [...frozen, ...z], [...frozen.map(() => false), ...active])
  const half = closeLinear(lin)
  const live = lin.tangents.map((t) => t !== null)
  const times = (v: readonly AnyTensor[]): readonly AnyTensor[] =>
    pick(
      place(applyClosed(half, v), live, null).map((t, i) => t ?? zerosOf((y[i] as AnyTensor).type)),
      active,
    )
  const e = pick(y, active).map((t) => sub(t as Tensor, stopGradient(t as Tensor)) as AnyTensor)
  let term: readonly AnyTensor[] = e
  let total: readonly AnyTensor[] = e
  for (let i = 0; i < terms; i++) {
    term = times(term)
    total = total.map((t, k) => add(t as Tensor, term[k] as Tensor))
  }
  const added = place(total, active, null)
  return y.map((t, i) => (added[i] === null ? t : add(stopGradient(t as Tensor), added[i] as Tensor)))
}

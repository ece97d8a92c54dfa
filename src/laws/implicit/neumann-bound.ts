/**
 * The error of the truncated Neumann series. With an offset d added to f, the gradient to d is the adjoint state: lambda with the exact
 * adjoint, lambda_k with k terms, and u itself with none. Then |lambda_k - lambda| <= q^(k+1) / (1 - q) |u|, q the 2-norm of df/dz.
 */
import { type AnyTensor, sizeOf, type Tensor } from "../../core/index.js"
import type { FoundSolve } from "../../implicit/index.js"
import { add } from "../../ops/index.js"
import { pullback } from "../function/transforms.js"
import { allOf, fails, holds, type Verdict, vacuous } from "../law.js"
import { type Fn, runnable, type Values } from "../run.js"
import { isExact, seeksSolution, stateTypes, tightened, where } from "./layer.js"

const LARGEST = 256
const TERMS = [0, 1, 2, 4]

const norm = (parts: Values): number => Math.hypot(...parts.flatMap((x) => [...x]))

/** The 2-norm of a square matrix by powers of A'A: never more than the truth. */
const matrixNorm = (a: Float64Array, n: number): number => {
  let v = Float64Array.from({ length: n }, (_, i) => 1 + Math.sin(i + 1) / 2)
  let size = 0
  for (let step = 0; step < 400; step++) {
    const av = new Float64Array(n)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) av[i] = (av[i] as number) + (a[i * n + j] as number) * (v[j] as number)
    const back = new Float64Array(n)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) back[j] = (back[j] as number) + (a[i * n + j] as number) * (av[i] as number)
    const length = norm([back])
    if (length === 0) return 0
    size = Math.sqrt(length)
    v = back.map((x) => x / length)
  }
  return size
}

export const neumannBound = (fn: Fn, solves: readonly FoundSolve[], x: Values, u: Values): Verdict => {
  const [solve, ...more] = solves
  if (solve === undefined || more.length > 0 || solve.inBody || !seeksSolution(solve) || !isExact(solve)) return vacuous
  const types = stateTypes(solves)
  const n = types.reduce((s, t) => s + sizeOf(t.shape), 0)
  if (n > LARGEST) return vacuous
  const zeros = types.map((t) => new Float64Array(sizeOf(t.shape)))
  const shifted = (by: (s: FoundSolve) => readonly AnyTensor[]): Fn =>
    tightened(fn, types, (s, offsets) =>
      by(
        s.changed({
          extra: offsets,
          map: (f, z, d) => f(z).map((y, i) => add(y as Tensor, d[i] as Tensor) as AnyTensor),
        }),
      ),
    )
  const adjoint = (by: (s: FoundSolve) => readonly AnyTensor[]): Values => {
    const moved = shifted(by)
    const mask = moved.inputs.map((_, i) => i >= fn.inputs.length)
    return runnable(pullback(moved, mask)).run([...x, ...zeros, ...u])
  }
  return where(() => {
    let matrix: readonly AnyTensor[] = []
    const observed = tightened(fn, [], (s) => {
      matrix = [s.jacobian()]
      return s.solve()
    })
    const seen: Fn = {
      inputs: observed.inputs,
      apply: (args) => {
        observed.apply(args)
        return matrix
      },
    }
    const q = matrixNorm(runnable(seen).run(x)[0] as Float64Array, n)
    if (!(q < 0.999)) return vacuous
    const lambda = adjoint((s) => s.solve())
    const size = norm(adjoint((s) => s.neumann(0)))
    return allOf(
      TERMS.map((k) => {
        const found = adjoint((s) => s.neumann(k))
        const error = norm(found.map((l, i) => l.map((y, j) => y - (lambda[i]?.[j] as number))))
        // the norm by powers may be a little too small, and lambda is rounded
        const bound = (1.001 * q ** (k + 1) * size) / (1 - q) + 1e-10 * norm(lambda)
        return error <= bound
          ? holds(error / (norm(lambda) || 1))
          : fails(
              `with ${k} terms the adjoint state errs by ${error.toExponential(3)}, allowed ${bound.toExponential(3)} (q = ${q.toFixed(4)})`,
              error,
            )
      }),
    )
  })
}

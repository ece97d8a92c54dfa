/** What the tests of reductions share. */
import { expect } from "vitest"
import { compile, grad, jvp, type Tensor, type TreeLike, tensor, valueAndGrad } from "../../../src/core/index.js"
import { dot, jacobian } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"

export const t = (x: unknown): Tensor => tensor(x as never) as Tensor
export const s = (x: number): Tensor<[]> => tensor(x) as Tensor<[]>

/** Fixed numbers in (-1, 1), by Park and Miller's generator. */
export const draws = (seed: number): ((n: number) => number[]) => {
  let state = seed
  return (n) =>
    Array.from({ length: n }, () => {
      state = (state * 16807) % 2147483647
      return (state / 2147483647) * 2 - 1
    })
}

/** Jacobians by both modes are the one given. */
export const jacobianIs = (
  f: (x: Tensor) => Tensor,
  at: readonly number[],
  expected: readonly (readonly number[])[],
  tolerance = 1e-13,
): void => {
  for (const mode of ["forward", "reverse"] as const)
    expect(relativeError(expected.flat(), numbers(jacobian(f, { mode })(t(at)))), mode).toBeLessThan(tolerance)
}

/** v'H w of a scalar function by forward over reverse, reverse over forward and reverse over reverse. */
export const secondDerivatives = (
  f: (x: Tensor) => Tensor,
  at: readonly number[],
  v: readonly number[],
  w: readonly number[],
): readonly number[] => {
  const g = f as (x: Tensor) => Tensor<[]>
  const [x, a, b] = [t(at), t(v), t(w)]
  const pulled = (x: Tensor) => grad(g)(x) as Tensor
  return numbers([
    dot(jvp(pulled, [x], [a])[1], b),
    dot(grad((x: Tensor) => jvp(g, [x], [a])[1])(x) as Tensor, b),
    dot(grad((x: Tensor) => dot(pulled(x), a))(x) as Tensor, b),
  ])
}

/** Value and gradient on wasm, in both precisions, are those of the interpreter. */
export const sameOnTargets = async <P>(f: (p: P) => Tensor<[]>, p: P & TreeLike<P>, single = 1e-4): Promise<void> => {
  const both = (q: P) => valueAndGrad(f)(q as P & TreeLike<P>)
  const expected = numbers(both(p))
  for (const [target, tolerance] of [
    ["wasm:f64", 1e-9],
    ["wasm", single],
  ] as const) {
    const program = compile(both, { target })
    const found = numbers(right(await program(p as never)()))
    program.dispose()
    expect(relativeError(expected, found), target).toBeLessThan(tolerance)
  }
}

/** The sum of doubles without rounding on the way (Neumaier). */
export const exactSum = (values: Iterable<number>): number => {
  let [sum, lost] = [0, 0]
  for (const x of values) {
    const next = sum + x
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum
    sum = next
  }
  return sum + lost
}

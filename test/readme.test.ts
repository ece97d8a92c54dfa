/** README's examples, taken from the page as they stand: they compile; the first one runs, and its numbers are right. */
import type { Either } from "fp-ts/lib/Either.js"
import ts from "typescript"
import { expect, test } from "vitest"
import * as stillpoint from "../src/index.js"
import { right } from "./support/either.js"
import { blocksOf, moduleOf, readPage, typeErrors, writeModules } from "./support/pages.js"

const readme = readPage("README.md")
const example = blocksOf(readme)[0]?.code ?? ""

test("the examples compile", () => {
  const given = 'import type { Tensor as Data } from "stillpoint"\ndeclare const w: Data<[8, 8]>\ndeclare const x: Data<["B", 8]>\n'
  const { page } = writeModules("readme", { page: `${given}${moduleOf(readme)}export { result }\n` })
  expect(blocksOf(readme).length).toBeGreaterThan(1)
  expect(typeErrors([page as string])).toEqual([])
})

const N = 8
const ROWS = 3
/** Mean square of the equilibrium, by iterating its equation in plain loops. */
const lossOf = (w: Float64Array, x: Float64Array): number => {
  let z = new Float64Array(x.length)
  for (let turn = 0; turn < 200; turn++) {
    z = x.map((start, at) => {
      let sum = start
      for (let j = 0; j < N; j++) sum += (z[at - (at % N) + j] as number) * (w[j * N + (at % N)] as number)
      return Math.tanh(sum)
    })
  }
  return z.reduce((sum, v) => sum + v * v, 0) / z.length
}

type Result = Either<stillpoint.RunError, readonly [stillpoint.Tensor, { readonly w: stillpoint.Tensor }]>

test("the example runs: value and gradient are those of the equation", async () => {
  // |w| is less than 1, so the equation has one solution
  const w = Float64Array.from({ length: N * N }, (_, i) => Math.sin(1 + 7 * i) / N)
  const x = Float64Array.from({ length: ROWS * N }, (_, i) => Math.cos(1 + 3 * i))
  const { outputText } = ts.transpileModule(example, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  })
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor
  const run = new AsyncFunction("require", "exports", "w", "x", `${outputText}\nreturn result`)
  const needed = (name: string) => {
    expect(name).toBe("stillpoint")
    return stillpoint
  }
  const result: Result = await run(needed, {}, stillpoint.tensor(w, [N, N]), stillpoint.tensor(x, ["B", N]))
  const [value, { w: gradient }] = right(result)

  // the solver stops at |f(z) - z| <= e (1 + |f(z)|) a row, with e = epsilon^(2/3); then z is off by 1 / (1 - |w|) of that at most,
  // and the mean square by 2 |z| / N of it
  const contraction = Math.hypot(...w)
  const size = Math.sqrt(N)
  const off = (2 ** (-23 * (2 / 3)) * (1 + size)) / (1 - contraction)
  expect(contraction).toBeLessThan(0.75)
  expect(Math.abs(stillpoint.toNumber(value) - lossOf(w, x))).toBeLessThan((2 * size * off) / N)
  expect(gradient.shape).toEqual([N, N])
  const direction = w.map((_, i) => Math.cos(2 + 5 * i))
  const moved = (h: number) =>
    lossOf(
      w.map((v, i) => v + h * (direction[i] as number)),
      x,
    )
  const along = stillpoint.toArray(gradient).reduce((sum, g, i) => sum + g * (direction[i] as number), 0)
  const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5
  expect(Math.abs(difference)).toBeGreaterThan(1e-4)
  expect(along / difference).toBeCloseTo(1, 3)
})

/** README's first example, taken from the page as it stands: it compiles, it runs, and its numbers are right. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Either } from "fp-ts/lib/Either.js"
import ts from "typescript"
import { expect, test } from "vitest"
import * as stillpoint from "../src/index.js"
import { right } from "./support/either.js"

const root = fileURLToPath(new URL("../", import.meta.url))
const readme = readFileSync(`${root}README.md`, "utf8")
const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ""

test("the example compiles", () => {
  const file = `${root}test/readme-example.ts`
  const text = `${example}\ndeclare const w: Tensor<[64, 64]>\ndeclare const x: Tensor<["B", 64]>\nexport { result }\n`
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const options = { ...ts.parseJsonConfigFileContent(config, ts.sys, root).options, paths: { stillpoint: [`${root}src/index.ts`] } }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  host.fileExists = (name) => name === file || fileExists(name)
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest)
  const program = ts.createProgram([file], options, host)
  const source = program.getSourceFile(file)
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
  expect(found.map((d) => ts.flattenDiagnosticMessageText(d.messageText, "\n"))).toEqual([])
})

const N = 64
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
  // rows sum to less than 1 in absolute value, so the equation has one solution
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

  expect(stillpoint.toNumber(value)).toBeCloseTo(lossOf(w, x), 5)
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

/** Two projects as users have them: what stands in their files. */

/** The two lines that spare a project the native packages of gpu.js. */
export const overrides = { gl: "npm:empty-npm-package@1.0.0", webgpu: "npm:empty-npm-package@1.0.0" }

const layer = `import { add, anderson, compile, fixedPoint, matmul, mean, square, tanh, tensor, toNumber, valueAndGrad, zerosLike, type TargetName, type Tensor } from "stillpoint"

const equilibrium = (w: Tensor<[2, 2]>, x: Tensor<["B", 2]>) => fixedPoint((z) => tanh(add(matmul(z, w), x)), zerosLike(x), anderson({ memory: 2 }))
const loss = (p: { w: Tensor<[2, 2]> }, x: Tensor<["B", 2]>) => mean(square(equilibrium(p.w, x)))

export const run = async (target: TargetName): Promise<string> => {
  const step = compile(valueAndGrad(loss), { target })
  const result = await step({ w: tensor([[0.1, 0.2], [-0.2, 0.1]]) }, tensor([[1, 2], [3, 4]]))()
  return result._tag === "Right" ? toNumber(result.right[0]).toFixed(5) : result._tag + " " + result.left.message
}
`

const tsconfig = (lib: readonly string[]): string =>
  JSON.stringify({
    compilerOptions: {
      target: "es2022",
      module: "nodenext",
      lib,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      types: [],
      noEmit: true,
    },
    include: ["src"],
  })

/** Every entry, imported as it is named; what they compute, a line each. */
export const nodeProject: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ name: "app", private: true, type: "module", overrides }),
  "tsconfig.json": tsconfig(["es2022", "dom"]),
  "src/layer.ts": layer,
  "src/check.ts": `import { contraction, normal } from "stillpoint/laws/arbitraries"
import * as laws from "stillpoint/laws"
import { picard } from "stillpoint/implicit"
import { adam, dense, type Layer } from "stillpoint/models"
import { tanh } from "stillpoint/ops"
import { printGraph } from "stillpoint/core"
export const all = [contraction(2, 0.5), normal([2]), laws.solver(picard()), adam({ rate: 1e-3 }), dense(2, 3), tanh, printGraph]
export type Any = Layer<unknown, unknown, unknown>
`,
  "entries.mjs": `import { readFileSync } from "node:fs"
const { exports } = JSON.parse(readFileSync("node_modules/stillpoint/package.json", "utf8"))
for (const name of Object.keys(exports)) {
  if (name.endsWith(".json")) continue
  const names = Object.keys(await import("stillpoint" + name.slice(1)))
  if (names.length === 0) throw new Error(name + " exports nothing")
  console.log("import(\\"stillpoint" + name.slice(1) + "\\"): " + names.length + " names")
}
`,
}

/** Without its types, for a Node that doesn't strip them. */
export const nodeMain = `import { run } from "./layer.js"
for (const target of ["interpreter", "wasm", "wasm:f64", "gpu:cpu", "gpu:webasm"]) console.log(target + ": " + (await run(target)))
`

export const viteProject: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ name: "page", private: true, type: "module", overrides }),
  "index.html": `<!doctype html><title>page</title><pre id="out"></pre><script type="module" src="/src/main.ts"></script>`,
  "src/layer.ts": layer,
  "src/main.ts": `import { run } from "./layer.js"
const out = document.querySelector("#out") as HTMLElement
for (const target of ["interpreter", "wasm", "gpu:webgl2", "gpu:webgpu"] as const) out.textContent += target + ": " + (await run(target)) + "\\n"
document.title = "done"
`,
  "vite.config.js": `export default { build: { target: "es2022" } }\n`,
}

/** A program with a gradient on the interpreter: what it weighs bundled. */
export const smallProgram = `import { evaluate, grad, mul, sum, tanh, tensor } from "stillpoint"
console.log(evaluate(grad((x) => sum(tanh(mul(x, x))))(tensor([1, 2, 3]))))
`

/** What the layer has to give, by plain iteration. */
export const expected = (): string => {
  const w = [
    [0.1, 0.2],
    [-0.2, 0.1],
  ] as const
  const rows = [
    [1, 2],
    [3, 4],
  ].map((x) => {
    let z = [0, 0]
    for (let i = 0; i < 200; i++) z = [0, 1].map((j) => Math.tanh(z.reduce((s, zi, k) => s + zi * (w[k]?.[j] as number), x[j] as number)))
    return z
  })
  const squares = rows.flat().map((z) => z * z)
  return (squares.reduce((a, b) => a + b) / squares.length).toFixed(5)
}

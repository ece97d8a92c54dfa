/** Errors and nodes know the user's line: from source, through fp-ts, across compile, and from a build in node_modules. */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { pipe } from "fp-ts/lib/function.js"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { applyOf, closeBody, simplifyGraph, withLines } from "../../src/core/index.js"
import {
  type AnyTensor,
  add,
  compile,
  decodeGraph,
  encodeGraph,
  evaluate,
  grad,
  matmul,
  mul,
  scan,
  sin,
  sum,
  type Tensor,
  TraceError,
  tanh,
  tensor,
  vmap,
} from "../../src/index.js"
import { left, right } from "../support/either.js"

const HERE = "test/core/location.test.ts"

/** The line of its caller. */
const line = (offset = 0): number =>
  Number(/location\.test\.ts:(\d+)/.exec((new Error().stack ?? "").split("\n")[2] as string)?.[1]) + offset

const thrown = (f: () => unknown): TraceError => {
  try {
    f()
  } catch (e) {
    expect(e).toBeInstanceOf(TraceError)
    return e as TraceError
  }
  throw new Error("expected a TraceError")
}

const two = tensor([1, 2]) as Tensor
const three = tensor([1, 2, 3]) as Tensor

describe("a TraceError", () => {
  test("has the line of the call", () => {
    const { at } = thrown(() => add(two, three))
    expect(at).toMatch(new RegExp(`${HERE}:${line(-1)}:33$`))
  })

  test("has the line of the call inside callbacks of callbacks", () => {
    const odd = line(1)
    const f = (x: Tensor) => mul(x, three)
    const deep = (x: Tensor) => sum(scan((c: Tensor, y: Tensor) => [vmap((r: Tensor) => f(r))(c) as Tensor, y], x, x)[0])
    const { at } = thrown(() => grad(deep)(tensor([[1, 2]]) as Tensor))
    expect(at).toMatch(new RegExp(`${HERE}:${odd}:\\d+$`))
  })

  test("passes over packages that call on the user's behalf", () => {
    const { at } = thrown(() => pipe(two, add(three)))
    expect(at).toMatch(new RegExp(`${HERE}:${line(-1)}:\\d+$`))
  })

  test("crosses compile's boundary with it", async () => {
    const odd = line(1)
    const f = (x: Tensor) => matmul(x, three)
    const found = left(
      await compile(
        grad((x: Tensor) => sum(f(x))),
        { target: "interpreter" },
      )(tensor([[1, 2]]))(),
    )
    const at = expect.stringMatching(new RegExp(`${HERE}:${odd}:\\d+$`))
    expect(found).toMatchObject({ _tag: "TraceError", at })
    expect(found.message).toMatch(new RegExp(`^matmul: .*\\n    at .*${HERE}:${odd}:\\d+$`))
  })

  test("so does another error that the function throws", async () => {
    const odd = line(2)
    const f = (_: Tensor): Tensor => {
      throw new Error("no")
    }
    const found = left(await compile(f, { target: "interpreter" })(two)())
    expect(found).toMatchObject({ _tag: "TraceError", at: expect.stringMatching(new RegExp(`${HERE}:${odd}:\\d+$`)) })
  })

  test("and evaluate's", () => {
    const found = left(evaluate({ x: undefined } as never))
    expect(found).toMatchObject({ _tag: "TraceError", at: expect.stringMatching(new RegExp(`${HERE}:${line(-1)}:\\d+$`)) })
  })
})

describe("lines", () => {
  const lossLines = (): { readonly loss: (x: Tensor) => Tensor<[]>; readonly lines: readonly [number, number] } => {
    const first = line(2)
    const loss = (x: Tensor) => {
      const y = tanh(x)
      return sum(mul(sin(y), y))
    }
    return { loss, lines: [first, first + 1] }
  }
  const places = (graph: ReturnType<typeof closeBody>["graph"]) =>
    graph.equations.map((e) => e.line?.at?.replace(/^.*:(\d+):\d+$/, "$1")).map(Number)

  test("are off by default", () => {
    expect(applyOf(sin(two)).line).toBeNull()
    const { graph } = closeBody("test", [two.type], ([x]) => [sin(x as Tensor)])
    expect(graph.equations.map((e) => Object.keys(e))).toEqual([["op", "params", "inputs", "outputs"]])
  })

  test("are kept by derivatives, batching and simplification, and are not stored", () => {
    const { loss, lines } = lossLines()
    const { graph } = withLines(() =>
      closeBody("test", [{ elem: "float", shape: [3, 2] }], ([x]) => [vmap((r: Tensor) => grad(loss)(r))(x as Tensor) as AnyTensor]),
    )
    for (const g of [graph, simplifyGraph(graph)]) {
      const found = places(g)
      // what grad and vmap add themselves was made where they were called
      const own = g.equations.filter((_, i) => lines.includes(found[i] as number)).map((e) => e.op.name)
      expect(own).toEqual(expect.arrayContaining(["tanh", "sin", "mul", "sub"]))
      expect(new Set(found).size).toBeGreaterThan(1)
      expect(found.every(Number.isFinite)).toBe(true)
    }
    const again = right(decodeGraph(encodeGraph(graph)))
    expect(again.equations.every((e) => e.line === undefined)).toBe(true)
  })

  test("end with the function, also when it throws", () => {
    expect(() =>
      withLines(() => {
        throw new Error("no")
      }),
    ).toThrow("no")
    expect(applyOf(sin(two)).line).toBeNull()
  })
})

describe("from a build in node_modules", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url))
  mkdirSync(`${root}.tmp`, { recursive: true })
  const folder = mkdtempSync(`${root}.tmp/location-`)
  const home = `${folder}/node_modules/stillpoint`
  beforeAll(async () => {
    const sources = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" }).filter((p) => p.endsWith(".ts"))
    await build({ entryPoints: sources.map((p) => `${root}src/${p}`), outdir: `${home}/dist`, format: "esm", target: "node20" })
    writeFileSync(`${folder}/package.json`, JSON.stringify({ name: "user", type: "module" }))
    writeFileSync(`${home}/package.json`, JSON.stringify({ name: "stillpoint", type: "module", exports: { ".": "./dist/index.js" } }))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test("the user's line is named there too", () => {
    const script = `
      import { add, compile, tensor } from "stillpoint"
      const f = (x) =>
        add(x, tensor([1, 2, 3]))
      try { f(tensor([1, 2])) } catch (e) { console.log(e.at) }
      console.log((await compile(f, { target: "interpreter" })(tensor([1, 2]))()).left.at)
    `
    writeFileSync(`${folder}/user.mjs`, script)
    const out = execFileSync(process.execPath, [`${folder}/user.mjs`], { encoding: "utf8" })
    expect(out.trim().split("\n")).toEqual([`${folder}/user.mjs:4:9`, `${folder}/user.mjs:4:9`])
  })
})

/** Random programs are well typed, of moderate size, differentiable, and shrink. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type AnyTensor, checkGraph, closeBody, evaluate, isTensor, type Tensor, toArray, valueAndGrad } from "../../../src/core/index.js"
import { drawn } from "../../../src/laws/arbitraries/draw.js"
import { type Program, programKinds, programs, transformNames } from "../../../src/laws/arbitraries/index.js"
import { derivative } from "../../../src/laws/function/difference.js"
import * as laws from "../../../src/laws/index.js"
import { type AtPoint, atPoint } from "../../../src/laws/tree.js"
import { right } from "../../support/either.js"

const types = (p: Program) => p.inputs.map((t) => t.type)
const nodesOf = (p: Program): number => p.show().split("\n").length - p.inputs.length - 1

interface Along {
  readonly p: Program
  readonly at: AtPoint
  readonly active: readonly boolean[]
  readonly v: readonly Float64Array[]
}
const anyProgram = () => all
const all = programs()
const differentiable: laws.Law<Along> = {
  name: "programs: jvp is the derivative",
  theorem: "J v is the limit of central differences along v (definition of the derivative).",
  arbitrary: drawn((d) => {
    const p = d.from(anyProgram)
    const at = atPoint(p.f as (...args: readonly never[]) => unknown, p.inputs)
    const active = at.fn.inputs.map((t) => t.elem === "float")
    return { p, at, active, v: at.fn.inputs.filter((_, i) => active[i]).map(d.direction) }
  }),
  show: ({ p }) => p.show(),
  check: ({ at, active, v }) => derivative(at.fn, active, at.x, v),
}

describe("a random program", () => {
  test("closes to a graph that checks, and its loss is a float scalar", () => {
    fc.assert(
      fc.property(programs(), (p) => {
        right(checkGraph(closeBody("programs", types(p), (args) => p.f(...args)).graph))
        expect(p.loss(...p.inputs).type).toEqual({ elem: "float", shape: [] })
      }),
    )
  })

  test("has finite values of moderate size", () => {
    fc.assert(
      fc.property(programs(), (p) => {
        const values = (right(evaluate(p.f(...p.inputs))) as readonly Tensor[]).flatMap((t) => Array.from(toArray(t)))
        return values.every((x) => Math.abs(x) <= 2 ** 10)
      }),
    )
  })

  test("has derivatives that differences can measure", () => laws.assert(differentiable, { runs: 25 }))

  test("reads as one line an input and a node, with types", () => {
    fc.assert(
      fc.property(programs(), (p) => {
        const lines = p.show().split("\n")
        expect(lines[0]).toMatch(/^flag: bool\[\] = [01]$/)
        lines.slice(1, -1).forEach((line, i) => expect(line).toMatch(new RegExp(`^%${i}: float\\[[\\d, ]*\\] = \\S`)))
        expect(lines.at(-1)).toMatch(/^return %\d+(?:, %\d+)*$/)
        expect(fc.stringify(p)).toBe(p.show())
      }),
    )
  })
})

describe("kinds of nodes", () => {
  const nodeTexts = (p: Program) =>
    p
      .show()
      .split("\n")
      .slice(1 + p.inputs.length, -1)

  test("all smooth ones occur, the kinked ones only where they are asked for", () => {
    const sampled = (ops?: readonly string[]) =>
      fc.sample(programs(ops === undefined ? {} : { ops }), { seed: 1, numRuns: 300 }).flatMap(nodeTexts)
    const texts = sampled()
    const shown: Readonly<Record<string, RegExp>> = {
      add: /\+ %\d+\) \/ 2/,
      mul: /%\d+ \* tanh/,
      sub: /%\d+ - tanh/,
      div: /%\d+ \/ \(1/,
      slice: /second half/,
      cond: /flag \?/,
    }
    const occurs = (kind: string, lines: readonly string[]) => lines.some((line) => (shown[kind] ?? new RegExp(`\\b${kind}\\b`)).test(line))
    expect(programKinds.filter((kind) => !occurs(kind, texts))).toEqual(["relu", "max"])
    expect(["relu", "max"].filter((kind) => !occurs(kind, sampled(["relu", "max"])))).toEqual([])
  })

  test("a kind that does not exist is refused with those that do", () => {
    expect(() => programs({ ops: ["tahn"] })).toThrow(/there is no kind of node "tahn"; there are tanh, add, /)
  })
})

describe("shrinking", () => {
  const smallest = (holds: (p: Program) => boolean): Program =>
    (fc.check(fc.property(programs(), holds), { numRuns: 10_000 }).counterexample as [Program])[0]

  test("leaves the node that matters, and small inputs", () => {
    for (const kind of ["matmul", "scan", "scatterAdd"]) {
      const found = smallest((p) => !p.show().includes(kind))
      expect(found.show()).toContain(kind)
      expect(nodesOf(found)).toBeLessThanOrEqual(4)
      const numbers = found.inputs.filter(isTensor).flatMap((t: AnyTensor) => Array.from(toArray(t)))
      expect(numbers.every((x) => x === 0)).toBe(true)
    }
  })

  test("maxNodes bounds the nodes", () => {
    fc.assert(fc.property(programs({ maxNodes: 3 }), (p) => nodesOf(p) <= 3))
  })
})

describe("nested transforms", () => {
  const DRAWS = 150
  const chainsOf = (transforms: number) => fc.sample(programs({ transforms }), { seed: 1, numRuns: DRAWS }).flatMap((p) => p.nests)
  const ownOf = (chain: readonly string[]) => chain.filter((name) => transformNames.includes(name))
  const deepest = (chains: readonly (readonly string[])[]) => Math.max(0, ...chains.map((chain) => ownOf(chain).length))

  test(`of ${DRAWS} programs some have each kind outermost, in the middle and innermost of three, and loops and branches around`, () => {
    const chains = chainsOf(3)
    for (const place of [0, 1, 2]) {
      const seen = new Set(chains.map((chain) => ownOf(chain)[place]))
      expect(
        transformNames.filter((name) => !seen.has(name)),
        `at place ${place}`,
      ).toEqual([])
    }
    for (const holder of ["scan", "cond"])
      expect(
        chains.some((c) => c.includes(holder) && ownOf(c).length === 3),
        holder,
      ).toBe(true)
  })

  test.each([1, 2, 3])("as deep as is asked for and no deeper: %i", (depth) => {
    expect(deepest(chainsOf(depth))).toBe(depth)
  })

  test("none by default", () => {
    const [usual, zero] = [{}, { transforms: 0 }].map((options) => fc.sample(programs(options), { seed: 1, numRuns: DRAWS }))
    expect(usual!.flatMap((p) => p.nests)).toEqual([])
    expect(usual!.map(String)).toEqual(zero!.map(String))
  })

  test("trace, differentiate and evaluate without a throw, to finite values", () => {
    fc.assert(
      fc.property(programs({ transforms: 3 }), (p) => {
        right(checkGraph(closeBody("programs", types(p), (args) => p.f(...args)).graph))
        const [flag, ...floats] = p.inputs as readonly [AnyTensor, ...AnyTensor[]]
        const both = valueAndGrad((xs: readonly Tensor[]) => p.loss(flag, ...xs))(floats as readonly Tensor[])
        const [value, gradient] = right(evaluate(both)) as readonly [Tensor, readonly Tensor[]]
        for (const t of [value, ...gradient]) expect([...toArray(t)].every(Number.isFinite)).toBe(true)
        expect(gradient.map((g) => g.type)).toEqual(floats.map((x) => x.type))
      }),
      { numRuns: 40 },
    )
  }, 120_000)
})

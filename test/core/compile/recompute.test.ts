import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { buildSchedule } from "../../../src/core/compile/build.js"
import { planMemory } from "../../../src/core/compile/memory.js"
import type { Nest } from "../../../src/core/compile/nest.js"
import { mostAlive, recompute } from "../../../src/core/compile/recompute.js"
import type { Schedule, Step } from "../../../src/core/compile/schedule.js"
import { capabilitiesOf } from "../../../src/core/targets/wasm/session.js"
import { add, exp, grad, key, matmul, mul, softmax, sum, type Tensor, traceTree, uniform, zeros } from "../../../src/index.js"
import { evaluateSchedule, float64 } from "../../support/nest-reference.js"
import { randomProgram } from "../../support/random-graph.js"

const wasm = capabilitiesOf("float32")
const scheduleOf = (f: (...args: readonly never[]) => unknown, ...args: readonly unknown[]): Schedule =>
  buildSchedule(traceTree("recompute", f, args).graph, wasm)
const kernels = ({ steps }: Schedule) => steps.filter((s) => s.t === "kernel")

const at = (input: number) => ({ t: "load", input, at: [{ t: "var", axis: 0 }], guards: [] }) as const
const difference: Nest = { domain: [8], reduce: null, body: { t: "binary", fn: "sub", a: at(0), b: at(1) }, epilogue: null }
const power: Nest = { domain: [8], reduce: null, body: { t: "unary", fn: "exp", a: { t: "unary", fn: "neg", a: at(0) } }, epilogue: null }

/** Differences and powers of what was made before, then some of them taken from a total, from the last to the first. */
const kept = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean(), fc.boolean()), { minLength: 4, maxLength: 30 }).map((all): Schedule => {
  const steps: Step[] = all.map(([a, b, isDifference], i) => {
    const inputs = [a % (i + 1), b % (i + 1)]
    const output = i + 1
    return isDifference
      ? { t: "kernel", name: "difference", nest: difference, inputs, output }
      : { t: "kernel", name: "power", nest: power, inputs: inputs.slice(0, 1), output }
  })
  let total = all.length
  for (const [i, [, , , read]] of [...all.entries()].reverse())
    if (read) steps.push({ t: "kernel", name: "total", nest: difference, inputs: [total, i + 1], output: (total = steps.length + 1) })
  const buffers = Array.from({ length: steps.length + 1 }, () => ({ elem: "float", shape: [8] }) as const)
  return { buffers, inputs: [0], outputs: [total], steps }
})

describe("values that are made again", () => {
  it("change no bit, and lower what is alive at once", () => {
    let changed = 0
    const inputs = [Float64Array.from([0, 0.5, -1, 2, NaN, Infinity, -0, 1e-9])]
    fc.assert(
      fc.property(kept, (schedule) => {
        const made = recompute(schedule, 1)
        if (made !== schedule) {
          changed++
          expect(mostAlive(made)).toBeLessThan(mostAlive(schedule))
        }
        expect(evaluateSchedule(made, inputs, float64)).toStrictEqual(evaluateSchedule(schedule, inputs, float64))
      }),
      { numRuns: 300 },
    )
    expect(changed).toBeGreaterThan(20)
  })

  it("change no bit of programs with loops, branches and derivatives", () => {
    fc.assert(
      fc.property(randomProgram, ({ graph, inputs }) => {
        const schedule = buildSchedule(graph, wasm)
        expect(evaluateSchedule(recompute(schedule, 1), inputs, float64)).toStrictEqual(evaluateSchedule(schedule, inputs, float64))
      }),
    )
  })

  // what the backward pass needs of each layer: the powers of its softmax, and what they make, which is cheap
  const layers = (count: number) => (w: Tensor, x: Tensor) => {
    let h = x
    for (let i = 0; i < count; i++) h = matmul(softmax(matmul(h, w) as Tensor), w) as Tensor
    return sum(mul(h, h) as Tensor) as Tensor<[]>
  }
  const size = 64
  const gradient = (count: number) => scheduleOf(grad(layers(count)) as never, zeros([size, size]), zeros([size, size]))

  it("are the large ones alone", () => {
    const schedule = gradient(4)
    expect(recompute(schedule)).toBe(schedule)
    expect(recompute(schedule, size * size + 1)).toBe(schedule)
  })

  it("lower what a deep program needs, and what its plan has", () => {
    const schedule = gradient(8)
    const made = recompute(schedule, size * size)
    expect(mostAlive(schedule) - mostAlive(made)).toBeGreaterThan(6 * size * size)
    expect(planMemory(schedule).arena - planMemory(made).arena).toBeGreaterThan(6 * size * size)
    expect(kernels(made).length).toBeGreaterThan(kernels(schedule).length)
  })

  it("are never elementary functions or sums", () => {
    const made = recompute(
      scheduleOf(
        ((x: Tensor) => {
          const y = exp(x)
          return add(y, matmul(matmul(matmul(y, y) as Tensor, y) as Tensor, y)) as Tensor
        }) as never,
        zeros([size, size]),
      ),
      1,
    )
    const count = (name: string) => kernels(made).filter((s) => s.name.includes(name) && !s.name.startsWith("pack")).length
    expect(count("exp")).toBe(1)
    expect(count("einsum")).toBe(3)
  })
})

describe("fusion of random numbers", () => {
  it("makes both halves of their bits in one kernel", () => {
    const { steps } = scheduleOf(((k: never) => uniform(k, [8, 8])) as never, key(1))
    expect(kernels({ steps } as Schedule).map((s) => s.nest.domain)).toEqual([[8, 8]])
  })
})

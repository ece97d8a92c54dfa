import { describe, expect, test } from "vitest"
import { asNumber, axis, binary, lit, load, pointwise } from "../../../src/core/compile/build-nest.js"
import type { Nest, Scalar } from "../../../src/core/compile/nest.js"
import type { Schedule, Step } from "../../../src/core/compile/schedule.js"
import { arithmetic } from "../../../src/core/targets/wasm/arithmetic.js"
import { cancellationAddress, compileProgram } from "../../../src/core/targets/wasm/program.js"
import { evaluateSchedule } from "../../support/nest-reference.js"
import { float, newSession, precisions, runSchedule } from "../../support/wasm-run.js"

const x = load(0, [])
const y = load(1, [])
const step = (output: number, body: Scalar, ...inputs: number[]): Step => ({
  t: "kernel",
  name: "step",
  nest: pointwise([], body),
  inputs,
  output,
})
const scalars = (n: number) => Array.from({ length: n }, () => float())
const increment = binary("add", x, lit(1))

/** x[i] of a vector of `n`, a step of its own. */
const map = (n: number, f: (a: Scalar) => Scalar, input: number, output: number): Step => ({
  t: "kernel",
  name: "map",
  nest: pointwise([n], f(load(0, [axis(0)]))),
  inputs: [input],
  output,
})

describe.each(precisions)("control flow in %s", (p, precision) => {
  const session = newSession(p)
  /** What a schedule gives, which is also what its definition gives. */
  const run = async (schedule: Schedule, ...inputs: readonly (readonly number[])[]): Promise<readonly (readonly number[])[]> => {
    const found = await runSchedule(schedule, inputs, p, { session })
    expect(found).toStrictEqual(
      evaluateSchedule(
        schedule,
        inputs.map((data) => Float64Array.from(data)),
        precision,
      ),
    )
    return found.map((data) => [...data])
  }

  /** s := 10 s + slice, and the stack of all s. */
  const digits = (count: number, reverse: boolean): Schedule => ({
    buffers: [float(), float(count), float(), float(), float(), float(), float(count)],
    inputs: [0, 1],
    outputs: [5, 6],
    steps: [
      {
        t: "loop",
        count,
        reverse,
        carries: [{ init: 0, current: 2, next: 4, result: 5 }],
        slices: [{ slab: 1, item: 3 }],
        stacks: [{ slab: 6, item: 4 }],
        body: [step(4, binary("add", binary("mul", x, lit(10)), y), 2, 3)],
      },
    ],
  })

  test("a loop runs forward and in reverse: rows of a stack lie where the slices came from", async () => {
    expect(await run(digits(3, false), [0], [1, 2, 3])).toStrictEqual([[123], [1, 12, 123]])
    expect(await run(digits(3, true), [0], [1, 2, 3])).toStrictEqual([[321], [321, 32, 3]])
  })

  test("a loop without turns gives its initial values and empty stacks", async () => {
    expect(await run(digits(0, false), [7], [])).toStrictEqual([[7], []])
  })

  test("carries that swap, that repeat another and that stay", async () => {
    const schedule: Schedule = {
      buffers: scalars(16),
      inputs: [0, 1, 2, 3],
      outputs: [12, 13, 14, 15],
      steps: [
        {
          t: "loop",
          count: 3,
          reverse: false,
          carries: [
            { init: 0, current: 4, next: 5, result: 12 },
            { init: 1, current: 5, next: 4, result: 13 },
            // follows the first one, a turn late
            { init: 2, current: 6, next: 4, result: 14 },
            { init: 3, current: 7, next: 7, result: 15 },
          ],
          slices: [],
          stacks: [],
          body: [],
        },
      ],
    }
    expect(await run(schedule, [1], [2], [3], [4])).toStrictEqual([[2], [1], [1], [4]])
  })

  test("two carries take the same new value, or one from outside of the loop", async () => {
    const schedule: Schedule = {
      buffers: scalars(12),
      inputs: [0, 1],
      outputs: [8, 9, 10],
      steps: [
        {
          t: "loop",
          count: 2,
          reverse: false,
          carries: [
            { init: 0, current: 2, next: 5, result: 8 },
            { init: 1, current: 3, next: 5, result: 9 },
            { init: 0, current: 4, next: 1, result: 10 },
          ],
          slices: [],
          stacks: [],
          body: [step(5, binary("add", binary("mul", x, lit(2)), y), 2, 3)],
        },
      ],
    }
    expect(await run(schedule, [1], [3])).toStrictEqual([[15], [15], [3]])
  })

  test("an inner loop slices and stacks the outer loop's slice, and the outer one stacks it too", async () => {
    const schedule: Schedule = {
      // 0: [2, 3]; 1: its row, 2: an element of that row; 3: [3, 3] of the row in each inner turn; 4: [2, 3, 3]; 5: [2, 3] again
      buffers: [float(2, 3), float(3), float(), float(3, 3), float(2, 3, 3), float(2, 3), float(3), float(2, 3), float()],
      inputs: [0],
      outputs: [4, 5, 7],
      steps: [
        {
          t: "loop",
          count: 2,
          reverse: true,
          carries: [],
          slices: [{ slab: 0, item: 1 }],
          stacks: [
            { slab: 4, item: 3 },
            { slab: 5, item: 1 },
            { slab: 7, item: 6 },
          ],
          body: [
            {
              t: "loop",
              count: 3,
              reverse: true,
              carries: [],
              slices: [{ slab: 1, item: 2 }],
              stacks: [
                { slab: 3, item: 1 },
                { slab: 6, item: 8 },
              ],
              body: [step(8, increment, 2)],
            },
          ],
        },
      ],
    }
    const [first, second] = [
      [1, 2, 3],
      [4, 5, 6],
    ] as const
    expect(await run(schedule, [...first, ...second])).toStrictEqual([
      [...first, ...first, ...first, ...second, ...second, ...second],
      [...first, ...second],
      [2, 3, 4, 5, 6, 7],
    ])
  })

  test("an item that is sliced in one loop and stacked in another, one after the other and nested", async () => {
    const pass = (count: number, slab: number, item: number, to: number, body: readonly Step[] = []): Step => ({
      t: "loop",
      count,
      reverse: false,
      carries: [],
      slices: [{ slab, item }],
      stacks: [{ slab: to, item }],
      body,
    })
    const schedule: Schedule = {
      buffers: [float(2, 3), float(3), float(2, 3), float(2, 3), float(3), float(), float(3)],
      inputs: [0],
      outputs: [2, 3],
      // 0 is copied to 2 by rows of 1; 2 to 3 by the same rows, each of which is copied by element on the way
      steps: [pass(2, 0, 1, 2), pass(2, 2, 1, 3, [pass(3, 1, 5, 6)])],
    }
    const data = [1, 2, 3, 4, 5, 6]
    expect(await run(schedule, data)).toStrictEqual([data, data])
  })

  test("one item in two stacks, and as a carry", async () => {
    const schedule: Schedule = {
      buffers: [float(), float(), float(), float(), float(3), float(3)],
      inputs: [0],
      outputs: [3, 4, 5],
      steps: [
        {
          t: "loop",
          count: 3,
          reverse: false,
          carries: [{ init: 0, current: 1, next: 2, result: 3 }],
          slices: [],
          stacks: [
            { slab: 4, item: 2 },
            { slab: 5, item: 2 },
          ],
          body: [step(2, increment, 1)],
        },
      ],
    }
    expect(await run(schedule, [0])).toStrictEqual([[3], [1, 2, 3], [1, 2, 3]])
  })

  /** Doubles a vector of 40 while its counter is below input 1. */
  const doubling: Schedule = {
    buffers: [float(40), float(), float(), float(40), float(), float(), float(40), float(), float(40), float()],
    inputs: [0, 1],
    outputs: [8, 9],
    steps: [
      step(2, lit(0)),
      {
        t: "while",
        carries: [
          { init: 0, current: 3, next: 6, result: 8 },
          { init: 2, current: 4, next: 7, result: 9 },
        ],
        condition: [step(5, binary("less", x, y), 4, 1)],
        predicate: 5,
        body: [map(40, (a) => binary("mul", a, lit(2)), 3, 6), step(7, increment, 4)],
      },
    ],
  }

  test("a while runs as often as its condition holds, never included", async () => {
    const ones = new Array<number>(40).fill(1)
    for (const n of [0, 1, 2, 7]) expect(await run(doubling, ones, [n])).toStrictEqual([ones.map(() => 2 ** n), [n]])
  })

  test("a cond runs one side only: the other one would not end", async () => {
    const forever: Step = {
      t: "while",
      carries: [{ init: 1, current: 3, next: 4, result: 5 }],
      condition: [],
      predicate: 2,
      body: [step(4, increment, 3)],
    }
    const schedule: Schedule = {
      buffers: scalars(8),
      inputs: [0, 1, 2],
      outputs: [7],
      steps: [
        {
          t: "cond",
          predicate: 0,
          whenTrue: { steps: [step(6, increment, 1)], results: [6] },
          whenFalse: { steps: [forever], results: [5] },
          outputs: [7],
        },
      ],
    }
    for (const truth of [1, -2, NaN]) expect(await run(schedule, [truth], [4], [1])).toStrictEqual([[5]])
    for (const truth of [0, -0]) expect(await run(schedule, [truth], [4], [0])).toStrictEqual([[4]])
  })

  test("both sides of a cond give results from outside, from inside, and one twice", async () => {
    const schedule: Schedule = {
      buffers: scalars(9),
      inputs: [0, 1],
      outputs: [4, 5, 6, 7],
      steps: [
        {
          t: "cond",
          predicate: 0,
          whenTrue: { steps: [step(2, increment, 1)], results: [2, 2, 1, 1] },
          whenFalse: { steps: [step(3, binary("sub", x, lit(1)), 1)], results: [1, 3, 3, 1] },
          outputs: [4, 5, 6, 7],
        },
      ],
    }
    expect(await run(schedule, [1], [8])).toStrictEqual([[9], [9], [8], [8]])
    expect(await run(schedule, [0], [8])).toStrictEqual([[8], [7], [7], [8]])
  })

  test("more steps than go into one function", async () => {
    const n = 1001
    const chain = (from: number): Step[] => Array.from({ length: n }, (_, i) => step(from + i + 1, increment, from + i))
    const schedule: Schedule = {
      buffers: scalars(2 * n + 3),
      inputs: [0],
      outputs: [n, 2 * n + 2],
      steps: [
        ...chain(0),
        {
          t: "loop",
          count: 2,
          reverse: false,
          carries: [{ init: n, current: n + 1, next: 2 * n + 1, result: 2 * n + 2 }],
          slices: [],
          stacks: [],
          // from the carry on
          body: chain(n + 1),
        },
      ],
    }
    expect(await run(schedule, [0])).toStrictEqual([[n], [3 * n]])
  })

  describe("the cancellation word", () => {
    const loop = (body: readonly Step[]): Schedule => ({
      buffers: scalars(4),
      inputs: [0],
      outputs: [3],
      steps: [
        { t: "loop", count: 5, reverse: false, carries: [{ init: 0, current: 1, next: 2, result: 3 }], slices: [], stacks: [], body },
      ],
    })
    /** Runs a module in a memory of its own, with the word set; gives what `run` gives. */
    const enter = (schedule: Schedule, word: number): number => {
      const program = compileProgram(schedule, arithmetic[p])
      const memory = new WebAssembly.Memory({ initial: 2 })
      const words = new Int32Array(memory.buffer)
      const arena = 1024
      for (const slot of [...program.inputSlots, ...program.outputSlots]) words[(arena + slot) / 4] = 65536
      words[cancellationAddress / 4] = word
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(program.module), { env: { memory } })
      return (exports.run as (arena: number) => number)(arena)
    }
    const once = loop([step(2, increment, 1)])

    test("stops a loop at its head", () => {
      expect(enter(once, 0)).toBe(0)
      expect(enter(once, 1)).toBe(1)
    })

    test("stops a while at its head, before the condition", () => {
      expect(enter(doubling, 0)).toBe(0)
      expect(enter(doubling, 1)).toBe(1)
    })

    test("stops a loop within many steps, and means nothing without loops", () => {
      const many = Array.from({ length: 300 }, (_, i) => step(4 + i, increment, 0))
      const buffers = scalars(304)
      expect(enter({ ...once, buffers, steps: [...many, ...once.steps] }, 1)).toBe(1)
      expect(enter({ buffers, inputs: [0], outputs: [303], steps: many }, 1)).toBe(0)
    })

    test("a run that was cancelled before is a Left, and its inputs can be used again", async () => {
      const program = session.loadSchedule(doubling)
      if (program._tag === "Left") throw new Error(program.left.message)
      const upload = (data: readonly number[], ...shape: number[]) => {
        const buffer = session.upload(data, float(...shape))
        if (buffer._tag === "Left") throw new Error(buffer.left.message)
        return buffer.right
      }
      const before = session.bytesInUse()
      const inputs = [upload(new Array<number>(40).fill(1), 40), upload([3])]
      expect(await program.right.run(inputs, { cancelled: true })()).toMatchObject({ _tag: "Left", left: { _tag: "Cancelled" } })
      const again = await program.right.run(inputs, { cancelled: false })()
      expect(again._tag).toBe("Right")
      if (again._tag === "Right") for (const buffer of [...inputs, ...again.right]) session.free(buffer)
      expect(session.bytesInUse()).toBe(before)
    })
  })
})

describe("description", () => {
  test("is one line a step, indented in loops", () => {
    const sum: Nest = { ...pointwise([8, 8], asNumber(axis(1))) }
    const schedule: Schedule = {
      buffers: [float(8, 8), float(8, 8), float(8, 8)],
      inputs: [0],
      outputs: [2],
      steps: [
        { t: "kernel", name: "iota", nest: sum, inputs: [], output: 1 },
        { t: "copy", from: 1, to: 2 },
      ],
    }
    expect(compileProgram(schedule, arithmetic.float32).description).toStrictEqual(["iota [8, 8]: vector", "copy [8, 8]"])
  })
})

import * as fc from "fast-check"
import { describe, expect, test, vi } from "vitest"
import { axis, binary, lit, load, pointwise } from "../../../src/core/compile/build-nest.js"
import type { Schedule } from "../../../src/core/compile/schedule.js"
import { TraceError } from "../../../src/core/errors.js"
import type { DeviceBuffer, Executable } from "../../../src/core/targets/target.js"
import { Allocator } from "../../../src/core/targets/wasm/allocator.js"
import { WasmSession } from "../../../src/core/targets/wasm/session.js"
import { left, right } from "../../support/either.js"
import { float, newSession, noGraphs } from "../../support/wasm-run.js"

const go = { cancelled: false }

/** y = x + 1, in two steps so that it needs an arena. */
const increment = (n: number): Schedule => {
  const nest = pointwise([n], binary("add", load(0, [axis(0)]), lit(0.5)))
  return {
    buffers: [float(n), float(n), float(n)],
    inputs: [0],
    outputs: [2, 0],
    steps: [
      { t: "kernel", name: "half", nest, inputs: [0], output: 1 },
      { t: "kernel", name: "half", nest, inputs: [1], output: 2 },
    ],
  }
}

const constant: Schedule = {
  buffers: [float()],
  inputs: [],
  outputs: [0],
  steps: [{ t: "kernel", name: "seven", nest: pointwise([], lit(7)), inputs: [], output: 0 }],
}

describe("a session", () => {
  const run = async (program: Executable, ...inputs: readonly DeviceBuffer[]) => right(await program.run(inputs, go)())

  test("keeps values between programs, and gives fresh buffers for inputs that are returned", async () => {
    const session = newSession("float32")
    const program = right(session.loadSchedule(increment(4)))
    const x = right(session.upload([1, 2, 3, 4], float(4)))
    const [y, same] = (await run(program, x)) as [DeviceBuffer, DeviceBuffer]
    session.free(x)
    expect([...right(await session.read(same)())]).toStrictEqual([1, 2, 3, 4])
    const [z] = (await run(program, y)) as [DeviceBuffer]
    expect([...right(await session.read(z)())]).toStrictEqual([3, 4, 5, 6])
  })

  test("a value that was read is a copy", async () => {
    const session = newSession("float64")
    const x = right(session.upload([1, 2], float(2)))
    const data = right(await session.read(x)())
    data[0] = 9
    expect([...right(await session.read(x)())]).toStrictEqual([1, 2])
  })

  test("counts the bytes of live buffers", async () => {
    const session = newSession("float32")
    const program = right(session.loadSchedule(increment(100)))
    const x = right(session.upload(new Float32Array(100), float(100)))
    expect(session.bytesInUse()).toBe(400)
    const outputs = await run(program, x)
    expect(session.bytesInUse()).toBe(1200)
    for (const buffer of [x, ...outputs, x]) session.free(buffer)
    expect(session.bytesInUse()).toBe(0)
  })

  test("a thousand runs, of programs of several sizes, take no more memory than the first ones", async () => {
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow")
    const session = newSession("float32")
    const sizes = [3, 1000, 20_000]
    const programs = sizes.map((n) => right(session.loadSchedule(increment(n))))
    const state = sizes.map((n) => right(session.upload(new Float32Array(n), float(n))))
    const turn = async (k: number): Promise<void> => {
      const [next, other] = (await run(programs[k] as Executable, state[k] as DeviceBuffer)) as [DeviceBuffer, DeviceBuffer]
      for (const old of [state[k] as DeviceBuffer, other]) session.free(old)
      state[k] = next
    }
    for (let i = 0; i < 6; i++) await turn(i % 3)
    const [grown, held] = [grow.mock.calls.length, session.bytesInUse()]
    for (let i = 0; i < 999; i++) await turn(i % 3)
    expect(grow.mock.calls.length).toBe(grown)
    expect(session.bytesInUse()).toBe(held)
    for (const buffer of state) expect(right(await session.read(buffer)())[0]).toBe(2 + 333)
    grow.mockRestore()
  })

  test("a run that has no room is a Left and leaves everything as it was", async () => {
    const session = newSession("float32")
    const n = 2 ** 27
    // outputs of 6 GiB in all
    const nest = pointwise([n], lit(0))
    const outputs = Array.from({ length: 12 }, (_, k) => k)
    const program = right(
      session.loadSchedule({
        buffers: outputs.map(() => float(n)),
        inputs: [],
        outputs,
        steps: outputs.map((output) => ({ t: "kernel", name: "zero", nest, inputs: [], output })),
      }),
    )
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(() => {
      throw new RangeError("no more")
    })
    expect(left(await program.run([], go)())).toMatchObject({ _tag: "TargetFailure", message: expect.stringContaining("no room") })
    grow.mockRestore()
    expect(session.bytesInUse()).toBe(0)
    expect(await run(right(session.loadSchedule(constant)))).toHaveLength(1)
  })

  describe("what can't be used is a Left", () => {
    const stale = { _tag: "StaleHandle" }

    test("a freed buffer", async () => {
      const session = newSession("float32")
      const program = right(session.loadSchedule(increment(2)))
      const x = right(session.upload([1, 2], float(2)))
      session.free(x)
      expect(left(await session.read(x)())).toMatchObject(stale)
      expect(left(await program.run([x], go)())).toMatchObject(stale)
      // nor by what lies there now
      right(session.upload([3, 4], float(2)))
      expect(left(await session.read(x)())).toMatchObject(stale)
      session.free(x)
      expect(session.bytesInUse()).toBe(8)
    })

    test("a buffer of another session", async () => {
      const [here, there] = [newSession("float32"), newSession("float32")]
      const program = right(here.loadSchedule(increment(2)))
      const x = right(there.upload([1, 2], float(2)))
      expect(left(await here.read(x)())).toMatchObject(stale)
      expect(left(await program.run([x], go)())).toMatchObject(stale)
      here.free(x)
      expect([...right(await there.read(x)())]).toStrictEqual([1, 2])
    })

    test("a program that was disposed of", async () => {
      const program = right(newSession("float32").loadSchedule(constant))
      program.dispose()
      expect(left(await program.run([], go)())).toMatchObject(stale)
    })

    test("everything of a closed session", async () => {
      const session = newSession("float32")
      const [program, without] = [right(session.loadSchedule(increment(2))), right(session.loadSchedule(constant))]
      const x = right(session.upload([1, 2], float(2)))
      session.close()
      session.close()
      expect(session.bytesInUse()).toBe(0)
      expect(left(await session.read(x)())).toMatchObject(stale)
      expect(left(await program.run([x], go)())).toMatchObject(stale)
      expect(left(await without.run([], go)())).toMatchObject(stale)
      expect(left(session.upload([1], float(1)))).toMatchObject(stale)
      expect(left(session.loadSchedule(constant))).toMatchObject(stale)
      session.free(x)
      expect(session.bytesInUse()).toBe(0)
    })

    test("inputs of another number or shape, data of another length, buffers beyond the limit", async () => {
      const session = newSession("float32")
      const program = right(session.loadSchedule(increment(2)))
      const x = right(session.upload([1, 2, 3], float(3)))
      expect(left(await program.run([], go)()).message).toContain("expected 1 inputs, found 0")
      expect(left(await program.run([x], go)()).message).toContain("expected shape [2], found [3]")
      expect(left(session.upload([1], float(3))).message).toContain("expected 3 elements for the shape [3], found 1")
      expect(left(session.loadSchedule(increment(2 ** 29))).message).toContain("more than 536870911 elements")
    })

    test("a graph that can't be lowered: what it throws is told", () => {
      const fails = (error: unknown) =>
        new WasmSession("wasm", "float32", () => {
          throw error
        })
      const graph = {} as Parameters<WasmSession["load"]>[0]
      const error = new TraceError("no such thing")
      expect(error.at).toMatch(/wasm-session\.test\.ts:\d+:\d+$/)
      expect(left(fails(error).load(graph))).toStrictEqual({
        _tag: "TraceError",
        message: `no such thing\n    at ${error.at}`,
        at: error.at,
      })
      expect(left(fails(new Error("oh")).load(graph))).toMatchObject({ _tag: "TargetFailure", message: "wasm: oh" })
      expect(left(new WasmSession("wasm:f64", "float64", noGraphs).load(graph))._tag).toBe("TargetFailure")
    })
  })
})

describe("the allocator", () => {
  test("gives blocks that don't overlap, within its memory, and takes them back", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 300 }), fc.boolean()), { maxLength: 60 }), (requests) => {
        let end = 1024
        const limit = 8192
        const allocator = new Allocator(16, end, (bytes) => {
          if (end + bytes <= limit) end += Math.ceil(bytes / 256) * 256
          return end
        })
        const live: { readonly address: number; readonly size: number }[] = []
        for (const [bytes, release] of requests) {
          const address = allocator.allocate(bytes)
          if (address < 0) continue
          const size = Math.max(16, bytes)
          expect(address % 16).toBe(0)
          expect(address).toBeGreaterThanOrEqual(16)
          expect(address + size).toBeLessThanOrEqual(end)
          for (const other of live) expect(address >= other.address + other.size || other.address >= address + size).toBe(true)
          live.push({ address, size })
          if (release) {
            const { address: first, size: of } = live.shift() as (typeof live)[number]
            allocator.release(first, of)
          }
        }
        for (const { address, size } of live) allocator.release(address, size)
        // in one piece again
        expect(allocator.allocate(end - 16)).toBe(16)
      }),
    )
  })

  test("says -1 where there is no room, and has all of it afterwards", () => {
    const allocator = new Allocator(0, 64, () => 64)
    expect(allocator.allocate(65)).toBe(-1)
    expect(allocator.allocate(64)).toBe(0)
    expect(allocator.allocate(1)).toBe(-1)
    allocator.release(0, 64)
    expect([allocator.allocate(32), allocator.allocate(32)]).toStrictEqual([0, 32])
  })
})

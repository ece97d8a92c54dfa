/** Sessions, handles and programs of the gpu.js targets: what is refused, and what memory they hold. */
import * as E from "fp-ts/lib/Either.js"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { axes, axis, binary, lit, load, pointwise, reduced } from "../../../src/core/compile/build-nest.js"
import type { Nest } from "../../../src/core/compile/nest.js"
import type { BufferType, Schedule } from "../../../src/core/compile/schedule.js"
import type { RunError } from "../../../src/core/errors.js"
import { type GpuSession, gpuTarget, openGpu, tightest } from "../../../src/core/targets/gpu/index.js"
import type { Cancellation } from "../../../src/core/targets/target.js"
import { right } from "../../support/gpu-driver.js"
import { programs } from "../../support/gpu-programs.js"

const float = (...shape: readonly number[]): BufferType => ({ elem: "float", shape })
const keepGoing = (): Cancellation => ({ cancelled: false })

const left = (result: E.Either<RunError, unknown>): RunError => {
  if (E.isRight(result)) throw new Error("expected a Left")
  return result.left
}

const single = (nest: Nest, types: readonly BufferType[]): Schedule => ({
  buffers: [...types, { elem: "float", shape: nest.domain }],
  inputs: types.map((_, k) => k),
  outputs: [types.length],
  steps: [{ t: "kernel", name: "single", nest, inputs: types.map((_, k) => k), output: types.length }],
})

const double = single(pointwise([4], binary("add", load(0, axes(1)), load(0, axes(1)))), [float(4)])

describe("a gpu.js session", () => {
  let session: GpuSession
  beforeEach(async () => {
    session = right(await openGpu("webasm")())
  })
  afterEach(() => session.close())

  it("gives fresh handles for an output that repeats or is an input, and keeps inputs", async () => {
    const schedule: Schedule = { ...double, outputs: [1, 0, 1] }
    const program = right(session.loadSchedule(schedule))
    const x = right(session.upload([1, 2, 3, 4], float(4)))
    const outputs = right(await program.run([x], keepGoing())())
    expect(new Set([x, ...outputs]).size).toBe(4)
    session.free(outputs[0]!)
    session.free(outputs[1]!)
    expect(Array.from(right(await session.read(outputs[2]!)()))).toEqual([2, 4, 6, 8])
    expect(Array.from(right(await session.read(x)()))).toEqual([1, 2, 3, 4])
    session.free(outputs[2]!)
    session.free(x)
    expect(session.bytesInUse()).toBe(0)
  })

  it("lets a handle work in all its programs", async () => {
    const program = right(session.loadSchedule(double))
    const again = right(session.loadSchedule(double))
    const x = right(session.upload([1, 2, 3, 4], float(4)))
    const [y] = right(await program.run([x], keepGoing())())
    program.dispose()
    const [z] = right(await again.run([y!], keepGoing())())
    expect(Array.from(right(await session.read(z!)()))).toEqual([4, 8, 12, 16])
  })

  it("does not copy what the caller changes later", async () => {
    const data = new Float32Array([1, 2, 3, 4])
    const x = right(session.upload(data, float(4)))
    data[0] = 9
    expect(right(await session.read(x)())[0]).toBe(1)
  })

  it("refuses freed and foreign handles", async () => {
    const program = right(session.loadSchedule(double))
    const x = right(session.upload([1, 2, 3, 4], float(4)))
    session.free(x)
    expect(left(await session.read(x)())._tag).toBe("StaleHandle")
    const error = left(await program.run([x], keepGoing())())
    expect(error._tag).toBe("StaleHandle")
    expect(error.message).toContain("float[4]")
    session.free(x)
    expect(session.bytesInUse()).toBe(0)

    const other = right(await openGpu("webasm")())
    const foreign = right(other.upload([1, 2, 3, 4], float(4)))
    expect(left(await program.run([foreign], keepGoing())())._tag).toBe("StaleHandle")
    session.free(foreign)
    expect(E.isRight(await other.read(foreign)())).toBe(true)
    other.close()
  })

  it("refuses a disposed program and a closed session", async () => {
    const program = right(session.loadSchedule(double))
    const x = right(session.upload([1, 2, 3, 4], float(4)))
    program.dispose()
    program.dispose()
    expect(left(await program.run([x], keepGoing())())._tag).toBe("StaleHandle")
    const other = right(session.loadSchedule(double))
    session.close()
    expect(left(await other.run([x], keepGoing())()).message).toContain("closed")
    expect(left(session.upload([1], float(1)))._tag).toBe("StaleHandle")
    expect(left(await session.read(x)())._tag).toBe("StaleHandle")
    expect(left(session.loadSchedule(double))._tag).toBe("StaleHandle")
    expect(session.bytesInUse()).toBe(0)
    session.close()
  })

  it("refuses data that do not fit", async () => {
    expect(left(session.upload([1, 2], float(3))).message).toContain("3 elements")
    expect(left(session.upload([2 ** 24 + 1], { elem: "int", shape: [1] })).message).toContain("2^24")
    const program = right(session.loadSchedule(double))
    const wrong = right(session.upload([1, 2, 3], float(3)))
    expect(left(await program.run([wrong], keepGoing())()).message).toContain("float[4]")
    expect(left(await program.run([], keepGoing())()).message).toContain("1 inputs")
  })

  it("refuses what the mode's table excludes", async () => {
    const tight = right(await openGpu("cpu", { capabilities: tightest })())
    const wide = Array.from({ length: 8 }, () => float(2))
    const sum = wide.map((_, k) => load(k, axes(1))).reduce((a, b) => binary("add", a, b))
    expect(left(tight.loadSchedule(single(pointwise([2], sum), wide))).message).toContain("at most 7 arrays")
    expect(left(tight.loadSchedule(single(pointwise([5000, 5000], lit(1)), []))).message).toContain("16777216 elements")
    const routine: Schedule = {
      buffers: [float(3), float(3), float(3)],
      inputs: [0],
      outputs: [1],
      steps: [{ t: "routine", name: "sort", inputs: [0], outputs: [1, 2] }],
    }
    expect(left(tight.loadSchedule(routine)).message).toContain('routine "sort"')
    const far = single(pointwise([4], load(0, [{ t: "mod", a: { t: "mul", a: axis(0), by: 2 ** 24 }, by: 5 }])), [float(5)])
    expect(left(tight.loadSchedule(far)).message).toContain("2^24")
    tight.close()
  })

  it("counts an operand that is given twice once", () => {
    const sum = Array.from({ length: 40 }, (_, k) => load(k, axes(1))).reduce((a, b) => binary("add", a, b))
    const schedule: Schedule = {
      buffers: [float(2), float(2)],
      inputs: [0],
      outputs: [1],
      steps: [{ t: "kernel", name: "twice", nest: pointwise([2], sum), inputs: Array.from({ length: 40 }, () => 0), output: 1 }],
    }
    expect(E.isRight(session.loadSchedule(schedule))).toBe(true)
  })

  it("stops where its caller says so, also from a timer, and leaves nothing behind", async () => {
    const forever: Schedule = {
      buffers: [float(), float(), float(), float(), float()],
      inputs: [0],
      outputs: [3],
      steps: [
        {
          t: "while",
          carries: [{ init: 0, current: 1, next: 2, result: 3 }],
          condition: [{ t: "kernel", name: "true", nest: pointwise([], lit(1)), inputs: [], output: 4 }],
          predicate: 4,
          body: [{ t: "kernel", name: "same", nest: pointwise([], load(0, [])), inputs: [1], output: 2 }],
        },
      ],
    }
    const program = right(session.loadSchedule(forever))
    const x = right(session.upload([1], float()))
    const cancellation = keepGoing()
    setTimeout(() => {
      cancellation.cancelled = true
    }, 30)
    expect(left(await program.run([x], cancellation)())._tag).toBe("Cancelled")
    expect(session.bytesInUse()).toBe(4)
    expect(E.isRight(await session.read(x)())).toBe(true)
    const running = program.run([x], keepGoing())()
    setTimeout(() => session.close(), 30)
    expect(left(await running)._tag).toBe("StaleHandle")
  })

  it("runs a program twice at a time", async () => {
    const program = right(session.loadSchedule(double))
    const a = right(session.upload([1, 2, 3, 4], float(4)))
    const b = right(session.upload([5, 6, 7, 8], float(4)))
    const [first, second] = await Promise.all([program.run([a], keepGoing())(), program.run([b], keepGoing())()])
    expect(Array.from(right(await session.read(right(first)[0]!)()))).toEqual([2, 4, 6, 8])
    expect(Array.from(right(await session.read(right(second)[0]!)()))).toEqual([10, 12, 14, 16])
  })

  it("describes its kernels", () => {
    const program = right(session.loadSchedule(single(reduced([3], "sum", [4], load(0, axes(2))), [float(3, 4)])))
    expect(program.describe()).toEqual([expect.stringMatching(/^single: \[3\], sum over \[4\], 1 inputs, \d+ statements$/)])
  })
})

describe.each([
  { name: "with rows in one array", options: {} },
  { name: "with the tightest table", options: { capabilities: tightest } },
])("the memory of a run $name", ({ options }) => {
  let session: GpuSession
  beforeEach(async () => {
    session = right(await openGpu("cpu", options)())
  })
  afterEach(() => session.close())

  it.each(programs)("is no more than the program says: $name", async ({ job }) => {
    const program = right(session.loadSchedule(job.schedule))
    const inputs = job.inputs.map((data, k) => right(session.upload(data, job.schedule.buffers[job.schedule.inputs[k]!]!)))
    const before = session.bytesInUse()
    let peak = 0
    const watch = {
      get cancelled() {
        peak = Math.max(peak, session.bytesInUse() - before)
        return false
      },
    }
    const outputs = right(await program.run(inputs, watch)())
    peak = Math.max(peak, session.bytesInUse() - before)
    expect(peak).toBeLessThanOrEqual(program.peakBytes)
    for (const buffer of outputs) session.free(buffer)
    expect(session.bytesInUse()).toBe(before)
  })
})

describe("a gpu.js target that is not there", () => {
  it.each([
    ["webgl2", "WebGL2"],
    ["webgpu", "WebGPU"],
    ["headlessgl", '"gl"'],
  ] as const)("gpu:%s says what is missing", async (mode, what) => {
    const error = left(await gpuTarget(mode).open()())
    expect(error).toMatchObject({ _tag: "TargetMissing", target: `gpu:${mode}` })
    expect(error.message).toContain(what)
  })

  it("opens by name where it is", async () => {
    const target = gpuTarget("cpu")
    expect(target.name).toBe("gpu:cpu")
    right(await target.open()()).close()
  })
})

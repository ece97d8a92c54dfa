/** The life of worker threads: what they hold, how they end, and what a session does that lost one. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { Worker } from "node:worker_threads"
import { afterEach, describe, expect, test, vi } from "vitest"
import { axis, binary, lit, load, pointwise } from "../../../src/core/compile/build-nest.js"
import type { Schedule } from "../../../src/core/compile/schedule.js"
import { openTarget } from "../../../src/core/targets/registry.js"
import type { DeviceBuffer, Executable, OpenOptions } from "../../../src/core/targets/target.js"
import { type Fn, I32, I64, ModuleBuilder } from "../../../src/core/targets/wasm/emitter.js"
import type { WasmSession } from "../../../src/core/targets/wasm/session.js"
import { control } from "../../../src/core/targets/wasm/threads/control.js"
import { compile, mul, openSession, sum, type Tensor, tensor } from "../../../src/index.js"
import { left, right } from "../../support/either.js"
import { float, newThreads } from "../../support/wasm-run.js"

const go = { cancelled: false }

/** y = c x + c x + ..., so many times: long enough for all threads to take part. */
const scale = (n: number, c: number, times = 1): Schedule => {
  let body = binary("mul", load(0, [axis(0)]), lit(c))
  for (let i = 1; i < times; i++) body = binary("add", body, binary("mul", load(0, [axis(0)]), lit(c + i)))
  return {
    buffers: [float(n), float(n)],
    inputs: [0],
    outputs: [1],
    steps: [{ t: "kernel", name: "scale", nest: pointwise([n], body), inputs: [0], output: 1 }],
  }
}

const n = 5000
const numbers = Float64Array.from({ length: n }, (_, i) => i - 7)
const loaded = (session: WasmSession, schedule = scale(n, 2)): Executable => right(session.loadSchedule(schedule))
const uploaded = (session: WasmSession): DeviceBuffer => right(session.upload(numbers, float(n)))
const values = async (session: WasmSession, program: Executable, x: DeviceBuffer): Promise<Float64Array> => {
  const [y] = right(await program.run([x], go)()) as [DeviceBuffer]
  const read = right(await session.read(y)())
  session.free(y)
  return read
}
const doubled = numbers.map((x) => 2 * x)

const same = (a: Float64Array, b: Float64Array): boolean => Buffer.from(a.buffer).equals(Buffer.from(b.buffer))

const handles = (): number => process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort/.test(name)).length

/** The workers that `body` starts. */
const watching = async <A>(body: () => Promise<A>): Promise<readonly [A, readonly Worker[]]> => {
  const workers: Worker[] = []
  const add = (worker: Worker): void => void workers.push(worker)
  process.on("worker", add)
  try {
    return [await body(), workers]
  } finally {
    process.off("worker", add)
  }
}

describe("programs of a session with threads", () => {
  test("are loaded before and after runs, and disposed of while workers sleep", async () => {
    const session = await newThreads("float32", 3)
    const x = uploaded(session)
    const first = loaded(session)
    const second = loaded(session, scale(n, 3))
    expect(await values(session, first, x)).toStrictEqual(doubled)
    const third = loaded(session, scale(n, -1))
    for (let i = 0; i < 20; i++) {
      expect(await values(session, second, x)).toStrictEqual(numbers.map((a) => 3 * a))
      expect(await values(session, third, x)).toStrictEqual(numbers.map((a) => -a))
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
    first.dispose()
    second.dispose()
    expect(left(await first.run([x], go)())._tag).toBe("StaleHandle")
    expect(await values(session, third, x)).toStrictEqual(numbers.map((a) => -a))
    // disposed of while it is on its way to the workers
    const fourth = loaded(session, scale(n, 5))
    const running = fourth.run([x], go)()
    fourth.dispose()
    const [y] = right(await running) as [DeviceBuffer]
    expect(right(await session.read(y)())[9]).toBe(10)
    expect(await values(session, third, x)).toStrictEqual(numbers.map((a) => -a))
    await session.close()
  })

  test("take as much memory as on one thread, also where memory grows while workers are there", async () => {
    const one = await newThreads("float32", 1)
    const three = await newThreads("float32", 3)
    const found = await Promise.all(
      [one, three].map(async (session) => {
        const big = 2_000_000
        const small = loaded(session)
        const x = uploaded(session)
        await values(session, small, x)
        // memory of one page grows to some hundred
        const large = right(session.upload(new Float32Array(big).fill(3), float(big)))
        const program = loaded(session, scale(big, 2))
        const [y] = right(await program.run([large], go)()) as [DeviceBuffer]
        const result = right(await session.read(y)())
        expect(result.every((a) => a === 6)).toBe(true)
        expect(await values(session, small, x)).toStrictEqual(doubled)
        return [program.peakBytes, small.peakBytes, session.bytesInUse()]
      }),
    )
    expect(found[1]).toStrictEqual(found[0])
    await Promise.all([one.close(), three.close()])
  })

  test("a cancelled run is a Left; the next one goes on", async () => {
    const session = await newThreads("float32", 2)
    const x = uploaded(session)
    const program = loaded(session)
    expect(left(await program.run([x], { cancelled: true })())._tag).toBe("Cancelled")
    expect(await values(session, program, x)).toStrictEqual(doubled)
    await session.close()
    expect(left(await program.run([x], go)())._tag).toBe("StaleHandle")
  })
})

describe("workers", () => {
  test("end with their session; twenty sessions leave nothing", async () => {
    const before = handles()
    const [, workers] = await watching(async () => {
      for (let i = 0; i < 20; i++) {
        const session = await newThreads("float32", 2)
        const y = await values(session, loaded(session), uploaded(session))
        expect(same(y, doubled)).toBe(true)
        await session.close()
        expect(handles()).toBe(before)
      }
    })
    expect(workers).toHaveLength(20)
    expect(workers.every((worker) => worker.threadId === -1)).toBe(true)
  })

  // the process's own options, among them that its text is a module, are not for workers
  test.each([
    ["a session that was closed", "await session.close()"],
    ["a session that was never closed", ""],
  ])("hold no process: %s", (_, end) => {
    const text = `
      import { compile, openSession, mul, tensor } from ${JSON.stringify(new URL("../../../src/index.ts", import.meta.url).href)}
      const session = (await openSession("wasm", { threads: 2 })()).right
      const x = tensor(new Array(300000).fill(2))
      const run = session.compile((a) => mul(a, 3))
      const { _tag } = await run(x)()
      await compile((a) => mul(a, 3), { target: "wasm", threads: 2 })(x)()
      ${end}
      console.log(_tag)`
    const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", text], {
      cwd: fileURLToPath(new URL("../../../", import.meta.url)),
      encoding: "utf8",
      timeout: 50_000,
    })
    expect([status, stderr]).toStrictEqual([0, ""])
    expect(stdout).toBe("Right\n")
  })
})

/** A module whose part in a run is to take a chunk and then to do `after`. */
const taker = (after: (f: Fn) => void): WebAssembly.Module => {
  const m = new ModuleBuilder([{ name: "stalled", params: [I32], results: [I32] }], true)
  m.export(
    "work",
    m.fn([I32], [], (f) => {
      const word = f.local(I64)
      f.doWhile(() => {
        f.i32(0)
        f.atomic(0x11, 3, control.next)
        f.tee(word)
        f.op([0xa7])
        f.i32(0)
        f.memory([0x28], control.chunks)
        f.op([0x4e])
        f.if(
          I32,
          () => f.i32(1),
          () => {
            f.i32(0)
            f.get(word)
            f.get(word)
            f.i64(1n)
            f.op([0x7c])
            f.atomic(0x49, 3, control.next)
            f.get(word)
            f.op([0x52])
          },
        )
      })
      after(f)
    }),
  )
  return new WebAssembly.Module(m.finish())
}

describe("a worker that is lost", () => {
  const many = scale(400_000, 2, 100)
  const input = Float32Array.from({ length: 400_000 }, (_, i) => (i % 100) - 50)
  /** A run that loses a worker, and what follows. */
  const loses = async (lose: (workers: readonly Worker[]) => void | Promise<void>, patience: number): Promise<string> => {
    const [session, workers] = await watching(() => newThreads("float32", 2, { patience }))
    const alone = await newThreads("float32", 1)
    const [expected] = right(await loaded(alone, many).run([right(alone.upload(input, float(400_000)))], go)()) as [DeviceBuffer]
    const x = right(session.upload(input, float(400_000)))
    const other = loaded(session)
    const y = uploaded(session)
    expect(await values(session, other, y)).toStrictEqual(doubled)
    const held = session.bytesInUse()
    await lose(workers)
    const program = loaded(session, many)
    let ran = await program.run([x], go)()
    // the calling thread may have been faster than the worker woke
    for (let i = 0; i < 50 && ran._tag === "Right"; i++) {
      for (const buffer of ran.right) session.free(buffer)
      ran = await program.run([x], go)()
    }
    const fault = left(ran)
    expect(fault).toMatchObject({ _tag: "TargetFailure", message: expect.stringContaining("a worker thread is gone") })
    expect(session.bytesInUse()).toBe(held)
    expect(same(right(await session.read(x)()), Float64Array.from(input))).toBe(true)
    // once: from here on alone
    for (let i = 0; i < 2; i++) {
      expect(same(await values(session, program, x), right(await alone.read(expected)()))).toBe(true)
      expect(same(await values(session, other, y), doubled)).toBe(true)
    }
    expect(workers.every((worker) => worker.threadId === -1)).toBe(true)
    await session.close()
    return fault.message
  }
  /** Puts another module in the place of the next that a worker gets. */
  const giving = (module: WebAssembly.Module) => (workers: readonly Worker[]) => {
    for (const worker of workers) {
      const post = worker.postMessage.bind(worker)
      vi.spyOn(worker, "postMessage").mockImplementation((message) => post({ ...message, module }))
    }
  }

  test("between runs", async () => {
    const message = await loses(async ([worker]) => void (await worker?.terminate()), 10_000)
    expect(message).toContain("it ended with code 1")
  })

  test("in a run, by an exception: at once, with what it was", async () => {
    const start = performance.now()
    const message = await loses(giving(taker((f) => f.op([0x00]))), 30_000)
    expect(message).toContain("unreachable")
    expect(performance.now() - start).toBeLessThan(20_000)
  })

  test("in a run, without a word: after some patience", async () => {
    const message = await loses(giving(taker((f) => f.doWhile(() => f.i32(1)))), 300)
    expect(message).toMatch(/did not finish its part of a kernel in \d/)
  })
})

describe("what threads can't be", () => {
  const open = async (target: "wasm" | "auto" | "interpreter", threads: unknown) =>
    left(await openTarget(target, { threads } as OpenOptions)()).message

  test.each([
    [0, "threads is 0"],
    [1.5, "threads is 1.5"],
    [65, "threads is 65"],
    [Number.NaN, "threads is NaN"],
    ["2", 'threads is "2"'],
  ])("%o, by name and for auto", async (threads, message) => {
    for (const target of ["wasm", "auto", "interpreter"] as const)
      expect(await open(target, threads)).toBe(`${message}; give a whole number from 1 to 64`)
    expect(left(await openSession("wasm", { threads } as OpenOptions)())._tag).toBe("TargetMissing")
    expect(
      left(await compile((x: Tensor<[2]>) => sum(x), { target: "wasm", threads: threads as number })(tensor([1, 2]))()).message,
    ).toContain(message)
  })

  test("more than one, on a target that has one", async () => {
    expect(await open("interpreter", 2)).toBe('interpreter runs on one thread; leave out threads, or use the target "wasm"')
  })

  describe("in a page that is not isolated", () => {
    afterEach(() => void vi.unstubAllGlobals())

    test("by name a Left that says how it is isolated; auto computes on one thread and says why", async () => {
      vi.stubGlobal("SharedArrayBuffer", undefined)
      expect(await open("wasm", 2)).toContain("Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp")
      const { target, why, session } = right(await openTarget("auto", { threads: 2 })())
      expect([target, why]).toStrictEqual(["wasm", expect.stringContaining("on one thread, since 2 are not available")])
      await session.close()
    })
  })
})

describe("profile", () => {
  test("explain has times that sum to the run's, and none without it", async () => {
    const session = right(await openSession("wasm", { threads: 2 })())
    const f = (x: Tensor<[60_000]>) => [sum(mul(x, x)), mul(x, 3)] as const
    const x = tensor(Array.from(new Array(60_000).keys()), [60_000]) as Tensor<[60_000]>
    const [timed, plain] = [session.compile(f, { profile: true }), session.compile(f)]
    expect(right(await timed.explain(x)())).toContain("not run yet")
    for (let i = 0; i < 3; i++) right(await timed(x)())
    right(await plain(x)())
    const text = right(await timed.explain(x)())
    const times = [...text.matchAll(/: ([\d.]+) ms, ([\d.]+) %/g)]
    expect(times.length).toBeGreaterThan(2)
    const [, all] = /a run: ([\d.]+) ms, mean of 3$/.exec(text) as unknown as [string, string]
    expect(times.reduce((total, [, ms]) => total + Number(ms), 0)).toBeCloseTo(Number(all), 1)
    expect(times.reduce((total, [, , percent]) => total + Number(percent), 0)).toBeCloseTo(100, 0)
    expect(right(await plain.explain(x)())).not.toMatch(/ ms|not run yet/)
    await session.close()
  })
})

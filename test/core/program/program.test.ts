import { describe, expect, it } from "vitest"
import {
  compile,
  dispose,
  evaluate,
  openSession,
  read,
  type Tensor,
  TraceError,
  tensor,
  toArray,
  toNested,
  toNumber,
  valueAndGrad,
} from "../../../src/core/index.js"
import { fixedPoint, picard } from "../../../src/implicit/index.js"
import type { Unchecked } from "../../../src/index.js"
import { add, less, matmul, mean, mul, scan, sub, tanh, whileLoop } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"

interface Params {
  readonly w: Tensor<[2, 2]>
}
const w: Tensor<[2, 2]> = tensor([
  [0.1, 0.2],
  [0.3, 0.4],
])
const x = tensor([[1, -1]])

describe.each(["interpreter", "wasm", "wasm:f64"] as const)("compile on %s", (target) => {
  it("runs a function of trees and gives leaf tensors", async () => {
    const f = compile((p: Params, v: Tensor<["B", 2]>) => ({ y: matmul(v, p.w), twice: [mul(p.w, 10)] as const }), { target })
    const { y, twice } = right(
      await f(
        {
          w: tensor([
            [1, 2],
            [3, 4],
          ]),
        },
        x,
      )(),
    )
    expect(toNested(y)).toEqual([[-2, -2]])
    expect([...toArray(twice[0])]).toEqual([10, 20, 30, 40])
  })

  it("traces once per structure and types, and keeps so many", async () => {
    let traced = 0
    const count = (v: Tensor) => {
      traced++
      return add(v, 1)
    }
    const f = compile(count, { target, cacheSize: 2 })
    const call = async (n: number) => right(await f(tensor(new Float64Array(n)))())
    await call(1)
    await call(1)
    await call(2)
    expect(traced).toBe(2)
    await call(1)
    await call(3) // drops 2
    await call(1)
    expect(traced).toBe(3)
    await call(2)
    expect(traced).toBe(4)
  })

  it("takes numbers for scalars and returns arguments and captures as they are", async () => {
    const captured = tensor([5, 6])
    const f = compile((a: Tensor<[]>) => [a, captured, mul(a, captured), a] as const, { target })
    expect(right(await f(2)()).map(toNested)).toEqual([2, [5, 6], [10, 12], 2])
    expect(right(await f(tensor(3))()).map(toNested)).toEqual([3, [5, 6], [15, 18], 3])
  })

  it("computes what it captured once, when it is compiled", async () => {
    const weights = mul(tensor([1, 2, 3]), 2)
    const f = compile((a: Tensor<[3]>) => mul(a, weights), { target })
    expect([...toArray(right(await f(tensor([1, 1, 1]))()))]).toEqual([2, 4, 6])
  })

  it("differentiates and loops", async () => {
    const loss = (p: Params, v: Tensor<["B", 2]>) => {
      const [z] = scan((c: Tensor<["B", 2]>) => [tanh(matmul(c, p.w)), null] as const, v, null, { length: 3 })
      return mean(mul(z, z))
    }
    const [, g] = right(await compile(valueAndGrad(loss), { target })({ w }, x)())
    const at = (d: number) =>
      toNumber(
        right(
          evaluate(
            loss(
              {
                w: tensor([
                  [0.1 + d, 0.2],
                  [0.3, 0.4],
                ]),
              },
              x as unknown as Tensor<["B", 2]>,
            ),
          ),
        ),
      )
    expect((at(1e-6) - at(-1e-6)) / 2e-6).toBeCloseTo(toArray(g.w)[0] as number, 6)
  })

  it("keeps results on the device, and reads and frees them", async () => {
    const s = right(await openSession(target)())
    const step = s.compile((p: Params, lr: Tensor<[]>) => [{ w: sub(p.w, lr) }, mean(p.w)] as const, {
      resident: [true, false],
      donate: [0],
    })
    const metrics = s.compile((p: Params) => mean(p.w))
    const start = right(await s.put({ w })())
    const before = s.bytesInUse()
    const [next, m] = right(await step(start, 0.5)())
    expect(toNumber(m)).toBeCloseTo(0.25)
    expect(toNumber(right(await metrics(next)()))).toBeCloseTo(-0.25)
    expect([...toArray(right(await read(next)()).w)].map((v) => Math.round(v * 10))).toEqual([-4, -3, -2, -1])
    const stale = left(await step(start, 0.5)())
    expect(stale._tag).toBe("StaleHandle")
    expect(stale.message).toContain("argument 1.w")
    expect(s.bytesInUse()).toBe(before)
    dispose(next)
    expect(left(await metrics(next)())._tag).toBe("StaleHandle")
    dispose(next)
    expect(left(await read(next)())._tag).toBe("StaleHandle")
    step.dispose()
    metrics.dispose()
    await s.close()
    expect(left(await metrics({ w })())._tag).toBe("StaleHandle")
  })

  it("gives back all that calls and programs used", async () => {
    const s = right(await openSession(target)())
    const big = tensor(new Float64Array(100))
    const f = s.compile((v: Tensor<[100]>) => add(v, big))
    const empty = s.bytesInUse()
    right(await f(big)())
    const loaded = s.bytesInUse()
    for (let i = 0; i < 3; i++) right(await f(big)())
    expect(s.bytesInUse()).toBe(loaded)
    f.dispose()
    right(await s.compile((v: Tensor<[]>) => v)(1)())
    expect(s.bytesInUse()).toBe(empty)
    await s.close()
  })

  it("refuses a handle of another session, and names the argument", async () => {
    const [a, b] = [right(await openSession(target)()), right(await openSession(target)())]
    const h = right(await a.put([x])())
    const failure = left(await b.compile((l: readonly [Tensor<Unchecked>]) => l[0])(h as never)())
    expect(failure).toMatchObject({ _tag: "StaleHandle", message: expect.stringContaining("argument 1[0] is a value of another session") })
    expect(toNested(right(await a.read(h)())[0] as never)).toEqual([[1, -1]])
  })

  it("keeps nothing of a run that did not converge, and leaves its arguments valid", async () => {
    const s = right(await openSession(target)())
    const solve = (v: Tensor<[2]>) => fixedPoint((z: Tensor<[2]>) => add(mul(z, 3), v), v, picard({ maxEvaluations: 5, name: "growing" }))
    const f = s.compile((v: Tensor<[2]>) => ({ "a.b": solve(v), c: v }), { resident: { "a.b": true, c: true }, donate: [0] })
    const h = right(await s.put(tensor([1, 2]))())
    left(await f(h)())
    const bytes = s.bytesInUse()
    const failure = left(await f(h)())
    expect(failure).toMatchObject({ _tag: "NotConverged", solves: [{ site: expect.stringContaining("growing") }] })
    expect(failure.message).toContain("growing")
    expect(s.bytesInUse()).toBe(bytes)
    expect(toNested(right(await read(h)()))).toEqual([1, 2])
    await s.close()
  })

  it("leaves everything valid when a call is cancelled", async () => {
    const s = right(await openSession(target)())
    const f = s.compile(
      (v: Tensor<[2]>) =>
        whileLoop(
          (c: Tensor<[2]>) => less(mean(c), 10),
          (c) => add(c, 1),
          v,
        ),
      { resident: true, donate: [0] },
    )
    const h = right(await s.put(tensor([1, 2]))())
    const gone = new AbortController()
    gone.abort()
    expect(left(await f.with({ signal: gone.signal })(h)())._tag).toBe("Cancelled")
    const later = new AbortController()
    const first = f.with({ signal: later.signal })(h)()
    later.abort()
    const second = f(h)()
    expect(left(await first)._tag).toBe("Cancelled")
    expect(toNested(right(await read(right(await second))()))).toEqual([10, 11])
  })

  it("queues calls", async () => {
    const f = compile((v: Tensor<[]>) => mul(v, v), { target })
    const all = await Promise.all([1, 2, 3, 4].map((n) => f(n)()))
    expect(all.map((r) => toNumber(right(r)))).toEqual([1, 4, 9, 16])
  })

  it("says what was wrong while tracing", async () => {
    const f = compile((a: Tensor<Unchecked>, b: Tensor<Unchecked>) => add(a, b), { target })
    expect(left(await f(tensor([1, 2]), tensor([1, 2, 3]))())).toMatchObject({
      _tag: "TraceError",
      message: expect.stringContaining("shapes do not broadcast"),
    })
    const broken = compile((): Tensor<[]> => JSON.parse("{"), { target })
    expect(left(await broken()())).toMatchObject({
      _tag: "TraceError",
      message: expect.stringContaining("threw while it was traced: SyntaxError"),
    })
  })

  it("explains what it runs", async () => {
    const f = compile((v: Tensor<[2]>) => mul(v, v), { target })
    const text = right(await f.explain(tensor([1, 2]))())
    expect(text).toContain(`target ${target} (by name)\n%1: [2] = mul of %0`)
    expect(text).toContain("in all 1 kernel")
  })
})

describe("compile", () => {
  const f = compile((a: Tensor<[]>) => mul(a, 2), { target: "interpreter" })

  it("is no part of the language", () => {
    const inside = valueAndGrad((a: Tensor<[]>) => {
      f(a)
      return a
    })
    expect(() => inside(tensor(1))).toThrow(TraceError)
    expect(() => inside(tensor(1))).toThrow("called with an argument of grad, while that is being traced")
    expect(() => f(mul(tensor(1), 2))).toThrow("evaluate(...) the expression first")
  })

  it("refuses what it captured from a function that is being traced", async () => {
    const kept: Tensor<[]>[] = []
    valueAndGrad((a: Tensor<[]>) => {
      kept.push(mul(a, 2))
      return a
    })(tensor(1))
    const g = compile((a: Tensor<[]>) => mul(a, kept[0] as Tensor<[]>), { target: "interpreter" })
    expect(left(await g(1)())).toMatchObject({ _tag: "TraceError", message: expect.stringContaining("depends on an argument of grad") })
  })

  it("opens targets by name and says what there is", async () => {
    expect(left(await openSession("gpu:quantum" as never)())).toMatchObject({
      _tag: "TargetMissing",
      message: expect.stringContaining('there is no target "gpu:quantum"; expected auto, interpreter, wasm'),
    })
    const s = right(await openSession("auto")())
    expect(s.target).toBe("wasm")
    const program = compile((x: Tensor<[]>) => mul(x, 2))
    expect(right(await program(3)())).toBeDefined()
    expect(right(await program.explain(3)())).toContain("wasm")
    expect(s.why).toContain("WebAssembly SIMD is here")
    await s.close()
  })
})

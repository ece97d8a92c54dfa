import { describe, expect, it } from "vitest"
import { buildSchedule } from "../../../src/core/compile/build.js"
import { lowerGraph } from "../../../src/core/compile/lower.js"
import type { Schedule, Step } from "../../../src/core/compile/schedule.js"
import { type AnyTensor, bodyOf, type Graph, grad, type Tensor, type TensorType } from "../../../src/core/index.js"
import { interpreterCapabilities } from "../../../src/core/targets/interpreter/index.js"
import type { Capabilities } from "../../../src/core/targets/target.js"
import { exact, fixedPoint, neumannIteration, picard } from "../../../src/implicit/index.js"
import {
  add,
  broadcastTo,
  cast,
  checkpoint,
  concat,
  cond,
  div,
  einsum,
  exp,
  iota,
  less,
  matmul,
  mean,
  mul,
  pad,
  permute,
  scan,
  softmax,
  sort,
  sub,
  sum,
  tanh,
  transpose,
  whileLoop,
} from "../../../src/ops/index.js"
import { runSchedule } from "../../support/schedule-reference.js"

const float = (...shape: number[]): TensorType => ({ elem: "float", shape })

const graphOf = (types: readonly TensorType[], f: (...args: Tensor[]) => AnyTensor | readonly AnyTensor[]): Graph =>
  bodyOf("test", types, (args) => {
    const out = f(...(args as unknown as Tensor[]))
    return Array.isArray(out) ? out : [out as AnyTensor]
  })

const scheduleOf = (
  types: readonly TensorType[],
  f: (...args: Tensor[]) => AnyTensor | readonly AnyTensor[],
  c: Partial<Capabilities> = {},
): Schedule => buildSchedule(graphOf(types, f), { ...interpreterCapabilities, ...c })

/** Names of steps; bodies in brackets. */
const names = (steps: readonly Step[]): readonly string[] =>
  steps.map((s) => {
    switch (s.t) {
      case "kernel":
      case "routine":
        return s.name
      case "copy":
        return "copy"
      case "cond":
        return `cond(${names(s.whenTrue.steps)} | ${names(s.whenFalse.steps)})`
      case "while":
        return `while(${names(s.condition)} | ${names(s.body)})`
      case "loop":
        return `loop(${names(s.body)})`
    }
  })

const [x, w, b] = [float(8, 64), float(64, 32), float(32)]

describe("fusion policy", () => {
  const cases: readonly (readonly [
    string,
    readonly TensorType[],
    (...args: Tensor[]) => AnyTensor | readonly AnyTensor[],
    readonly string[],
  ])[] = [
    [
      "a pointwise user becomes the epilogue of a contraction",
      [x, w, b],
      (x, w, b) => tanh(add(matmul(x, w), b) as Tensor),
      ["einsum+add+tanh"],
    ],
    ["changes of indices are made by a contraction's loads", [float(64, 8), w], (x, w) => matmul(transpose(x), w), ["einsum"]],
    ["what is costly is not repeated in a contraction", [x, w], (x, w) => matmul(tanh(x), w), ["tanh", "einsum"]],
    ["nor what is cheap, where an element is read many times", [x, w], (x, w) => matmul(mul(x, x), w), ["mul", "einsum"]],
    ["a reduction that reads each element once takes its producer", [x], (x) => sum(exp(x)), ["exp+sum"]],
    ["what is costly is not repeated by a broadcast", [b], (b) => mul(broadcastTo(tanh(b), [8, 32]) as Tensor, 2), ["tanh", "mul"]],
    ["numbers and ranges are made where they are used", [b], (b) => [mul(b, cast(iota(32), "float")), add(b, 1)], ["mul", "add"]],
    ["of two users neither repeats the work", [x], (x) => [mul(tanh(x), 2), add(tanh(x), 1)], ["tanh", "mul", "add"]],
    ["softmax", [x], (x) => softmax(x, 1), ["max+stopGradient+isFinite+select", "sub+exp", "sum+equal+select+div", "mul"]],
    ["nor by the lanes that a guard stops", [b], (b) => pad(tanh(b), [[1, 1]]), ["tanh", "pad"]],
    ["a pad goes into its pointwise user", [b], (b) => mul(pad(b, [[1, 1]]), 2), ["mul"]],
    [
      "a contraction takes no guards",
      [float(8, 62), w],
      (x, w) =>
        matmul(
          pad(x, [
            [0, 0],
            [1, 1],
          ]) as Tensor,
          w,
        ),
      ["pad", "einsum"],
    ],
    ["an outer product is pointwise", [b, x], (b) => sum(einsum("i,j->ij", b, b), [1]), ["einsum+sum"]],
    ["what nothing needs is left out", [x], (x) => [tanh(x), sort(x).values][1] as Tensor, ["sort"]],
  ]
  it.each(cases)("%s", (_, types, f, expected) => {
    expect(names(scheduleOf(types, f).steps)).toEqual(expected)
  })

  it("reads at most so many buffers", () => {
    const parts = Array.from({ length: 100 }, () => float(2))
    const schedule = scheduleOf(parts, (...all) => concat(all, 0), { maxInputs: 7 })
    const inputs = schedule.steps.map((s) => (s.t === "kernel" ? s.inputs.length : 0))
    expect(Math.max(...inputs)).toBeLessThanOrEqual(7)
    expect(schedule.steps.length).toBeLessThan(25)
    const data = parts.map((_, i) => Float64Array.of(i, -i))
    expect(runSchedule(schedule, data)[0]?.slice(194)).toEqual(Float64Array.of(97, -97, 98, -98, 99, -99))
  })

  it("merges, inlines and moves nothing across a checkpoint", () => {
    const schedule = scheduleOf([b], (b) => {
      const f = checkpoint((t: Tensor) => add(tanh(t), 1) as Tensor)
      return mul(f(mul(b, 2)), tanh(mul(b, 2)))
    })
    expect(names(schedule.steps)).toEqual(["mul", "tanh+add", "tanh+mul"])
  })
})

describe("loops", () => {
  it("leave invariants outside, once", () => {
    const schedule = scheduleOf([b, w], (b, w) => {
      const layer = (z: Tensor) => scan((c: Tensor) => [tanh(add(c, sum(exp(w), [0])) as Tensor), null] as const, z, null, { length: 3 })[0]
      return layer(layer(b))
    })
    expect(names(schedule.steps)).toEqual(["exp+sum", "loop(add+tanh)", "loop(add+tanh)"])
  })

  it("leave invariants of conditions and bodies outside of a while loop, once", () => {
    const schedule = scheduleOf([b, w], (b, w) =>
      whileLoop(
        (c: Tensor) => less(sum(c), sum(exp(w))) as Tensor<[], "bool">,
        (c: Tensor) => add(c, mul(tanh(c), sum(exp(w), [0]))) as Tensor,
        b,
      ),
    )
    expect(names(schedule.steps)).toEqual(["exp", "sum", "sum", "while(sum+less | tanh+mul+add)"])
  })

  it("leave what the map of a solve makes of its captured values outside of the solver's loop and of its adjoint's", () => {
    const schedule = scheduleOf([float(4, 32), float(32, 32)], (b, w) => {
      // the map needs the norm of its weights at every turn, and so does its transpose
      const solved = (w: Tensor) => {
        const layer = (z: Tensor) => tanh(add(matmul(z, mul(w, div(0.5, sum(exp(w)))) as Tensor) as Tensor, b) as Tensor) as Tensor
        return sum(fixedPoint(layer, b, picard({ adjoint: exact(neumannIteration()) }))) as Tensor<[]>
      }
      return grad(solved)(w) as Tensor
    })
    const inLoops = (steps: readonly Step[]): readonly string[] =>
      steps.flatMap((s) => (s.t === "while" ? names([...s.condition, ...s.body]) : s.t === "loop" ? names(s.body) : []))
    expect(inLoops(schedule.steps).join()).toMatch(/einsum/)
    expect(inLoops(schedule.steps).join()).not.toMatch(/exp/)
    expect(names(schedule.steps).filter((n) => n === "exp")).toHaveLength(1)
  })

  it("keep numbers and broadcasts of captured values in their bodies", () => {
    const schedule = scheduleOf(
      [x, float(64)],
      (x, b) => scan((c: Tensor) => [mul(add(c, b), 0.5) as Tensor, null] as const, x, null, { length: 3 })[0],
    )
    expect(names(schedule.steps)).toEqual(["loop(add+mul)"])
  })

  it("let nothing out of a branch", () => {
    const schedule = scheduleOf(
      [b, float()],
      (b, n) =>
        scan(
          (c: Tensor) =>
            [
              cond(
                less(mean(c), n),
                () => add(c, exp(b)) as Tensor,
                () => c,
              ),
              null,
            ] as const,
          b,
          null,
          { length: 3 },
        )[0],
    )
    expect(names(schedule.steps)).toEqual(["loop(sum+div+less,cond(exp+add | ))"])
  })

  it("let nothing out of a checkpoint, but move one as a whole", () => {
    const schedule = scheduleOf(
      [b],
      (b) =>
        scan(
          (c: Tensor) => {
            const inner = checkpoint((t: Tensor) => mul(t, sum(exp(b))) as Tensor)(c)
            const moved = checkpoint((t: Tensor) => sum(tanh(t)) as Tensor)(b)
            return [add(inner, moved) as Tensor, null] as const
          },
          b,
          null,
          { length: 3 },
        )[0],
    )
    expect(names(schedule.steps)).toEqual(["tanh+sum", "loop(exp+sum,mul,add)"])
  })

  it("exchange carries, and take captured values and rows as next", () => {
    const schedule = scheduleOf([b, b, float(3, 32)], (p, q, rows) => {
      const [end] = scan(
        ([s, t]: readonly Tensor[], row: Tensor) => [[t, s, q, row] as readonly Tensor[], null] as const,
        [p, q, p, p] as readonly Tensor[],
        rows,
      )
      return end as readonly Tensor[]
    })
    const [p, q] = [new Float64Array(32).fill(1), new Float64Array(32).fill(2)]
    const rows = Float64Array.from({ length: 96 }, (_, i) => Math.floor(i / 32))
    expect(runSchedule(schedule, [p, q, rows]).map((r) => r[0])).toEqual([2, 1, 2, 2])
  })

  it("drop carries and stacks that nothing needs", () => {
    const schedule = scheduleOf([b], (b) => {
      const [[end]] = scan(([s, t]: readonly [Tensor, Tensor]) => [[tanh(s), exp(t)] as const, mul(s, t)] as const, [b, b] as const, null, {
        length: 3,
      })
      return end
    })
    const [loop] = schedule.steps
    expect(names(schedule.steps)).toEqual(["loop(tanh)"])
    expect(loop).toMatchObject({ carries: [{}], stacks: [] })
  })

  it("keep a while loop's counter", () => {
    const schedule = scheduleOf(
      [b, float()],
      (b, n) =>
        whileLoop(
          ([, k]: readonly [Tensor, Tensor<[]>]) => less(k, 3),
          ([s, k]: readonly [Tensor, Tensor<[]>]) => [tanh(s), add(k, 1)] as const,
          [b, n as Tensor<[]>] as const,
        )[0],
    )
    expect(names(schedule.steps)).toEqual(["while(less | tanh,add)"])
  })
})

describe("sizes", () => {
  // a stack overflow or quadratic time would not end within the time that a test has
  it("lowers 100,000 equations in a chain, and 10,000 loops", () => {
    const chain = graphOf([b, b], (x, y) => {
      let z = x
      for (let i = 0; i < 50_000; i++) z = tanh(add(z, y) as Tensor)
      return z
    })
    expect(buildSchedule(chain, interpreterCapabilities).steps.length).toBeLessThan(2000)
    const loops = graphOf([b, b], (x, y) => {
      let z = x
      for (let i = 0; i < 10_000; i++)
        z = scan((c: Tensor) => [tanh(sub(c, mul(y, i)) as Tensor), null] as const, z, null, { length: 2 })[0]
      return z
    })
    expect(buildSchedule(loops, interpreterCapabilities).steps.length).toBeLessThan(30_000)
  })

  it("lowers a routine to its graph where the target lacks it", () => {
    const types = [float(5)]
    const schedule = scheduleOf(types, (x) => sort(x).values, { routines: false })
    expect(names(schedule.steps)).not.toContain("sort")
    expect(runSchedule(schedule, [Float64Array.of(3, Number.NaN, -1, 2, -1)])[0]).toEqual(Float64Array.of(-1, -1, 2, 3, Number.NaN))
    expect(
      lowerGraph(
        graphOf(types, (x) => sort(x).values),
        interpreterCapabilities,
      ).schedule.steps.map((s) => s.t),
    ).toContain("routine")
  })

  it("permutes what it permuted back at no cost", () => {
    const [kernel] = scheduleOf([float(2, 3)], (x) => mul(permute(permute(x, [1, 0]) as Tensor, [1, 0]) as Tensor, 2)).steps
    expect(kernel).toMatchObject({ name: "mul", nest: { body: { a: { t: "load", at: [{ axis: 0 }, { axis: 1 }] } } } })
  })
})

/** Training as a stream of any model: a line through points. */
import * as E from "fp-ts/lib/Either.js"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openSession, type Session, type Tensor, tensor, toArray } from "../../../src/core/index.js"
import { adam, chain, type Optimiser } from "../../../src/models/optim/index.js"
import { type Job, type Snapshot, type State, stateFrom, storedState, type Trained, train } from "../../../src/models/training/index.js"
import { add, exp, mean, mul, normal, square, sub } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"

interface Line {
  readonly slope: Tensor<[]>
  readonly at0: Tensor<[]>
}

let session: Session
beforeAll(async () => {
  session = right(await openSession("wasm")())
})
afterAll(() => session.close())

const optimiser = chain(adam({ rate: 0.05 })) as unknown as Optimiser
const line: Line = { slope: tensor(0), at0: tensor(0) }
const begin: Snapshot<Line> = { step: 0, state: [line, [{ count: tensor(0), mean: line, square: line }]] }

const job = (more: Partial<Job<Line, { spread: Tensor<[]> }>> = {}): Job<Line, { spread: Tensor<[]> }> => ({
  session,
  loss: ({ slope, at0 }, x, key) => {
    const noise = mul(normal(key, [4]) as Tensor, 0.01) as Tensor
    const error = sub(add(mul(x, slope) as Tensor, at0) as Tensor, add(mul(x, 3) as Tensor, noise) as Tensor) as Tensor
    return [mean(square(error)), { spread: mean(square(noise)) }]
  },
  optimiser,
  seed: 4,
  batch: (step) => tensor([0, 1, 2, 3].map((x) => Math.fround(x + (step % 5) / 10))) as Tensor,
  ...more,
})

const take = async (j: Job<Line, { spread: Tensor<[]> }>, from: Snapshot<Line>, count: number) => {
  const made: Trained<Line>["metrics"][] = []
  let last: Snapshot<Line> = from
  for await (const next of train(j, from)) {
    const { step, metrics, state } = right(next)
    made.push(metrics)
    last = { step, state: right(await session.read(state)()) as unknown as State<Line> }
    if (made.length === count) break
  }
  return { made, last }
}

const bits = (s: Snapshot<Line>) => Object.values(storedState(s.state)).map((t) => [...t.data])

describe("a stream of steps", () => {
  test("learns", async () => {
    const { made, last } = await take(job(), begin, 500)
    expect(made[0]!.loss).toBeGreaterThan(10)
    expect(made[499]!.loss).toBeLessThan(0.01)
    expect(toArray(last.state[0].slope)[0]).toBeCloseTo(3, 1)
  })

  test("can be left anywhere and taken up again: the same numbers, bit for bit", async () => {
    const whole = await take(job(), begin, 9)
    const first = await take(job(), begin, 4)
    const stored = right(stateFrom<Line>(storedState(first.last.state), begin.state, "test"))
    const second = await take(job(), { step: first.last.step, state: stored }, 5)
    expect([...first.made, ...second.made]).toEqual(whole.made)
    expect(bits(second.last)).toEqual(bits(whole.last))
    expect(whole.made[8]!.spread).not.toBe(whole.made[7]!.spread)
  })

  test("takes batches that are trees, and that are promised", async () => {
    const paired: Job<Line, { spread: Tensor<[]> }, { x: Tensor; y: Tensor }> = {
      ...job(),
      loss: ({ slope, at0 }, { x, y }) => [mean(square(sub(add(mul(x, slope) as Tensor, at0) as Tensor, y) as Tensor)), { spread: slope }],
      batch: async (step) => ({ x: tensor([0, 1]) as Tensor, y: tensor([1, step < 300 ? 3 : Number.NaN]) as Tensor }),
    }
    let last: { readonly loss?: number; readonly message?: string } = {}
    for await (const next of train(paired, begin)) last = E.isRight(next) ? next.right.metrics : { ...last, message: next.left.message }
    expect(last.loss).toBeLessThan(0.01)
    expect(last.message).toBe("data: element [1] of the batch.y of step 301 is NaN, expected finite numbers")
  })

  test("frees what it held when it is left", async () => {
    const before = session.bytesInUse()
    await take(job(), begin, 3)
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(session.bytesInUse()).toBe(before)
  })

  const failureOf = async (j: Job<Line, { spread: Tensor<[]> }>) => {
    const all: E.Either<{ readonly _tag: string; readonly message: string }, Trained<Line>>[] = []
    for await (const next of train(j, begin)) all.push(next)
    expect(all.slice(0, -1).every(E.isRight)).toBe(true)
    return { failure: left(all.at(-1)!), steps: all.length - 1 }
  }

  test("ends at data that is not finite, before it is used", async () => {
    const batch: Job<Line, never>["batch"] = (step) => tensor([0, 1, step < 2 ? 2 : Number.NaN, 3]) as Tensor
    const { failure, steps } = await failureOf(job({ batch }))
    expect(steps).toBe(2)
    expect(failure).toEqual({
      _tag: "DecodeError",
      message: "data: element [2] of the batch of step 3 is NaN, expected finite numbers",
    })
  })

  test("ends at a loss that is not finite, and names the step", async () => {
    const loss: Job<Line, { spread: Tensor<[]> }>["loss"] = ({ slope }) => [exp(mul(slope, 1e5) as Tensor<[]>), { spread: slope }]
    const { failure } = await failureOf(job({ loss: (p, x, k) => [mul(loss(p, x, k)[0], -1) as Tensor<[]>, { spread: p.slope }] }))
    expect(failure._tag).toBe("NonFinite")
    expect(failure.message).toMatch(/^step \d+: (loss|gradientNorm) is -?Infinity|NaN/)
  })
})

describe("a state at rest", () => {
  test("keeps every bit: float32 where that is enough, float64 where not", () => {
    const state: State<Line> = [{ slope: tensor(0.1), at0: tensor(Math.fround(0.1)) }, []]
    const stored = storedState(state)
    expect([stored["params.slope"]?.dtype, stored["params.at0"]?.dtype]).toEqual(["F64", "F32"])
    const back = right(stateFrom<Line>(stored, state, "test"))
    expect([toArray(back[0].slope)[0], toArray(back[0].at0)[0]]).toEqual([0.1, Math.fround(0.1)])
  })

  test.each([
    [{}, /test: it has no tensor "params\.at0" \(float\[\]\), which the model needs; it was made for another model/],
    [
      { "params.at0": { dtype: "F32", shape: [2], data: new Float32Array(2) } },
      /tensor "params\.at0" has shape \[2\], the model needs float\[\]/,
    ],
    [{ "params.at0": { dtype: "F32", shape: [], data: Float32Array.of(Number.NaN) } }, /element 0 of tensor "params\.at0" is NaN/],
    [
      {
        "params.at0": { dtype: "F32", shape: [], data: new Float32Array(1) },
        "params.slope": { dtype: "F32", shape: [], data: new Float32Array(1) },
        "params.tail": { dtype: "F32", shape: [], data: new Float32Array(1) },
      },
      /it has a tensor "params\.tail" that the model does not know/,
    ],
  ] as const)("%#: what does not fit is named", (tensors, message) => {
    expect(left(stateFrom<Line>(tensors as never, [line, []], "test")).message).toMatch(message)
  })
})

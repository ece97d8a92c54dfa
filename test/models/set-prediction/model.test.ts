/** Models of sets: descriptions, gradients through refinement and matching against differences, training, predictions in chunks. */
import type * as E from "fp-ts/lib/Either.js"
import { describe, expect, test } from "vitest"
import {
  constant,
  evaluate,
  flatten,
  grad,
  openSession,
  type Session,
  type Tensor,
  tensor,
  toArray,
  unflatten,
} from "../../../src/core/index.js"
import { exact, oneStep, perRow, picard, type Solver, unrolled } from "../../../src/implicit/index.js"
import { batch, spritesScene } from "../../../src/models/data/index.js"
import { adam } from "../../../src/models/optim/index.js"
import { decodeAs } from "../../../src/models/schema/index.js"
import {
  clevrLayout,
  imageSetPredictor,
  leastAssignment,
  predictedObjects,
  predictSetsIn,
  type SetDistance,
  type SetLayout,
  type SetPredictor,
  type SetPredictorParams,
  setLoss,
  setPrecisions,
  setPredictor,
  setPredictorCodec,
  setRanges,
  setTargets,
  spritesLayout,
  spritesObject,
  spritesTargets,
  tetrominoesLayout,
  tetrominoesTargets,
  trainSets,
} from "../../../src/models/set-prediction/index.js"
import { slotSolver } from "../../../src/models/slot-attention/index.js"
import { keyOf, type Snapshot, type Trained } from "../../../src/models/training/index.js"
import { key, reshape, uniform } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"

const settled = <T>(tree: T): T => right(evaluate(tree as never)) as T
const layout: SetLayout = { position: { dimensions: 2, scale: 1 }, attributes: [{ name: "colour", classes: 2 }] }
const sizes = { side: 4, layout, slots: 3, width: 4, encoder: { channels: 3, kernels: [3], strides: [2] } } as const
const specOf = (solver: Solver) => imageSetPredictor({ ...sizes, initial: "learned", solver })

describe("a description", () => {
  test.each([oneStep, unrolled(3), exact()])("comes back as it went, $_tag, and builds the same model", (adjoint) => {
    const spec = imageSetPredictor({ side: 12, layout: clevrLayout, slots: 5, width: 6, solver: slotSolver(3, adjoint) })
    const read = right(decodeAs(setPredictorCodec, "model", JSON.parse(JSON.stringify(spec))))
    expect(read).toEqual(spec)
    const images = settled(uniform(key(1), [1, 12, 12, 3])) as Tensor
    const objects = (of: typeof spec) => predictedObjects(setPredictor(of), "eval")(setPredictor(of).init(key(2)), images, key(3))
    expect(objects(read).shape).toEqual([1, 5, setRanges(clevrLayout).features])
    expect(numbers(objects(read))).toEqual(numbers(objects(spec)))
  })

  const spec = specOf(slotSolver(2, oneStep))
  test.each([
    [
      { ...spec, layout: { ...layout, position: { dimensions: 2, scale: 0 } } },
      /model\.layout\.position\.scale: expected a number above 0/,
    ],
    [{ ...spec, layout: { ...layout, attributes: [{ name: "colour" }] } }, /model\.layout\.attributes\.0\.classes/],
    [{ ...spec, hiden: 3 }, /unknown key "hiden"; did you mean "hidden"\?/],
    [{ ...spec, attention: spec.encoder }, /model\.attention: expected a _tag of slotAttention/],
  ])("%#: what is wrong is named", (u, message) => {
    expect(left(decodeAs(setPredictorCodec, "model", u)).message).toMatch(message)
  })

  test("an encoder without a kernel is refused", () => {
    expect(() => imageSetPredictor({ ...sizes, encoder: { kernels: [] }, solver: slotSolver(2, oneStep) })).toThrow(/at least one kernel/)
  })
})

const object = (x: number, y: number, colour: number) => ({ position: [x, y], attributes: [colour] })

/** Parameters that are nowhere zero. */
const moved = <P>(params: P, seed: number): P => {
  const { leaves, structure } = flatten("test", settled(params))
  const shifted = leaves.map((t, i) => {
    const noise = toArray(settled(uniform(key(seed + i), t.shape)) as Tensor)
    return constant(
      { elem: "float", shape: t.shape },
      Float64Array.from(toArray(t as Tensor), (x, j) => x + 0.3 * ((noise[j] as number) - 0.5)),
    )
  })
  return unflatten(structure, shifted) as P
}

/** The least loss of a model over all matchings, and its gradient, leaf by leaf. */
const lossOf = (solver: Solver, images: Tensor, targets: Tensor) => {
  const two = setLoss(predictedObjects(setPredictor(specOf(solver)), "train"))
  const sample = { inputs: images, targets }
  const matched = (p: SetPredictorParams) => right(leastAssignment(settled(two.costs(p, sample, key(0)))))
  return {
    value: (p: SetPredictorParams): number =>
      numbers(settled(two.lossGiven(p, { ...sample, assignment: matched(p) }, key(0))[0]))[0] as number,
    gradient: (p: SetPredictorParams): SetPredictorParams => {
      const assignment = matched(p)
      return settled(grad((q: never) => two.lossGiven(q, { ...sample, assignment }, key(0))[0])(p as never) as SetPredictorParams)
    },
  }
}

const groupOf = (path: string): string => (path.includes("mu") ? "initial slots" : (path.split(/[.[]/)[1] as string))

/** Slopes along one direction in each part of the model: by the gradient, and by central differences. */
const slopes = (gradient: SetPredictorParams, value: (p: SetPredictorParams) => number, at: SetPredictorParams) => {
  const h = 1e-5
  const { leaves, structure, paths } = flatten("test", at)
  const found = flatten("test", gradient).leaves
  const along = leaves.map((leaf, k) => toArray(leaf as Tensor).map((_, j) => Math.cos(1 + 2.7 * j + k)))
  return [...new Set(paths.map(groupOf))].map((group) => {
    const mine = leaves.map((_, k) => groupOf(paths[k] as string) === group)
    const by = (step: number) => {
      const there = leaves.map((leaf, k) =>
        mine[k]
          ? constant(
              { elem: "float", shape: leaf.shape },
              Float64Array.from(toArray(leaf as Tensor), (v, j) => v + step * (along[k]?.[j] as number)),
            )
          : leaf,
      )
      return value(unflatten(structure, there) as SetPredictorParams)
    }
    const told = found.reduce(
      (sum, g, k) => sum + (mine[k] ? toArray(g as Tensor).reduce((s, x, j) => s + x * (along[k]?.[j] as number), 0) : 0),
      0,
    )
    return { group, told, differences: (by(h) - by(-h)) / (2 * h) }
  })
}

describe("the gradient through the refinement and the matching", () => {
  const images = settled(uniform(key(5), [1, 4, 4, 3])) as Tensor
  const targets = setTargets(layout, [[object(0.2, 0.9, 1), object(0.7, 0.1, 0)]], 3)
  const params = moved(setPredictor(specOf(slotSolver(1, oneStep))).init(key(4)), 50)

  test("unrolled: is that of the least loss, by differences in every part", () => {
    const { value, gradient } = lossOf(slotSolver(2, unrolled(2)), images, targets)
    const rows = slopes(gradient(params), value, params)
    expect(rows.map(({ group }) => group)).toEqual(["attention", "initial slots", "encoder", "head"])
    for (const { group, told, differences } of rows) {
      expect(Math.abs(told - differences), group).toBeLessThan(1e-8)
      expect(Math.abs(told), group).toBeGreaterThan(1e-6)
    }
  })

  test("exact, at the fixed point: is that of the least loss, by differences in every part", () => {
    const { value, gradient } = lossOf(perRow(picard({ maxEvaluations: 1000, rtol: 1e-12, atol: 0, adjoint: exact() })), images, targets)
    const rows = slopes(gradient(params), value, params)
    for (const { group, told, differences } of rows) expect(Math.abs(told - differences), group).toBeLessThan(1e-8)
    expect(rows.filter(({ told }) => Math.abs(told) < 1e-6).map(({ group }) => group)).toEqual(["initial slots"]) // where the search starts
  })

  test("one step: is that of one more refinement of slots that are held still", () => {
    const { slots } = setPredictor(specOf(slotSolver(3, unrolled(3)))).apply(params, settled(predictable(images)), { mode: "eval" })
    const mu = settled(reshape(slots, [3, 4])) as Tensor
    const there = { ...params, attention: { ...params.attention, mu } }
    const found = lossOf(slotSolver(3, oneStep), images, targets).gradient(params)
    const { value } = lossOf(slotSolver(1, unrolled(1)), images, targets)
    const rows = slopes(found, value, there).filter(({ group }) => group !== "initial slots")
    for (const { group, told, differences } of rows) expect(Math.abs(told - differences), group).toBeLessThan(1e-8)
    expect(numbers(found.attention.mu).every((g) => g === 0)).toBe(true)
    expect(numbers(found.attention.key).some((g) => g !== 0)).toBe(true)
  })

  test("bilevel: initial slots have the gradient of the slots that were found", () => {
    const gradientOf = (bilevel: boolean) => {
      const spec = imageSetPredictor({ ...sizes, initial: "learned", bilevel, solver: slotSolver(3, oneStep) })
      const { costs, lossGiven } = setLoss(predictedObjects(setPredictor(spec), "train"))
      const assignment = right(leastAssignment(settled(costs(params, { inputs: images, targets }, key(0)))))
      const loss = (p: never) => lossGiven(p, { inputs: images, targets, assignment }, key(0))[0]
      return settled(grad(loss)(params as never) as SetPredictorParams)
    }
    const [without, straight] = [gradientOf(false), gradientOf(true)]
    expect(numbers(without.attention.mu).every((g) => g === 0)).toBe(true)
    expect(numbers(straight.attention.mu).every((g) => g !== 0)).toBe(true)
    expect(numbers(straight.attention.key)).toEqual(numbers(without.attention.key))
  })

  test("three refinements and one that is differentiated find what four do", () => {
    const found = (solver: Solver) => numbers(predictedObjects(setPredictor(specOf(solver)), "eval")(params, images, key(0)))
    expect(relativeError(found(slotSolver(4, unrolled(4))), found(slotSolver(3, oneStep)))).toBeLessThan(1e-14)
  })
})

/** Images as a model is given them: from [0, 1] to [-1, 1]. */
const predictable = (images: Tensor): Tensor =>
  tensor(
    toArray(images).map((x) => 2 * x - 1),
    images.shape,
  ) as Tensor

describe("true objects", () => {
  test("told as they are score 1 at every distance, moved by a twentieth only above it", () => {
    const config = { blockSize: 2 }
    const scenes = batch(config, 0, 0, 6)
    const sprites = [0, 1, 2, 3].map((i) => spritesScene({ size: 32, most: 3 }, 0, i).factors)
    for (const [of, targets, images] of [
      [tetrominoesLayout(config), tetrominoesTargets(config, scenes.factors, 4), 6],
      [spritesLayout, spritesTargets(32, sprites, 5), 4],
    ] as const) {
      const truth = toArray(targets)
      const { features, presence } = setRanges(of)
      expect(setPrecisions(of, truth, truth, images, [Number.POSITIVE_INFINITY, 1e-6])).toEqual([1, 1])
      const beside = truth.map((x, i) => (i % features === 0 && truth[i + presence] === 1 ? x + 0.05 : x))
      const { scale } = of.position
      expect(setPrecisions(of, beside, truth, images, [0.051 * scale, 0.049 * scale])).toEqual([1, 0])
    }
  })

  test("of sprites: centroid and diameter over the side, the shape, and the nearest hue, around the circle", () => {
    const colour = (hue: number) => ({ hue, saturation: 0.7, value: 0.6 })
    const sprite = { shape: 1, x: 8, y: 24, size: 12, rotation: 1, colour: colour(0.5) }
    expect(spritesObject(32, sprite)).toEqual({ position: [0.25, 0.75, 0.375], attributes: [1, 3] })
    expect([0, 0.08, 0.09, 0.91, 0.92, 0.999].map((hue) => spritesObject(32, { ...sprite, colour: colour(hue) }).attributes[1])).toEqual([
      0, 0, 1, 5, 0, 0,
    ])
    const row = toArray(spritesTargets(32, [[sprite]], 2))
    expect([...row.slice(0, 13)]).toEqual([0.25, 0.75, 0.375, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1])
    expect(row.slice(13).every((x) => x === 0)).toBe(true)
  })
})

describe("in a session", () => {
  const inputs = settled(uniform(key(8), [2, 4, 4, 3])) as Tensor
  const targets = setTargets(layout, [[object(0.2, 0.9, 1), object(0.7, 0.1, 0)], [object(0.5, 0.5, 0)]], 3)
  const modelOf = (solver: Solver) => setPredictor(imageSetPredictor({ ...sizes, width: 8, solver }))
  const optimiser = adam({ rate: 2e-2 })
  const jobOf = (session: Session, model: SetPredictor, distance: SetDistance) => {
    const predict = predictedObjects(model, "train")
    return { session, predict, optimiser, loss: { distance }, seed: 0, batch: () => ({ inputs, targets }) }
  }
  const startOf = (model: SetPredictor): Snapshot<SetPredictorParams> => {
    const params = settled(model.init(keyOf(0, "parameters")))
    return { step: 0, state: [params, settled(optimiser.init(params))] } as Snapshot<SetPredictorParams>
  }

  /** The losses of some steps, and where they end. */
  const course = async (solver: Solver, distance: SetDistance, count: number, from?: Snapshot<SetPredictorParams>) => {
    const session = right(await openSession("wasm", { threads: 1 })())
    const model = modelOf(solver)
    const start = from ?? startOf(model)
    const losses: number[] = []
    let last: Snapshot<SetPredictorParams> = start
    for await (const made of trainSets(jobOf(session, model, distance), start)) {
      const { step, metrics, state } = right(made) as Trained<SetPredictorParams>
      losses.push(metrics.loss as number)
      if (step < start.step + count) continue
      const leaves: unknown = right(await session.read<unknown>(state)())
      last = { step, state: leaves as Snapshot<SetPredictorParams>["state"] }
      break
    }
    await session.close()
    return { losses, last }
  }

  test.each<readonly [string, SetDistance, Solver]>([
    ["one step", "huber", slotSolver(2, oneStep)],
    ["unrolled", "crossEntropy", slotSolver(2, unrolled(2))],
  ])("training lowers the loss, %s, %s", async (_name, distance, solver) => {
    const { losses } = await course(solver, distance, 60)
    const [before, after] = [losses.slice(0, 5), losses.slice(-5)].map((few) => few.reduce((a, b) => a + b)) as [number, number]
    expect(after).toBeLessThan(0.6 * before)
  })

  test("a stream from a snapshot goes on as the one that made it, and one with broken parameters ends", async () => {
    const solver = slotSolver(1, oneStep)
    const whole = await course(solver, "huber", 4)
    const half = await course(solver, "huber", 2)
    expect((await course(solver, "huber", 2, half.last)).losses).toEqual(whole.losses.slice(2))

    const session = right(await openSession("wasm", { threads: 1 })())
    const { head, ...rest } = half.last.state[0]
    const broken = { ...rest, head: [{ ...head[0], b: tensor(new Float64Array(8).fill(Number.NaN)) }, head[1]] as typeof head }
    const made = []
    for await (const one of trainSets(jobOf(session, modelOf(solver), "huber"), { step: 0, state: [broken, half.last.state[1]] }))
      made.push(one)
    expect(made).toHaveLength(1)
    expect(left(made[0] as E.Either<Error, unknown>).message).toMatch(/diverged/)
    await session.close()
  })

  test("predictions in chunks are those of single images, and not of what fills the last chunk up", async () => {
    const session = right(await openSession("wasm:f64", { threads: 1 })())
    const model = setPredictor(specOf(slotSolver(1, oneStep)))
    const params = settled(model.init(key(3)))
    const seen = { count: 5, size: 4, images: Float32Array.from(toArray(settled(uniform(key(9), [5, 4, 4, 3])) as Tensor)) }
    const by = async (chunk: number) => {
      const predict = predictSetsIn(session, predictedObjects(model, "eval"), { chunk, seed: 0 })
      const found = right(await predict(params, seen)())
      predict.dispose()
      return found
    }
    const [single, chunks] = [await by(1), await by(3)]
    const each = sizes.slots * setRanges(layout).features
    expect(chunks.length).toBe(5 * each)
    expect(relativeError([...single], [...chunks])).toBeLessThan(1e-12)
    expect(relativeError([...single.slice(0, each)], [...single.slice(each, 2 * each)])).toBeGreaterThan(1e-3)
    await session.close()
  })
})

/** The loss of sets: the least over all matchings, its gradient, its symmetries, and a model that learns with it. */
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { type Elem, evaluate, grad, openSession, type Tensor, tensor, toNested, toNumber } from "../../../src/core/index.js"
import { normal as normals, uniform } from "../../../src/laws/arbitraries/index.js"
import * as laws from "../../../src/laws/index.js"
import { batch, tetrominoesScene } from "../../../src/models/data/index.js"
import { dense } from "../../../src/models/layers/index.js"
import { adam } from "../../../src/models/optim/index.js"
import {
  type Assignment,
  leastAssignment,
  matchedLoss,
  pairwiseCosts,
  setHead,
  setLossIn,
  setRanges,
  setStepIn,
  setTargets,
  tetrominoesLayout,
  tetrominoesObject,
  tetrominoesTargets,
} from "../../../src/models/set-prediction/index.js"

import { adjointOf, slotAttention, slotSolver } from "../../../src/models/slot-attention/index.js"
import { keyOf } from "../../../src/models/training/index.js"
import { key, sigmoid } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"
import { numbers } from "../../support/outcome.js"

const settled = <T extends Tensor<readonly number[], Elem>>(t: T): T => right(evaluate(t as never)) as T

const orders = (k: number): readonly (readonly number[])[] =>
  k === 0 ? [[]] : orders(k - 1).flatMap((o) => Array.from({ length: k }, (_, at) => [...o.slice(0, at), k - 1, ...o.slice(at)]))

/** Huber's loss with delta 1, written out. */
const huberMean = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => {
    const e = Math.abs(x - (b[i] as number))
    return sum + (e < 1 ? e ** 2 / 2 : e - 0.5)
  }, 0) / a.length

type Rows = readonly (readonly number[])[]
const lossOf = (p: Rows, t: Rows, order: readonly number[]): number =>
  p.reduce((sum, row, i) => sum + huberMean(row, t[order[i] as number] as readonly number[]), 0)
/** The least over all orders, mean over images. */
const byTrial = (p: readonly Rows[], t: readonly Rows[]): number =>
  p.reduce((sum, rows, b) => sum + Math.min(...orders(rows.length).map((o) => lossOf(rows, t[b] as Rows, o))), 0) / p.length

const rowsOf = (b: number, k: number, f: number) => {
  const list = <A>(of: fc.Arbitrary<A>, n: number) => fc.array(of, { minLength: n, maxLength: n })
  return list(list(list(fc.double({ min: -2, max: 2, noNaN: true }), f), k), b)
}
const sets = fc
  .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 }))
  .chain(([b, k, f]) => fc.tuple(rowsOf(b, k, f), rowsOf(b, k, f)))

const tensorOf = (rows: readonly Rows[]): Tensor =>
  tensor(Float64Array.from(rows.flat(2)), [rows.length, rows[0]?.length ?? 0, rows[0]?.[0]?.length ?? 0])

const matchedAt = (p: Tensor, t: Tensor): { readonly loss: number; readonly assignment: Assignment } => {
  const assignment = right(leastAssignment(settled(pairwiseCosts(p, t))))
  return { assignment, loss: toNumber(settled(matchedLoss(p, t, assignment))) }
}

test("the loss is the least over all permutations, and invariant under permutations of slots and of objects", () =>
  fc.assert(
    fc.property(sets, fc.nat(23), fc.nat(23), ([p, t], i, j) => {
      const expected = byTrial(p, t)
      const { loss, assignment } = matchedAt(tensorOf(p), tensorOf(t))
      expect(Math.abs(loss - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, expected))
      for (const row of toNested(assignment) as unknown as number[][])
        expect([...row].sort((a, b) => a - b)).toEqual(Array.from(row.keys()))
      const all = orders(p[0]?.length as number)
      const permuted = (of: readonly Rows[], n: number) =>
        of.map((rows) => (all[n % all.length] as readonly number[]).map((k) => rows[k] as readonly number[]))
      const again = matchedAt(tensorOf(permuted(p, i)), tensorOf(permuted(t, j))).loss
      expect(Math.abs(again - loss)).toBeLessThanOrEqual(1e-12 * Math.max(1, loss))
    }),
  ))

const fixed = tensor(
  [
    [2, 0, 1],
    [1, 2, 0],
  ],
  "int",
) as Assignment

test("its gradient at a fixed permutation keeps the laws", async () => {
  const given = (p: Tensor<[2, 3, 4]>, t: Tensor<[2, 3, 4]>) => matchedLoss(p, t, fixed)
  await laws.assert(laws.gradient(given, [uniform([2, 3, 4]), uniform([2, 3, 4])]), { runs: 20 })
  await laws.assert(laws.gradient(given, [normals([2, 3, 4]), normals([2, 3, 4])], { order: 1 }), { runs: 20 })
})

test("it is the gradient of the least loss, by differences", () => {
  const target: Rows = [
    [0.1, 0.2],
    [0.9, 0.4],
    [0.5, 1],
  ]
  const at: Rows = [
    [0.8, 0.5],
    [0.45, 0.9],
    [0.2, 0.1],
  ]
  const { assignment } = matchedAt(tensorOf([at]), tensorOf([target]))
  expect(toNested(assignment)).toEqual([[1, 2, 0]])
  const slope = settled(grad((p: Tensor) => matchedLoss(p, tensorOf([target]), assignment))(tensorOf([at])) as Tensor)
  const h = 1e-6
  const moved = (k: number, by: number) => [at.map((row, i) => row.map((x, j) => (i * 2 + j === k ? x + by : x)))]
  numbers(slope).forEach((g, k) => {
    expect(g).toBeCloseTo((byTrial(moved(k, h), [target]) - byTrial(moved(k, -h), [target])) / (2 * h), 8)
  })
})

test("cross-entropy: as it is written, with the slope p - t behind a sigmoid, and finite where a sigmoid has ended", () => {
  const logits = tensor([-2, 0.5, 1, 3], [1, 2, 2]) as Tensor
  const t = tensor([0, 1, 0.3, 1], [1, 2, 2]) as Tensor
  const swapped = tensor([[1, 0]], "int") as Assignment
  const loss = (x: Tensor) => matchedLoss(sigmoid(x) as Tensor, t, swapped, { distance: "crossEntropy" })
  const [p, own] = [numbers(sigmoid(logits)), [0.3, 1, 0, 1]]
  const entropies = own.map((y, i) => -y * Math.log(p[i] as number) - (1 - y) * Math.log(1 - (p[i] as number)))
  expect(toNumber(settled(loss(logits)))).toBeCloseTo(entropies.reduce((a, b) => a + b) / 2, 4)
  const slopes = numbers(settled(grad(loss)(logits) as Tensor))
  own.forEach((y, i) => {
    expect(slopes[i]).toBeCloseTo(((p[i] as number) - y) / 2, 4)
  })
  const ends = tensor([0, 1, 1, 0], [1, 2, 2]) as Tensor
  expect(numbers(pairwiseCosts(ends, ends, { distance: "crossEntropy" })).map((x) => x.toFixed(2))).toEqual([
    "-0.00",
    "13.82",
    "13.82",
    "-0.00",
  ])
})

test("weights multiply the features' distances", () => {
  const [p, t] = [tensor([0, 0.6, 1, 0.2], [1, 2, 2]) as Tensor, tensor([1, 0.2, 0, 0], [1, 2, 2]) as Tensor]
  const [both, first, second] = [
    [10, 3],
    [1, 0],
    [0, 1],
  ].map((weights) => numbers(pairwiseCosts(p, t, { weights }))) as [number[], number[], number[]]
  both.forEach((cost, i) => {
    expect(cost).toBeCloseTo(10 * (first[i] as number) + 3 * (second[i] as number), 12)
  })
  expect(numbers(pairwiseCosts(p, t)).every((cost, i) => Math.abs(cost - (first[i] as number) - (second[i] as number)) < 1e-15)).toBe(true)
  expect(() => pairwiseCosts(p, t, { weights: [1] })).toThrow(/a weight for each of 2 features, found 1/)
})

test("costs that are not finite and sets that do not fit are refused", () => {
  expect(
    left(
      leastAssignment(
        tensor([
          [
            [0, 1],
            [Number.NaN, 0],
          ],
        ]),
      ),
    ),
  ).toMatchObject({ _tag: "NonFinite", message: /pair in image 0 is NaN/ })
  const [a, b] = [tensor([[[0], [1]]]), tensor([[[0]]])]
  expect(() => pairwiseCosts(a, b)).toThrow(/pads to the number of slots/)
  expect(() => matchedLoss(a, a, tensor([[0]], "int"))).toThrow(/expected an assignment int\[1, 2\], found int\[1, 1\]/)
  expect(() => leastAssignment(tensor([[0]]))).toThrow(/expected costs \[images, slots, slots\]/)
})

test("targets of Tetrominoes hold the factors, then zeros", () => {
  const config = { blockSize: 2 }
  const { factors, size } = tetrominoesScene(config, 3, 5)
  const layout = tetrominoesLayout(config)
  const { attributes, presence, features } = setRanges(layout)
  const rows = (toNested(tetrominoesTargets(config, [factors], 4)) as unknown as number[][][])[0] as number[][]
  expect([features, layout.position.scale, rows.length]).toEqual([26, 7, 4])
  factors.forEach(({ shape, colour, x, y }, k) => {
    const row = rows[k] as number[]
    expect([(row[0] as number) * size, (row[1] as number) * size]).toEqual([x, y])
    expect(attributes.map(({ from, to }) => row.slice(from, to).indexOf(1))).toEqual([shape, colour])
    expect([row.slice(2).filter((v) => v !== 0).length, row[presence]]).toEqual([3, 1])
  })
  expect(rows[3]).toEqual(new Array(26).fill(0))
  expect(() => tetrominoesTargets(config, [factors], 2)).toThrow(/image 0 has 3 objects, more than the 2 slots/)
  const object = tetrominoesObject(config, { shape: 17, colour: 0, x: 0, y: 0 })
  expect(() => setTargets(layout, [[object]], 1)).toThrow(/shape of object 0 of image 0 must be a class from 0 to 16, found 17/)
})

test("slots learn to tell a few scenes' objects: the loss falls, and what is evaluated is what was trained", async () => {
  const config = { blockSize: 1 }
  const [slots, width, side] = [4, 16, 7]
  const scenes = batch(config, 0, 0, 8)
  const attention = slotAttention({
    inputs: width,
    slots,
    width,
    hidden: 16,
    initial: "learned",
    solver: slotSolver(2, adjointOf("oneStep", 2)),
  })
  const encoder = dense(5, width, { activation: "relu" })
  const head = setHead(width, 32, tetrominoesLayout(config))
  const params = settled({ encoder: encoder.init(key(1)), attention: attention.init(key(2)), head: head.init(key(3)) } as never) as never
  const predict = (p: never, pixels: Tensor): Tensor => {
    const { encoder: e, attention: a, head: h } = p as { encoder: never; attention: never; head: never }
    const context = { mode: "train" } as const
    const seen = encoder.apply(e, pixels as never, context)
    return head.apply(h, attention.apply(a, seen as never, context).slots as never, context) as Tensor
  }
  // a pixel's colours and its place
  const pixels = Float64Array.from({ length: 8 * side * side * 5 }, (_, i) => {
    const [pixel, c] = [Math.floor(i / 5), i % 5]
    const place = pixel % (side * side)
    return c < 3 ? (scenes.images[3 * pixel + c] as number) : (c === 3 ? place % side : Math.floor(place / side)) / side
  })
  const inputs = tensor(pixels, [8, side * side, 5])
  const sample = { inputs, targets: tetrominoesTargets(config, scenes.factors, slots) }
  const session = right(await openSession("wasm")())
  const optimiser = adam({ rate: 0.01 })
  const [step, loss] = [setStepIn(session, predict, optimiser), setLossIn(session, predict)]
  let state = right(await session.put(settled([params, optimiser.init(params)] as never))()) as never
  const before = right(await loss(params, sample, keyOf(0, "steps", 0))())
  const course: number[] = []
  for (let n = 0; n < 60; n++) {
    const made = right(await step(state, sample, keyOf(0, "steps", n))())
    state = made.value[0] as never
    course.push(toNumber(made.value[1].loss))
    if (n === 0) expect(toNested(made.assignment)).toEqual(toNested(before.assignment))
  }
  const after = right(await loss(state[0], sample, keyOf(0, "steps", 0))())
  expect(course[0]).toBeCloseTo(toNumber(before.value), 5)
  expect(toNumber(after.value)).toBeLessThan(0.5 * (course[0] as number))
  step.dispose()
  loss.dispose()
  await session.close()
})

/** Sets as values, and their batches: which rows, in which order, how often. */
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import {
  batches,
  type Dataset,
  endlessBatches,
  fromArrays,
  mapDataset,
  type Rows,
  splitDataset,
  subset,
  tetrominoesData,
  tetrominoesScene,
} from "../../../src/models/data/index.js"

const all = (n: number) => Uint32Array.from({ length: n }, (_, i) => i)
const keys = fc.nat({ max: Number.MAX_SAFE_INTEGER })

/** The set whose row i is the number i. */
const counting = (n: number): Dataset<Rows<Float64Array>> => fromArrays({ shape: [n], data: Float64Array.from({ length: n }, (_, i) => i) })

describe("sets", () => {
  test("rows of every array in a tree, in the order that is asked for", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 4 }),
        fc.array(fc.nat({ max: 99 }), { maxLength: 12 }),
        (n, width, raw) => {
          const indices = Uint32Array.from(raw, (i) => i % n)
          const a = { shape: [n, width], data: Int16Array.from({ length: n * width }, (_, i) => i - 7), names: ["left out"] }
          const b = { shape: [n], data: BigInt64Array.from({ length: n }, (_, i) => BigInt(i) ** 9n) }
          const { x, y } = fromArrays({ x: a, y: [b, { z: a }] as const }).get(indices)
          expect(x).toEqual({
            shape: [indices.length, width],
            data: Int16Array.from([...indices].flatMap((i) => [...a.data.subarray(i * width, (i + 1) * width)])),
          })
          expect(y[0]).toEqual({ shape: [indices.length], data: BigInt64Array.from(indices, (i) => BigInt(i) ** 9n) })
          expect(y[1].z).toEqual(x)
        },
      ),
    )
  })

  test("mapped, and cut", () => {
    const squares = mapDataset(({ data }: Rows<Float64Array>) => data.map((x) => x * x))(counting(10))
    expect(squares.length).toBe(10)
    const odd = subset([9, 1, 3])(squares)
    expect(odd.length).toBe(3)
    expect(odd.get(Uint32Array.of(2, 0, 0))).toEqual(Float64Array.of(9, 81, 81))
    expect(subset([2, 1])(odd).get(all(2))).toEqual(Float64Array.of(9, 1))
  })

  test("split by a key: disjoint, complete, in order, the same each time", () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }), fc.nat({ max: 40 }), keys, (a, b, key) => {
        const [heldOut, n] = [Math.min(a, b), Math.max(a, b)]
        const parts = splitDataset({ key, heldOut })(counting(n))
        const [train, held] = [parts.train, parts.heldOut].map((part) => [...part.get(all(part.length)).data])
        expect(held).toHaveLength(heldOut)
        expect([...train!, ...held!].sort((x, y) => x - y)).toEqual([...all(n)])
        for (const part of [train!, held!]) expect(part).toEqual([...part].sort((x, y) => x - y))
        const again = splitDataset({ key, heldOut })(counting(n)).heldOut
        expect([...again.get(all(heldOut)).data]).toEqual(held)
      }),
    )
    const one = splitDataset({ key: 1, heldOut: 500 })(counting(1000)).heldOut
    const two = splitDataset({ key: 2, heldOut: 500 })(counting(1000)).heldOut
    expect(one.get(all(500)).data).not.toEqual(two.get(all(500)).data)
  })

  test("Tetrominoes: row i is scene i", () => {
    const { image, masks } = tetrominoesData({ blockSize: 2 }, 5, 20).get(Uint32Array.of(7, 0))
    const [seven, zero] = [7, 0].map((i) => tetrominoesScene({ blockSize: 2 }, 5, i))
    expect(image).toEqual({ shape: [2, 14, 14, 3], data: Float32Array.of(...seven!.image, ...zero!.image) })
    expect(masks).toEqual({ shape: [2, 14, 14], data: Uint8Array.of(...seven!.masks, ...zero!.masks) })
  })
})

describe("batches", () => {
  const options = fc.record({
    n: fc.integer({ min: 1, max: 50 }),
    size: fc.integer({ min: 1, max: 12 }),
    key: keys,
    epoch: fc.nat({ max: 1000 }),
    shuffle: fc.boolean(),
    partial: fc.constantFrom("pad" as const, "drop" as const),
  })

  test("every row once an epoch, all batches of one size, weights tell rows from filling", () => {
    fc.assert(
      fc.property(options, ({ n, ...rest }) => {
        const steps = rest.partial === "pad" ? Math.ceil(n / rest.size) : Math.floor(n / rest.size)
        fc.pre(steps > 0)
        const epoch = batches({ data: counting(n), ...rest })
        expect(epoch.length).toBe(steps)
        const seen: number[] = []
        for (const { rows, weights, count, indices } of epoch.from()) {
          expect([rows.shape[0], rows.data.length, weights.length, indices.length]).toEqual(new Array(4).fill(rest.size))
          expect([...weights]).toEqual(Array.from({ length: rest.size }, (_, i) => (i < count ? 1 : 0)))
          expect([...rows.data]).toEqual([...indices])
          for (let i = count; i < rest.size; i++) expect(rows.data[i]).toBe(rows.data[i % count])
          seen.push(...rows.data.subarray(0, count))
        }
        expect(new Set(seen).size).toBe(seen.length)
        expect(seen).toHaveLength(rest.partial === "pad" ? n : steps * rest.size)
        if (!rest.shuffle) expect(seen).toEqual([...all(seen.length)])
      }),
    )
  })

  test("any step can be resumed at: the same batches to the bit as without a break", () => {
    fc.assert(
      fc.property(options, fc.nat({ max: 30 }), ({ n, epoch: _, ...rest }, from) => {
        fc.pre(rest.partial === "pad" || n >= rest.size)
        const whole = endlessBatches({ data: counting(n), ...rest })
        const expected = Array.from({ length: from + 5 }, (_, t) => whole(t))
        const resumed = endlessBatches({ data: counting(n), ...rest })
        for (let t = from; t < from + 5; t++) {
          expect(resumed(t)).toEqual(expected[t])
          const { epoch, step } = expected[t]!
          const one = batches({ data: counting(n), ...rest, epoch })
          expect(epoch * one.length + step).toBe(t)
          expect(one.at(step)).toEqual(expected[t])
          expect([...one.from(step)][0]).toEqual(expected[t])
        }
      }),
    )
  })

  test("orders are uniform, and differ by epoch and by key", () => {
    const counts = new Array<number>(24).fill(0)
    const orders = new Map<string, number>()
    for (let epoch = 0; epoch < 6000; epoch++) {
      const order = batches({ data: counting(4), size: 4, key: 3, epoch })
        .at(0)
        .indices.join()
      if (!orders.has(order)) orders.set(order, orders.size)
      counts[orders.get(order)!]!++
    }
    const chiSquared = counts.reduce((sum, c) => sum + (c - 250) ** 2 / 250, 0)
    expect(orders.size).toBe(24)
    expect(chiSquared).toBeLessThan(49.7) // 99.9 % of 23 degrees of freedom
    const order = (key: number, epoch: number) => batches({ data: counting(100), size: 100, key, epoch }).at(0).indices
    expect(order(1, 0)).not.toEqual(order(1, 1))
    expect(order(1, 0)).not.toEqual(order(2, 0))
  })

  test("stay what they are from version to version", () => {
    expect([...batches({ data: counting(10), size: 10, key: 7, epoch: 2 }).at(0).indices]).toMatchInlineSnapshot(`
      [
        2,
        7,
        4,
        1,
        3,
        8,
        5,
        9,
        6,
        0,
      ]
    `)
  })
})

describe("what is refused, and how", () => {
  const x = { shape: [3], data: new Float32Array(3) }
  const ten = { data: counting(10), size: 4, key: 0 }
  test.each([
    [() => fromArrays({}), /at least one array/],
    [() => fromArrays({ a: { shape: [], data: new Float32Array(1) } }), /a has no axis/],
    [() => fromArrays({ a: { shape: [3, 2], data: new Float32Array(3) } }), /a of shape \[3, 2\] has 3 elements/],
    [() => fromArrays({ a: x, b: { c: { shape: [2], data: new Float32Array(2) } } }), /b\.c has 2 rows, a has 3/],
    [() => counting(3).get(Uint32Array.of(0, 3)), /index 3 \(at 1\) of a set of 3 rows; expected 0 to 2/],
    [() => subset([0, 3])(counting(3)), /subset: index 3 \(at 1\)/],
    [() => subset([0.5])(counting(3)), /subset: index 0.5/],
    [() => splitDataset({ key: 0, heldOut: 4 })(counting(3)), /heldOut must be an integer from 0 to 3/],
    [() => splitDataset({ key: -1, heldOut: 1 })(counting(3)), /seed must be an integer/],
    [() => tetrominoesData({ blockSize: 2 }, 0, -1), /length must be an integer/],
    [() => batches({ ...ten, size: 0, epoch: 0 }), /size must be an integer of at least 1, found 0/],
    [() => batches({ ...ten, epoch: 0.5 }), /epoch must be a natural number, found 0.5/],
    [() => batches({ ...ten, epoch: 0 }).at(3), /steps 0 to 2, found 3/],
    [() => batches({ ...ten, size: 11, partial: "drop", epoch: 0 }), /10 rows don't fill a batch of 11/],
    [() => batches({ ...ten, data: counting(0), epoch: 0 }), /the set has no rows/],
    [() => endlessBatches(ten)(-1), /step must be a natural number/],
  ])("%s", (call, message) => {
    expect(call).toThrow(message)
  })
})

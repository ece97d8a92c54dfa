/** Draws of key 42 against those of JAX 0.10.2 in float32 with `threefry_partitionable`, where the rule is JAX's. */
import { describe, expect, test } from "vitest"
import { type AnyTensor, type Tensor, tensor } from "../../../src/core/index.js"
import * as ops from "../../../src/ops/index.js"
import { dataOf } from "../support.js"

const jax: Readonly<Record<string, readonly number[]>> = {
  uniform: [0.4435478448867798, 1.3989858627319336, 1.081357479095459, 0.8050804138183594, 0.2532230615615845, 0.9293292760848999],
  exponential: [0.670817494392395, 1.1388006210327148, 0.9578199982643127, 0.8232924938201904, 0.5990096926689148, 0.8815653324127197],
  gumbel: [0.3340933918952942, 0.952019453048706, 0.7255305647850037, 0.5481715202331543, 0.2268049567937851, 0.6261159181594849],
  logistic: [-0.0451694130897522, 0.7528398036956787, 0.47375231981277466, 0.245286762714386, -0.19806653261184692, 0.3469008803367615],
  laplace: [0.022839652374386787, -0.4456535577774048, -0.2646729052066803, -0.1301453858613968, 0.10392900556325912, -0.1884182244539261],
  cauchy: [-0.03548463061451912, 0.6337261199951172, 0.38244056701660156, 0.1940706968307495, -0.15630900859832764, 0.27649515867233276],
  truncated: [
    -0.027016498148441315, 0.44438081979751587, 0.2818770706653595, 0.14650805294513702, -0.11836230009794235, 0.2069074809551239,
  ],
  truncated2: [0.37401166558265686, 0.7643616795539856, 0.6244509816169739, 0.5120781064033508, 0.3042546808719635, 0.561732828617096],
  truncated3: [0.8232686519622803, 1.1335324048995972, 1.0194789171218872, 0.9300929307937622, 0.7706646919250488, 0.9693334102630615],
  bernoulli: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
  categorical: [2.0, 1.0],
  categorical2: [2.0, 1.0, 2.0, 0.0, 0.0, 0.0, 2.0, 2.0],
  randint6: [1.0, 1.0, 4.0, 2.0, 6.0, 4.0, 6.0, 4.0],
  randint1000: [144.0, 414.0, -429.0, -131.0, 209.0, -81.0, 477.0, 307.0],
  randint60000: [52644.0, 40914.0, 58071.0, 22369.0, 25709.0, 1419.0, 18977.0, 807.0],
  randint65536: [13508.0, 45074.0, 33975.0, 48321.0, 49805.0, 40299.0, 2433.0, 43303.0],
  permutation1: [0.0],
  permutation10: [7.0, 4.0, 2.0, 5.0, 3.0, 6.0, 8.0, 9.0, 0.0, 1.0],
  permutation2000: [1474.0, 815.0, 539.0, 874.0, 1693.0, 84.0, 995.0, 1191.0, 1713.0, 508.0],
  shuffle: [2.0, 3.0, 0.0, 1.0, 6.0, 7.0, 4.0, 5.0, 10.0, 11.0, 8.0, 9.0],
  choice: [4.0, 4.0, 1.0, 9.0, 9.0, 9.0],
  choiceNo: [7.0, 4.0, 2.0, 5.0, 3.0, 6.0],
  choiceW: [3.0, 2.0, 2.0, 2.0, 3.0, 2.0, 4.0, 2.0, 2.0, 2.0],
  choiceWNo: [2.0, 3.0, 4.0, 0.0],
  choiceRows: [0.0, 2.0, 4.0, 6.0, 8.0, 10.0],
}

const k = ops.key(42)
const logits = tensor([
  [0.1, -1, 2],
  [0, 0.5, -0.5],
]) as Tensor
const rows = tensor([
  [0, 1, 2, 3],
  [4, 5, 6, 7],
  [8, 9, 10, 11],
]) as Tensor
const weights = tensor([0.1, 0, 0.4, 0.3, 0.2]) as Tensor

/** Whole numbers, truth values and elements that were picked. */
const exact: Readonly<Record<string, AnyTensor>> = {
  bernoulli: ops.bernoulli(k, [16], { p: 0.3 }),
  categorical: ops.categorical(k, logits),
  categorical2: ops.categorical(k, logits, [4, 2]),
  randint6: ops.randint(k, [8], 1, 7),
  randint1000: ops.randint(k, [8], -500, 500),
  randint60000: ops.randint(k, [8], 0, 60000),
  randint65536: ops.randint(k, [8], 0, 65536),
  permutation1: ops.permutation(k, 1),
  permutation10: ops.permutation(k, 10),
  permutation2000: ops.slice(ops.permutation(k, 2000), { end: [10] }),
  shuffle: ops.shuffle(k, rows, 1),
  choice: ops.choice(k, 10, [6]),
  choiceNo: ops.choice(k, 10, [6], { replace: false }),
  choiceW: ops.choice(k, 5, [10], { weights }),
  choiceWNo: ops.choice(k, 5, [4], { weights, replace: false }),
  choiceRows: ops.choice(k, rows, [2], { axis: 1 }),
}

/** JAX rounds to float32; `slack` is what its rule for u differs by, in units of 2^-23 of u where the slope is about 1. */
const rounded: Readonly<Record<string, readonly [AnyTensor, number]>> = {
  uniform: [ops.uniform(k, [6], { low: -2, high: 3 }), 2],
  exponential: [ops.exponential(k, [6]), 2],
  gumbel: [ops.gumbel(k, [6]), 2],
  logistic: [ops.logistic(k, [6]), 4],
  laplace: [ops.laplace(k, [6]), 4],
  cauchy: [ops.cauchy(k, [6]), 8],
  truncated: [ops.truncatedNormal(k, [6]), 4],
  truncated2: [ops.truncatedNormal(k, [6], { low: -0.5, high: 3 }), 4],
  truncated3: [ops.truncatedNormal(k, [6], { low: 0.25, high: Number.POSITIVE_INFINITY }), 8],
}

describe("the same draws as JAX", () => {
  test("all stored values are compared", () => {
    expect([...Object.keys(exact), ...Object.keys(rounded)].sort()).toEqual(Object.keys(jax).sort())
  })

  test.each(Object.entries(exact))("%s", (name, drawn) => {
    expect(dataOf(drawn)).toEqual(jax[name])
  })

  test.each(Object.entries(rounded))("%s, to float32's rounding", (name, [drawn, slack]) => {
    const found = dataOf(drawn)
    expect(found.length).toBe((jax[name] as readonly number[]).length)
    found.forEach((x, i) => {
      const expected = (jax[name] as readonly number[])[i] as number
      expect(Math.abs(x - expected)).toBeLessThanOrEqual(slack * 2 ** -23 * Math.max(1, Math.abs(expected)))
    })
  })
})

/** Layers made of layers, and cells and attention, against plain loops: values, gradients, and rebuilt from their descriptions. */
import { describe, expect, test } from "vitest"
import { grad, type Tensor } from "../../../src/core/index.js"
import { anderson, fixedPoint, newton, picard } from "../../../src/implicit/index.js"
import {
  across,
  activation,
  concatenation,
  dense,
  gru,
  implicit,
  lift,
  lstm,
  mapOutput,
  multiHeadAttention,
  parallel,
  recurrent,
  repeat,
  residual,
  seq,
  total,
  transformerBlock,
  type UncheckedLayer,
} from "../../../src/models/layers/index.js"
import { key, mul, square, sum, zeros } from "../../../src/ops/index.js"
import { numbers, relativeError } from "../../support/outcome.js"
import { place, sameByHand } from "./by-hand.js"
import * as loops from "./loops.js"
import { context, draw } from "./support.js"

type Rows = loops.Matrix

const linear = ({ w, b }: loops.Linear, rows: Rows): Rows => rows.map((row) => loops.linear(row, w, b))
const bent = (p: loops.Linear, rows: Rows): Rows => linear(p, rows).map((row) => row.map(Math.tanh))
const sumOf = (a: Rows, b: Rows): Rows => a.map((row, i) => loops.add(row, b[i]!))
const bend = { activation: "tanh" } as const

describe("side by side", () => {
  test("parallel, of a list: all on the same input", () =>
    sameByHand((d) => {
      const [rows, inputs] = [d.int(1, 3), d.int(1, 3)]
      return {
        layer: parallel([dense(inputs, d.int(1, 3)), dense(inputs, d.int(1, 3), bend)]),
        input: place(rows, inputs),
        loops: ([f, g]: readonly [loops.Linear, loops.Linear], x: Rows) => [linear(f, x), bent(g, x)],
      }
    }))

  test("parallel, of a record: by name", () =>
    sameByHand((d) => ({
      layer: parallel({ z: dense(2, d.int(1, 3)), a: dense(2, d.int(1, 3), bend) }),
      input: place(d.int(1, 3), 2),
      loops: (p: { readonly a: loops.Linear; readonly z: loops.Linear }, x: Rows) => ({ a: bent(p.a, x), z: linear(p.z, x) }),
    })))

  test("across, of a list: each on its own item", () =>
    sameByHand((d) => {
      const [a, b, outputs] = [d.int(1, 3), d.int(1, 3), d.int(1, 3)]
      return {
        layer: across([dense(a, outputs), dense(b, outputs, bend)]),
        input: [place(2, a), place(3, b)],
        loops: ([f, g]: readonly [loops.Linear, loops.Linear], [x, y]: readonly [Rows, Rows]) => [linear(f, x), bent(g, y)],
      }
    }))

  test("across, of a record: by name, in whatever order", () =>
    sameByHand((d) => ({
      layer: across({ z: dense(2, d.int(1, 3)), a: dense(2, 2, bend) }),
      input: { z: place(1, 2), a: place(3, 2) },
      loops: (p: { readonly a: loops.Linear; readonly z: loops.Linear }, x: { readonly a: Rows; readonly z: Rows }) => ({
        a: bent(p.a, x.a),
        z: linear(p.z, x.z),
      }),
    })))

  test("part i of a record has the key of the i-th name", () => {
    const [listed, named] = [parallel([dense(2, 3), dense(2, 3)]), parallel({ b: dense(2, 3), a: dense(2, 3) })].map((l) => l.init(key(4)))
    const { a, b } = named as Readonly<Record<string, unknown>>
    expect(numbers([a, b])).toEqual(numbers(listed))
    expect(numbers(a)).not.toEqual(numbers(b))
  })
})

describe("around and after", () => {
  test("residual", () =>
    sameByHand((d) => {
      const features = d.int(1, 4)
      return {
        layer: residual(dense(features, features, bend)),
        input: place(d.int(1, 3), features),
        loops: (p: loops.Linear, x: Rows) => sumOf(x, bent(p, x)),
      }
    }))

  test("repeat: layers one after another, each with parameters of its own", () =>
    sameByHand((d) => {
      const [times, features] = [d.int(1, 4), d.int(1, 3)]
      return {
        layer: repeat(times, dense(features, features, bend)),
        input: place(d.int(1, 3), features),
        loops: ({ w, b }: { readonly w: readonly Rows[]; readonly b: Rows }, x: Rows) =>
          w.reduce((rows, own, i) => bent({ w: own, b: b[i]! }, rows), x),
      }
    }))

  const halfSquare = lift("testHalfSquare", (x: Tensor) => mul(square(x), 0.5) as Tensor)
  const halved = (rows: Rows): Rows => rows.map((row) => row.map((v) => (v * v) / 2))

  test("lift: the function, without parameters", () =>
    sameByHand((d) => ({ layer: halfSquare, input: place(d.int(1, 3), d.int(1, 3)), loops: (_p: null, x: Rows) => halved(x) })))

  test("lift: total, of shapes that broadcast, and concatenation", () => {
    sameByHand(() => ({
      layer: total,
      input: [place(3, 2), place(2), place(3, 2)],
      loops: (_p: null, [x, y, z]: readonly [Rows, loops.Row, Rows]) => sumOf(x, z).map((row) => loops.add(row, y)),
    }))
    sameByHand((d) => ({
      layer: concatenation,
      input: [place(2, d.int(1, 3)), place(2, d.int(1, 3))],
      loops: (_p: null, [x, y]: readonly [Rows, Rows]) => x.map((row, i) => [...row, ...y[i]!]),
    }))
  })

  test("mapOutput: the function after the layer", () =>
    sameByHand((d) => ({
      layer: mapOutput(dense(2, d.int(1, 3), bend), halfSquare),
      input: place(d.int(1, 3), 2),
      loops: (p: loops.Linear, x: Rows) => halved(bent(p, x)),
    })))
})

describe("implicit", () => {
  const map = (inputs: number, features: number): UncheckedLayer =>
    seq(across([dense(features, features), dense(inputs, features)]) as UncheckedLayer, total, activation("tanh")) as UncheckedLayer
  type Maps = readonly [readonly [loops.Linear, loops.Linear], null, null]
  const close = { rtol: 1e-13, atol: 1e-13 }
  // with parameters of at most 0.3, two features or fewer and tanh, a turn shrinks errors to 0.6 of theirs
  const size = 0.3
  const TURNS = 120

  test.each([
    ["picard", picard(close)],
    ["anderson", anderson(close)],
    ["newton", newton(close)],
  ] as const)("%s: what plain iteration comes to, and its slope", (_name, solver) =>
    sameByHand((d) => {
      const [inputs, features, rows] = [d.int(1, 3), d.int(1, 2), d.int(1, 2)]
      return {
        layer: implicit(map(inputs, features), solver, { features }),
        input: place(rows, inputs),
        size,
        exact: 1e-11,
        loops: ([[f, g]]: Maps, x: Rows) => {
          let z: Rows = x.map(() => Array.from({ length: features }, () => 0))
          const given = linear(g, x)
          for (let i = 0; i < TURNS; i++) z = sumOf(linear(f, z), given).map((row) => row.map(Math.tanh))
          return z
        },
      }
    }),
  )

  test("is fixedPoint of the layer, and its gradient is the limit of the unrolled one", () => {
    const [of, solver] = [map(3, 2), anderson(close)]
    const layer = implicit(of, solver, { features: 2 })
    const params = layer.init(key(2))
    const small = { params: scaled(params, 0.3), x: draw(3, 2, 3) }
    const step = (p: unknown, z: Tensor, x: Tensor): Tensor => of.apply(p, [z, x], context)
    const start = zeros([2, 2]) as Tensor
    const solved = fixedPoint((z: Tensor) => step(small.params, z, small.x), start, solver)
    expect(relativeError(numbers(solved), numbers(layer.apply(small.params, small.x, context)))).toBe(0)

    type At = typeof small
    const slope = (f: (at: At) => Tensor) => numbers(grad((at: At) => sum(square(f(at))) as Tensor<[]>)(small as never))
    const unrolled = (turns: number) => slope((at) => Array.from({ length: turns }).reduce<Tensor>((z) => step(at.params, z, at.x), start))
    const found = slope((at) => layer.apply(at.params, at.x, context))
    expect(relativeError(unrolled(60), found)).toBeLessThan(1e-10)
    // the limit is not reached at once: the test tells them apart
    expect(relativeError(unrolled(2), found)).toBeGreaterThan(1e-4)
  })

  const scaled = (tree: unknown, by: number): unknown =>
    tree === null
      ? null
      : Array.isArray(tree)
        ? tree.map((t) => scaled(t, by))
        : "type" in (tree as object)
          ? mul(tree as Tensor, by)
          : Object.fromEntries(Object.entries(tree as object).map(([k, v]) => [k, scaled(v, by)]))
})

describe("cells and attention", () => {
  interface State {
    readonly x: Rows
    readonly h: Rows
    readonly c: Rows
  }

  test("gru", () =>
    sameByHand((d) => {
      const [inputs, state, rows] = [d.int(1, 3), d.int(1, 2), d.int(1, 2)]
      return {
        layer: gru(inputs, state) as UncheckedLayer,
        input: { x: place(rows, inputs), h: place(rows, state) },
        loops: (p: loops.Gru, { x, h }: State) => x.map((row, i) => loops.gru(p, row, h[i]!)),
      }
    }, 3))

  test("lstm", () =>
    sameByHand((d) => {
      const [inputs, state, rows] = [d.int(1, 3), d.int(1, 2), d.int(1, 2)]
      return {
        layer: lstm(inputs, state) as UncheckedLayer,
        input: { x: place(rows, inputs), h: place(rows, state), c: place(rows, state) },
        loops: (p: loops.Lstm, { x, h, c }: State) => {
          const made = x.map((row, i) => loops.lstm(p, row, h[i]!, c[i]!))
          // in the order of the tree's leaves
          return { c: made.map((s) => s.c), h: made.map((s) => s.h) }
        },
      }
    }, 3))

  test("lstm carried along a sequence", () =>
    sameByHand((d) => {
      const [inputs, state, length] = [d.int(1, 2), d.int(1, 2), d.int(1, 4)]
      return {
        layer: recurrent(lstm(inputs, state)) as UncheckedLayer,
        input: place(1, length, inputs),
        loops: (p: loops.Lstm, [sequence]: readonly [Rows]) => {
          let [h, c]: readonly loops.Row[] = [Array.from({ length: state }, () => 0), Array.from({ length: state }, () => 0)]
          return [
            sequence.map((row) => {
              ;({ h, c } = loops.lstm(p, row, h!, c!))
              return h
            }),
          ]
        },
      }
    }, 3))

  test("attention, causal or not", () =>
    sameByHand((d) => {
      const [heads, causal] = [d.int(1, 2), d.bool()]
      const features = heads * d.int(1, 2)
      return {
        layer: multiHeadAttention(features, { heads, causal }) as UncheckedLayer,
        input: place(1, d.int(1, 3), features),
        loops: (p: loops.Attention, [x]: readonly [Rows]) => [loops.attention(p, heads, x, x, (t, s) => !causal || s <= t)],
      }
    }, 3))

  test("a transformer's block", () =>
    sameByHand((d) => {
      const layer = transformerBlock(2, { hidden: 3, activation: "tanh", norm: "pre", epsilon: 0.1 })
      interface Branch<P> {
        readonly norm: { readonly scale: loops.Row; readonly shift: loops.Row }
        readonly of: P
      }
      interface Block {
        readonly self: Branch<loops.Attention>
        readonly feedForward: Branch<{ readonly first: loops.Linear; readonly second: loops.Linear }>
      }
      const normed = ({ norm }: Branch<unknown>, rows: Rows) => rows.map((row) => loops.layerNorm(row, norm.scale, norm.shift, 0.1))
      return {
        layer: layer as UncheckedLayer,
        input: place(1, d.int(1, 3), 2),
        loops: ({ self, feedForward: network }: Block, [x]: readonly [Rows]) => {
          const z = normed(self, x)
          const y = sumOf(
            x,
            loops.attention(self.of, 1, z, z, () => true),
          )
          return [sumOf(y, linear(network.of.second, bent(network.of.first, normed(network, y))))]
        },
      }
    }, 3))
})

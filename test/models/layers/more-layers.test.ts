/** Convolutions of every option, normalisations, recurrent layers, embeddings, dropout, pooling: against plain loops. */
import { describe, expect, test } from "vitest"
import { evaluate, type Tensor, tensor } from "../../../src/core/index.js"
import {
  activation,
  convolution,
  dropout,
  embedding,
  flattening,
  globalPooling,
  groupNorm,
  gru,
  learnedPosition,
  lstm,
  mlp,
  pooling,
  recurrent,
  reshaping,
  rmsNorm,
  sinusoidalPosition,
  transposedConvolution,
} from "../../../src/models/layers/index.js"
import { cast, conv, key, zeros } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { numbers } from "../../support/outcome.js"
import * as loops from "./loops.js"
import { close, context, draw, nested, perturbed, plain } from "./support.js"

type Image = readonly (readonly (readonly number[])[])[]

describe("convolutions", () => {
  test("strides, dilation, padding and groups, each axis its own", () => {
    const options = {
      stride: [2, 1],
      dilation: [1, 2],
      padding: [
        [2, 1],
        [0, 3],
      ],
      groups: 2,
      bias: false,
    } as const
    const layer = convolution(4, 6, [3, 2], options)
    const p = perturbed(layer.init(key(0)))
    const x = draw(1, 1, 5, 4, 4)
    const [image, w] = [nested<readonly Image[]>(x)[0]!, nested<number[][][][]>(p.w)]
    const [rows, columns] = [Math.floor((5 + 3 - 3) / 2) + 1, 4 + 3 - 3 + 1]
    const expected = Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_c, j) =>
        Array.from({ length: 6 }, (_o, o) => {
          let s = 0
          for (let a = 0; a < 3; a++)
            for (let b = 0; b < 2; b++)
              for (let c = 0; c < 2; c++) s += (image[2 * i + a - 2]?.[j + 2 * b]?.[2 * Math.floor(o / 3) + c] ?? 0) * w[a]![b]![c]![o]!
          return s
        }),
      ),
    )
    close(layer.apply(p, x, context), [expected])
  })

  test("of sequences", () => {
    const layer = convolution(2, 3, 3, { spatial: 1, padding: "valid", activation: "tanh" })
    const p = perturbed(layer.init(key(0)))
    const x = draw(1, 2, 5, 2)
    const [w, b] = [nested<number[][][]>(p.w), nested<loops.Row>(p.b as Tensor)]
    const expected = nested<readonly loops.Matrix[]>(x).map((rows) =>
      [0, 1, 2].map((t) =>
        b.map((shift, o) =>
          Math.tanh(
            shift +
              [0, 1, 2].reduce(
                (s, a) =>
                  s +
                  loops.dot(
                    rows[t + a]!,
                    w[a]!.map((v) => v[o]!),
                  ),
                0,
              ),
          ),
        ),
      ),
    )
    close(layer.apply(p, x, context), expected)
  })

  test.each([
    ["same", 1, "same", 3],
    ["same", 2, "same", 5],
    ["same with a stride above the kernel", 3, "same", 2],
    ["valid", 2, "valid", 3],
    [
      "cropped as PyTorch's padding 1, output_padding 1",
      2,
      [
        [1, 0],
        [1, 0],
      ],
      3,
    ],
  ] as const)("transposed, %s: every input adds its kernel", (_name, stride, padding, kernel) => {
    const layer = transposedConvolution(2, 3, kernel, { stride, padding })
    const p = perturbed(layer.init(key(0)))
    const x = draw(1, 1, 3, 2, 2)
    const [image, w, b] = [nested<readonly Image[]>(x)[0]!, nested<number[][][][]>(p.w), nested<loops.Row>(p.b as Tensor)]
    // what is cut off in front, and what is left
    const same = Math.max(0, kernel - stride)
    const front = padding === "same" ? Math.floor(same / 2) : padding === "valid" ? 0 : 1
    const size = (n: number) => (padding === "same" ? n * stride : (n - 1) * stride + kernel - (padding === "valid" ? 0 : 1))
    const out = Array.from({ length: size(3) }, () => Array.from({ length: size(2) }, () => [...b]))
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 2; j++)
        for (let a = 0; a < kernel; a++)
          for (let d = 0; d < kernel; d++)
            for (let o = 0; o < 3; o++)
              for (let c = 0; c < 2; c++) {
                const place = out[i * stride + a - front]?.[j * stride + d - front]
                if (place !== undefined) place[o]! += image[i]![j]![c]! * w[a]![d]![o]![c]!
              }
    close(layer.apply(p, x, context), [out])
  })

  test("transposed, with groups and on sequences, is the transpose of the convolution", () => {
    const layer = transposedConvolution(4, 2, 3, { spatial: 1, stride: 2, groups: 2, dilation: 2, padding: [[1, 2]], bias: false })
    const p = layer.init(key(0))
    const x = draw(1, 2, 3, 4)
    const y = layer.apply(p, x, context) as Tensor
    expect(y.shape).toEqual([2, 6, 2])
    const u = draw(2, 2, 6, 2)
    const forward = conv(u, p.w, { stride: 2, dilation: 2, groups: 2, padding: [[1, 2]] })
    const dot = (a: Tensor, b: Tensor) => loops.dot(numbers(a), numbers(b))
    expect(dot(y, u)).toBeCloseTo(dot(x, forward), 10)
  })

  test.each([
    [() => convolution(3, 4, 3, { groups: 2 }), /convolution: 2 groups must divide the 3 inputs and the 4 outputs/],
    [() => convolution(2, 2, [3, 3, 3]), /convolution: kernel has 3 entries, expected one for each of 2 axes/],
    [() => convolution(2, 2, 3, { padding: [[1, 1]] }), /padding must be "same", "valid" or 2 pairs/],
    [
      () => transposedConvolution(2, 2, 3).apply(transposedConvolution(2, 2, 3).init(key(0)), draw(1, 2, 3) as never, context),
      /transposedConvolution: expected images \[N, height, width, 2\]/,
    ],
  ])("%#: a wrong use is named", (call, message) => {
    expect(call).toThrow(message)
  })
})

describe("normalisations", () => {
  test.each([1, 2, 4])("groupNorm with %i groups", (groups) => {
    const layer = groupNorm(groups, 4, 1e-3)
    const p = perturbed(layer.init(key(0)))
    const x = draw(1, 2, 3, 2, 4)
    const [scale, shift] = [nested<loops.Row>(p.scale), nested<loops.Row>(p.shift)]
    close(
      layer.apply(p, x, context),
      nested<readonly Image[]>(x).map((image) => loops.groupNorm(image.flat(), groups, scale, shift, 1e-3)),
    )
  })

  test("rmsNorm", () => {
    const p = perturbed(rmsNorm(4).init(key(0)))
    const x = draw(1, 3, 4)
    const scale = nested<loops.Row>(p.scale)
    close(
      rmsNorm(4).apply(p, x, context),
      nested<loops.Matrix>(x).map((row) => row.map((v, i) => (v / Math.sqrt(loops.dot(row, row) / 4 + 1e-5)) * scale[i]!)),
    )
  })
})

describe("recurrent layers", () => {
  const x = draw(1, 2, 4, 3)
  const xs = nested<readonly loops.Matrix[]>(x)

  test("the lstm cell", () => {
    const p = perturbed(lstm(3, 2).init(key(0)))
    const [row, h, c] = [draw(1, 2, 3), draw(2, 2, 2), draw(3, 2, 2)]
    const made = lstm(3, 2).apply(p, { x: row, h, c }, context)
    const expected = nested<loops.Matrix>(row).map((r, i) =>
      loops.lstm(plain(p), r, nested<loops.Matrix>(h)[i]!, nested<loops.Matrix>(c)[i]!),
    )
    close(
      made.h,
      expected.map((e) => e.h),
    )
    close(
      made.c,
      expected.map((e) => e.c),
    )
    expect(numbers(lstm(3, 2).init(key(0)).b)).toEqual([0, 0, 1, 1, 0, 0, 0, 0])
  })

  const states = (step: (row: loops.Row, before: { h: loops.Row; c: loops.Row }) => { h: loops.Row; c: loops.Row }, rows: loops.Matrix) => {
    let state: { h: loops.Row; c: loops.Row } = { h: [0, 0], c: [0, 0] }
    return rows.map((row) => (state = step(row, state)).h)
  }

  test("gru and lstm along a sequence, forwards and backwards", () => {
    const [g, l] = [gru(3, 2), lstm(3, 2)]
    const [pg, pl] = [perturbed(g.init(key(0))), perturbed(l.init(key(0)))]
    const gruStep = (row: loops.Row, { h, c }: { h: loops.Row; c: loops.Row }) => ({ h: loops.gru(plain(pg), row, h), c })
    const lstmStep = (row: loops.Row, { h, c }: { h: loops.Row; c: loops.Row }) => loops.lstm(plain(pl), row, h, c)
    close(
      recurrent(g).apply(pg, x, context),
      xs.map((rows) => states(gruStep, rows)),
    )
    close(
      recurrent(l).apply(pl, x, context),
      xs.map((rows) => states(lstmStep, rows)),
    )
    close(
      recurrent(g, { reverse: true }).apply(pg, x, context),
      xs.map((rows) => states(gruStep, [...rows].reverse()).reverse()),
    )
    close(
      recurrent(l, { returns: "last" }).apply(pl, x, context),
      xs.map((rows) => states(lstmStep, rows)[3]!),
    )
  })
})

describe("embeddings and positions", () => {
  test("embedding picks rows, and nothing outside", () => {
    const layer = embedding(4, 2)
    const p = layer.init(key(1))
    const table = nested<loops.Matrix>(p.table)
    const ids = right(evaluate(cast(tensor([3, 0, 4, -1, 3]) as Tensor, "int")))
    expect(nested(layer.apply(p, ids as never, context))).toEqual([table[3], table[0], [0, 0], [0, 0], table[3]])
    expect(() => layer.apply(p, draw(1, 3) as never, context)).toThrow(/embedding: expected whole numbers, found float\[3\]/)
  })

  test("learned positions are the first rows of the table", () => {
    const layer = learnedPosition(5, 2)
    const p = perturbed(layer.init(key(1)))
    const [table, x] = [nested<loops.Matrix>(p.table), draw(1, 2, 3, 2)]
    close(
      layer.apply(p, x, context),
      nested<readonly loops.Matrix[]>(x).map((rows) => rows.map((row, t) => loops.add(row, table[t]!))),
    )
    expect(() => layer.apply(p, draw(1, 6, 2), context)).toThrow(/there are positions for 5 elements, found float\[6, 2\]/)
  })

  test("sinusoids", () => {
    const found = nested<loops.Matrix>(sinusoidalPosition(5).apply(null, zeros([4, 5]) as never, context))
    const at = (t: number, i: number) => [Math.sin(t / 10000 ** (i / 5)), Math.cos(t / 10000 ** (i / 5))]
    found.forEach((row, t) => void close(tensor(row as number[]), [...at(t, 0), ...at(t, 2), at(t, 4)[0]]))
  })
})

describe("dropout", () => {
  const train = { key: key(4), mode: "train" } as const
  const ones = tensor(Array.from({ length: 20_000 }, () => 1)) as Tensor

  test("keeps a part of 1 - rate, scaled so that the mean stays; the identity in eval", () => {
    const y = numbers(dropout(0.3).apply(null, ones, train))
    const kept = y.filter((v) => v !== 0)
    for (const v of kept) expect(v).toBeCloseTo(1 / 0.7, 12)
    // 20000 draws: five standard deviations
    expect(Math.abs(kept.length / 20_000 - 0.7)).toBeLessThan(5 * Math.sqrt((0.3 * 0.7) / 20_000))
    expect(dropout(0.3).apply(null, ones, { mode: "eval" })).toBe(ones)
    expect(numbers(dropout(0.3).apply(null, ones, { key: key(5), mode: "train" }))).not.toEqual(y)
  })

  test("says that it needs a key", () => {
    expect(() => dropout(0.3).apply(null, ones, { mode: "train" })).toThrow(
      /^dropout: it draws random numbers in mode "train" and needs a key; apply the model with a context \{ key, mode: "train" \}$/,
    )
  })
})

describe("pooling and shapes", () => {
  const x = draw(1, 1, 5, 4, 2)
  const image = nested<readonly Image[]>(x)[0]!

  test.each([
    ["max", 2, null, 2, 2],
    ["mean", 2, 1, 4, 3],
    ["max", [3, 2], [2, 1], 2, 3],
  ] as const)("%s of windows %j, stride %j", (of, window, stride, rows, columns) => {
    const [[a, b], [s, t]] = [window, stride ?? window].map((w) => (typeof w === "number" ? [w, w] : w)) as [number[], number[]]
    const expected = Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_c, j) =>
        [0, 1].map((c) => {
          const inside = image.slice(s! * i, s! * i + a!).flatMap((row) => row.slice(t! * j, t! * j + b!).map((v) => v[c]!))
          return of === "max" ? Math.max(...inside) : inside.reduce((sum, v) => sum + v, 0) / inside.length
        }),
      ),
    )
    close(pooling(of, window, { stride }).apply(null, x, context), [expected])
  })

  test("over all places", () => {
    const places = image.flat()
    close(
      globalPooling("mean").apply(null, x, context),
      [0, 1].map((c) => places.reduce((s, v) => s + v[c]!, 0) / 20),
    )
    close(
      globalPooling("max").apply(null, x, context),
      [0, 1].map((c) => Math.max(...places.map((v) => v[c]!))),
    )
  })

  test("flattening and reshaping keep the examples apart", () => {
    expect(nested(flattening().apply(null, draw(1, 2, 3, 2), context))).toEqual(nested<Image>(draw(1, 2, 3, 2)).map((m) => m.flat()))
    expect(reshaping(4, -1).apply(null, x, context).shape).toEqual([1, 4, 10])
    close(reshaping(4, -1).apply(null, x, context), numbers(x))
  })
})

describe("activations", () => {
  test.each([
    ["sigmoid", (v: number) => 1 / (1 + Math.exp(-v))],
    ["silu", (v: number) => v / (1 + Math.exp(-v))],
    ["gelu", (v: number) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))],
  ] as const)("%s", (of, f) => {
    const x = draw(1, 3, 4)
    close(activation(of).apply(null, x, context), numbers(x).map(f), 1e-12)
  })

  test("mlp of several hidden layers", () => {
    const layer = mlp(3, [4, 5], 2, { activation: "tanh" })
    const p = perturbed(layer.init(key(1)))
    const x = draw(1, 2, 3)
    const [a, b, c] = plain<readonly loops.Linear[]>(p) as readonly [loops.Linear, loops.Linear, loops.Linear]
    const bend = (row: loops.Row) => row.map(Math.tanh)
    close(
      layer.apply(p, x, context),
      nested<loops.Matrix>(x).map((row) => loops.linear(bend(loops.linear(bend(loops.linear(row, a.w, a.b)), b.w, b.b)), c.w, c.b)),
    )
  })
})

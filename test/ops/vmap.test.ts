import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import { normal } from "../../src/laws/arbitraries/index.js"
import { dot, foldIn, key, mul, softmax, split, square, sum, tanh, uniform, vmap } from "../../src/ops/index.js"
import { get, make, row, stack } from "./reference/nd.js"
import { dataOf, expectSame, leaf, ndOf } from "./support.js"

const rows = fc.integer({ min: 1, max: 4 }).chain((n) => fc.tuple(normal([n, 3]), normal([3]), normal([n])))

describe("vmap", () => {
  test("is map, with arguments that rows share and values that are captured", () => {
    fc.assert(
      fc.property(rows, ([x, w, s]) => {
        const f = (a: Tensor, b: Tensor, c: Tensor) => mul(softmax(mul(tanh(a), b) as Tensor), mul(c, sum(w))) as Tensor
        const a = ndOf(x)
        const each = Array.from({ length: a.shape[0] as number }, (_, i) =>
          ndOf(f(leaf({ elem: "float", shape: [3] }, row(a, i).data) as Tensor, w as Tensor, tensor(get(ndOf(s), [i])) as Tensor)),
        )
        expectSame(vmap(f, { in: [0, null, 0] })(x, w, s), stack(each, [3]))
      }),
    )
  })

  test("maps other axes, in and out", () => {
    fc.assert(
      fc.property(normal([3, 2]), (x) => {
        const a = ndOf(x)
        expectSame(
          vmap((column: Tensor) => square(column), { in: [1], out: 1 })(x),
          make([3, 2], (i) => get(a, i) ** 2),
        )
      }),
    )
  })

  test("takes and gives trees", () => {
    const out = vmap((p: { readonly a: Tensor; readonly b: Tensor }) => ({ d: dot(p.a, p.b), n: null }))({
      a: tensor([
        [1, 2],
        [3, 4],
      ]),
      b: tensor([
        [1, 1],
        [2, 2],
      ]),
    }) as { readonly d: Tensor; readonly n: null }
    expect(dataOf(out.d)).toEqual([3, 14])
    expect(out.n).toBe(null)
  })

  test("per-row gradients", () => {
    const g = vmap((x: Tensor) => grad((t: Tensor) => sum(square(t)) as Tensor<[]>)(x as never))(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    ) as Tensor
    expect(dataOf(g)).toEqual([2, 4, 6, 8])
  })

  test("rows of keys draw as their own keys do", () => {
    const keys = split(key(7), 3)
    const all = ndOf(vmap((k: Tensor<[], "key">) => uniform(k, [2]))(keys) as Tensor)
    for (let i = 0; i < 3; i++) expect(Array.from(row(all, i).data)).toEqual(dataOf(uniform(foldIn(key(7), i), [2])))
  })
})

describe("what has no rows is refused", () => {
  test("a scalar, with the way to share it", () => {
    expect(() => vmap((x: Tensor) => x)(tensor(1))).toThrow(/vmap: argument 0 has no axis 0.*null/)
  })
  test("numbers of rows that differ, by their places", () => {
    expect(() => vmap((x: Tensor, y: Tensor) => mul(x, y) as Tensor)(tensor([1, 2]), tensor([1, 2, 3]))).toThrow(
      /argument 0 has 2 rows, argument 1 has 3/,
    )
  })
  test("no rows at all", () => {
    expect(() => vmap((x: Tensor) => x, { in: [null] })(tensor([1]))).toThrow(/no argument has rows/)
  })
})

/** Values, first and second derivatives of elementwise functions against JAX in float64 (stored/make.py). */
import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { grad, type Tensor, tensor } from "../../src/core/index.js"
import * as ops from "../../src/ops/index.js"
import { dataOf } from "./support.js"

interface Rows<X> {
  readonly x: readonly X[]
  readonly y: readonly number[]
  readonly d: readonly X[]
  readonly dd: readonly (X extends number ? number : readonly number[])[]
}

const stored: {
  readonly unary: Readonly<Record<string, Rows<number>>>
  readonly binary: Readonly<Record<string, Rows<readonly [number, number]>>>
} = JSON.parse(readFileSync(new URL("stored/elementwise.json", import.meta.url), "utf8"))

/** Both sides round some ten times; and JAX has derivatives like y (1 - y), which lose what 1 - y does: some roundings of numbers of size 20. */
const near = (found: readonly number[], expected: readonly number[]): void => {
  expect(found.length).toBe(expected.length)
  found.forEach((x, i) => {
    const e = expected[i] as number
    const error = Math.abs(x - e)
    expect(error <= 1e-12 * Math.abs(e) + 1e-14 || Object.is(x, e), `place ${i}: ${x}, expected ${e}`).toBe(true)
  })
}

const total = (t: Tensor): Tensor<[]> => ops.sum(t) as Tensor<[]>
const slope = (f: (x: Tensor) => Tensor) => (x: Tensor) => grad((a: Tensor) => total(f(a)))(x as never) as unknown as Tensor

const named = { geluTanh: (x: Tensor) => ops.gelu(x, { approximate: true }) } as Readonly<Record<string, (x: Tensor) => Tensor>>
const unary = (name: string): ((x: Tensor) => Tensor) => named[name] ?? ((x) => (ops as unknown as typeof named)[name]?.(x) as Tensor)

describe("functions of one number", () => {
  test.each(Object.keys(stored.unary))("%s", (name) => {
    const { x, y, d, dd } = stored.unary[name] as Rows<number>
    const f = unary(name)
    const at = tensor(x as never) as Tensor
    near(dataOf(f(at)), y)
    near(dataOf(slope(f)(at)), d)
    near(dataOf(slope(slope(f))(at)), dd)
  })
})

describe("functions of two numbers", () => {
  test.each(Object.keys(stored.binary))("%s", (name) => {
    const { x, y, d, dd } = stored.binary[name] as Rows<readonly [number, number]>
    const f = (ops as unknown as Record<string, (a: Tensor, b: Tensor) => Tensor>)[name] as (a: Tensor, b: Tensor) => Tensor
    const [a, b] = [0, 1].map((k) => tensor(x.map((p) => p[k as 0 | 1]) as never) as Tensor) as [Tensor, Tensor]
    near(dataOf(f(a, b)), y)
    const byA = (a: Tensor, b: Tensor) => slope((t) => f(t, b))(a)
    const byB = (a: Tensor, b: Tensor) => slope((t) => f(a, t))(b)
    near(
      dataOf(byA(a, b)),
      d.map((p) => p[0]),
    )
    near(
      dataOf(byB(a, b)),
      d.map((p) => p[1]),
    )
    const second = [slope((t) => byA(t, b))(a), slope((t) => byA(a, t))(b), slope((t) => byB(t, b))(a), slope((t) => byB(a, t))(b)]
    second.forEach((s, k) =>
      near(
        dataOf(s),
        dd.map((h) => h[k] as number),
      ),
    )
  })
})

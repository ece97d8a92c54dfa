/** What the tests of ops share. */
import { expect, test } from "vitest"
import { type AnyTensor, apply, constant, evaluate, type TensorType, toArray } from "../../src/core/index.js"
import { drawn } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { right } from "../support/either.js"
import { agrees, opNamed, referenceLaw } from "./reference/law.js"
import { type Nd, nd } from "./reference/nd.js"

/** The value of an expression. */
export const ndOf = (t: AnyTensor): Nd => nd(t.type, toArray(right(evaluate([t] as const))[0] as AnyTensor))

export const dataOf = (t: AnyTensor): readonly number[] => Array.from(ndOf(t).data)

/** A leaf. */
export const leaf = (type: TensorType, data: ArrayLike<number>): AnyTensor => constant(type, Float64Array.from(data))

/** A reference's array as the array that was found: same shape, same numbers, NaN equal to itself; zeros may differ in sign. */
export const expectSame = (found: AnyTensor, expected: Nd): void => {
  const value = ndOf(found)
  expect(value.shape).toEqual(expected.shape)
  expect(Array.from(value.data, (x) => x + 0)).toEqual(Array.from(expected.data, (x) => x + 0))
}

/** Runs the references of ops on their examples. */
export const testReferences = (...names: readonly string[]): void => {
  for (const name of names) test(`${name} computes what its reference does`, () => laws.assert(referenceLaw(opNamed(name))))
}

/** Numbers at which arithmetic is special. */
export const specials: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  -2.5,
  3,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  1e300,
  -1e-300,
]

/** Runs the reference of an elementwise op on every combination of special numbers. */
export const testSpecials = (name: string, arity: 1 | 2): void => {
  test(`${name} at infinities, NaN and zeros`, () => {
    const op = opNamed(name)
    const pairs = specials.flatMap((a) => (arity === 1 ? [[a]] : specials.map((b) => [a, b])))
    const x = Array.from({ length: arity }, (_, k) => Float64Array.from(pairs, (p) => p[k] as number))
    const type: TensorType = { elem: "float", shape: [pairs.length] }
    const inputs = x.map(() => type)
    const verdict = agrees({ op, params: null, domains: [], accuracy: 0, fn: { inputs, apply: (args) => apply(op, null, args) }, x })
    expect(verdict).toMatchObject({ t: "holds" })
  })
}

export { drawn }

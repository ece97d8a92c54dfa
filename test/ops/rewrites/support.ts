/** What the tests of rewrites share: a graph as it was written and as it is compiled, on the oracle. */
import { expect } from "vitest"
import { type AnyTensor, bodyOf, type Graph, interpret, simplifyGraph, sizeOf, type TensorType, typeOf } from "../../../src/core/index.js"

export type Values = readonly Float64Array[]

export const float = (...shape: readonly number[]): TensorType => ({ elem: "float", shape })

export const closed = (types: readonly TensorType[], f: (inputs: readonly AnyTensor[]) => readonly AnyTensor[]): Graph =>
  bodyOf("test", types, f)

/** Numbers in [-1, 1] that differ from run to run of the test only by `seed`. */
export const numbers = (types: readonly TensorType[], seed: number): Values =>
  types.map(({ shape }, n) => Float64Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + seed + 7919 * n + 12.9898 * i)))

/** Points at which the products and convolutions of a graph multiply. */
export const products = (graph: Graph): number => {
  let n = 0
  for (const e of graph.equations) {
    if (e.op.name !== "conv" && e.op.name !== "einsum") continue
    const types = (variables: readonly number[]) => variables.map((v) => typeOf(graph, v))
    const lowered = e.op.lower(e.params, types(e.inputs), types(e.outputs))
    if (lowered.t === "index") for (const { domain, reduce } of lowered.nests) n += sizeOf(domain) * sizeOf(reduce?.extent ?? [])
  }
  return n
}

/**
 * Two graphs of sums of products agree on `values`: each number to 1e-12 of the sum of its absolute summands, which is what the first
 * graph makes of absolute values.
 */
export const expectEqual = (plain: Graph, other: Graph, values: Values): void => {
  const run = { cancelled: false }
  const [expected, found] = [interpret(plain, values, run), interpret(other, values, run)]
  const summands = interpret(
    plain,
    values.map((x) => x.map(Math.abs)),
    run,
  )
  expect(found.length).toBe(expected.length)
  for (const [n, x] of expected.entries()) {
    const y = found[n] as Float64Array
    expect(y.length).toBe(x.length)
    for (let i = 0; i < x.length; i++)
      expect(Math.abs((x[i] as number) - (y[i] as number))).toBeLessThanOrEqual(1e-12 * (summands[n]?.[i] as number))
  }
}

/** A graph and its simplification agree. Gives the latter. */
export const expectKept = (plain: Graph, values: Values): Graph => {
  const simple = simplifyGraph(plain)
  expectEqual(plain, simple, values)
  return simple
}

/** Random uses of single ops, as functions with a scalar value: what an op can do beyond what random programs do with it. */
import * as fc from "fast-check"
import { type AnyOp, apply, apply1, constant, type Domain, literal, sizeOf } from "../../src/core/index.js"
import { type AnyTensor, add, cast, type Elem, mul, printGraph, sum, type Tensor, tensor, type Unchecked } from "../../src/index.js"
import { type Draw, drawn } from "../../src/laws/arbitraries/draw.js"
import { keyBitsOp } from "../../src/ops/random/keys.js"
import { type CaseWithPrimal, caseOf } from "./generate.js"

/** A sum of all elements with different weights, so that none is mistaken for another. */
const weighed = (t: AnyTensor): Tensor<[]> => {
  const elements = t.type.elem === "key" ? apply1(keyBitsOp, null, [t]) : t
  const weights = Float64Array.from({ length: sizeOf(elements.shape) }, (_, i) => Math.cos(1 + i))
  return sum(mul(cast(elements as Tensor<Unchecked, Elem>, "float"), tensor(weights, elements.shape)))
}

const use =
  (op: AnyOp, differentiate: boolean) =>
  (d: Draw): CaseWithPrimal => {
    const { params, inputs, domains } = op.example(d)
    const at = inputs.map((type, i) => constant(type, d.values(type, domains[i] as Domain)))
    const loss = (...args: readonly AnyTensor[]) =>
      apply(op, params, args).reduce<Tensor<[]>>((total, t) => add(total, weighed(t)), literal(0))
    const made = caseOf(op.name, loss, at, { differentiate })
    return { ...made, show: `${printGraph(made.primal.graph)}\nat ${made.primal.inputs.map((x) => `[${x.join(", ")}]`).join(", ")}` }
  }

/** `count` uses of an op, with gradients unless told otherwise. */
export const usesOf = (op: AnyOp, count: number, seed: number, { differentiate = true } = {}): readonly CaseWithPrimal[] =>
  fc.sample(drawn(use(op, differentiate)), { numRuns: count, seed })

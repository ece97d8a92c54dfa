/** Random uses of single ops, as functions with a scalar value: the part of an op's contract that random programs do not reach. */
import * as fc from "fast-check"
import { type AnyOp, type AnyTensor, add, apply, apply1, cast, constant, type Elem, literal, mul, sizeOf, sum, type Tensor, tensor } from "../../src/index.js"
import { type Draw, drawn } from "../../src/laws/arbitraries/draw.js"
import { showData } from "../../src/laws/numbers.js"
import { keyBitsOp } from "../../src/ops/random.js"
import { type CaseWithPrimal, caseOf } from "./generate.js"

/** A sum of all elements with different weights, so that none is mistaken for another. */
const weighed = (t: AnyTensor): Tensor<[]> => {
  const elements = t.type.elem === "key" ? apply1(keyBitsOp, null, [t]) : t
  const weights = Float64Array.from({ length: sizeOf(elements.shape) }, (_, i) => Math.cos(1 + i))
  return sum(mul(cast(elements as Tensor<readonly number[], Elem>, "float") as Tensor, tensor(weights, elements.shape) as Tensor) as Tensor)
}

const use = (op: AnyOp, differentiate: boolean) => (d: Draw): CaseWithPrimal => {
  const { params, inputs, domains } = op.example(d)
  const at = inputs.map((type, i) => constant(type, d.values(type, domains[i] ?? { t: "real" })))
  const loss = (...args: readonly AnyTensor[]) => apply(op, params, args).reduce<Tensor<[]>>((total, t) => add(total, weighed(t)), literal(0))
  const shown = at.map((t, i) => showData(d === null ? [] : [], []) + String(t) + i)
  return caseOf(`${op.name} of ${shown.join(", ")}`, loss, at, { differentiate })
}

/** `count` uses of an op, with gradients unless they are refused. */
export const usesOf = (op: AnyOp, count: number, seed: number, differentiate: boolean): readonly CaseWithPrimal[] =>
  fc.sample(drawn(use(op, differentiate)), { numRuns: count, seed })

/** The law of meaning: an op computes what its reference says, on its own examples. */
import { type AnyOp, ops } from "../../../src/core/index.js"
import { runGraph } from "../../../src/core/targets/interpreter/index.js"
import { drawn } from "../../../src/laws/arbitraries/index.js"
import { allOf, type Law, type Verdict } from "../../../src/laws/index.js"
import { close, magnitude, same } from "../../../src/laws/numbers.js"
import { type Instance, instance, showInstance } from "../../../src/laws/op/instance.js"
import { runnable } from "../../../src/laws/run.js"
import { referenceOf } from "./index.js"

/**
 * How far a value may be from its reference, relative to the largest element. Examples are multiples of 1/16, whose sums and products
 * are exact, and elementary functions are those of the machine on both sides: no difference at all, but for solves. Elimination
 * of three well-conditioned unknowns rounds less than 2^8 times; the fixed point stops at a residual of eps^(2/3), contracts by 0.4.
 * Factors of four rows and solves of three unknowns, well conditioned too: as many.
 */
const tolerances: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    // formulas of our own: errors of either side of a few ulp, tested to the last in test/ops/accuracy.test.ts
    [
      "expm1",
      "log1p",
      "exp2",
      "sinh",
      "cosh",
      "asinh",
      "acosh",
      "atanh",
      "asin",
      "acos",
      "atan",
      "atan2",
      "sigmoid",
      "softplus",
      "logaddexp",
    ].map((name) => [name, 8 * Number.EPSILON]),
  ),
  pow: 16 * Number.EPSILON, // e^(y log x) with |y log x| up to 6
  erf: 1e-10, // the series of the reference
  erfc: 1e-10,
  erfInv: 1e-10,
  cholesky: 2 ** 8 * Number.EPSILON,
  eigh: 2 ** 8 * Number.EPSILON,
  qr: 2 ** 8 * Number.EPSILON,
  lu: 2 ** 8 * Number.EPSILON,
  triangularSolve: 2 ** 8 * Number.EPSILON,
  solve: 2 ** 8 * Number.EPSILON,
  linearSolve: 2 ** 8 * Number.EPSILON,
  fixedPoint: ((1 + Math.sqrt(3)) * Number.EPSILON ** (2 / 3)) / (1 - 0.4), // |f| <= sqrt(3): three values of tanh
}

/** Runs the application by its `lower` alone: a run that harvests would apply the registered record in the place of this one. */
export const agrees = ({ op, params, fn, x }: Instance): Verdict => {
  const found = runGraph(runnable(fn).graph, x, { cancelled: false })
  const expected = referenceOf(op, params, fn.inputs, x)
  const tolerance = tolerances[op.name] ?? 0
  return allOf(
    (function* () {
      for (let k = 0; k < found.length; k++) {
        const e = expected[k]
        if (e === undefined) continue
        const place = { what: `output ${k}, against its reference,`, shape: e.shape }
        const value = found[k] as Float64Array
        yield tolerance === 0 ? same(place, e.data, value) : close(place, e.data, value, magnitude([e.data], 1), tolerance)
      }
    })(),
  )
}

export const referenceLaw = (op: AnyOp): Law<Instance> => ({
  name: `${op.name}: the reference`,
  theorem: "An op computes what its definition says, read as plain loops over nested indices (test/ops/reference).",
  arbitrary: drawn((d) => instance(d, op)),
  show: showInstance,
  check: agrees,
})

export const opNamed = (name: string): AnyOp => {
  const op = ops().get(name)
  if (op === undefined) throw new Error(`there is no op "${name}"`)
  return op
}

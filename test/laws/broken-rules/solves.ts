/** Broken rules of the solves. */
import { type AnyTensor, addTangents, apply, applyOf, type Graph, inputTypes, jvpGraph, type Tangent } from "../../../src/core/index.js"
import { type BrokenRule, broken, brokenIn, ruleOf } from "./broken.js"
import {
  cotangents,
  harvestedOutputs,
  lastWins,
  lowered,
  negated,
  reversed,
  rightOnce,
  rows,
  tangents,
  times,
  typedAs,
  withoutTangent,
} from "./faults.js"

interface Linear {
  readonly operator: Graph
  readonly constants: number
}
interface Fixed {
  readonly f: Graph
  readonly constants: readonly number[]
}

const both = ["linearSolve", "fixedPoint"]
/** Off by more than any solver's tolerance, and by less than anybody sees. */
const slightly = times(1 + 2 ** -20)

/** The solution of a linear solve with the transposed operator in the place of its own. */
const transposedSolve = (x: AnyTensor): Tangent => {
  const { op, params, inputs, outputs } = applyOf(x)
  const { constants } = params as Linear
  const right = inputs[constants] as AnyTensor
  const linear = inputs.map((_, i) => i >= constants)
  return ruleOf(op, "transpose")(params, inputs, linear, [right, ...outputs.slice(1).map(() => null)])[constants] ?? null
}

export const solves: readonly BrokenRule[] = [
  broken(
    "linearSolve",
    "type",
    "constants need not be what the operator takes",
    typedAs<Linear>((inputs, { operator, constants }) => [...inputTypes(operator).slice(0, constants), ...inputs.slice(constants)]),
  ),
  broken(
    "fixedPoint",
    "type",
    "inputs need not be what the function takes",
    typedAs<Fixed>((_inputs, { f }) => inputTypes(f)),
  ),
  ...brokenIn(both, "jvp", "the wrong sign", tangents(negated)),
  broken("linearSolve", "jvp", "off by one part in a million", tangents(slightly)),
  // a solver stops at eps^(2/3), a step of 2^-10 makes 10^-6 of that: a smaller fault hides in the differences
  broken("fixedPoint", "jvp", "off by one part in ten thousand", tangents(times(1 + 1e-4))),
  ...brokenIn(both, "jvp", "right once, wrong twice", rightOnce),
  broken("linearSolve", "jvp", "the operator is taken for a constant", withoutTangent(0)),
  broken(
    "fixedPoint",
    "jvp",
    "the state moves with its start",
    (good) => (params: Fixed, inputs, outputs, given) =>
      good.jvp(params, inputs, outputs, given).map((t, i) => (i === 0 ? addTangents(t, given[params.constants.length] ?? null) : t)),
  ),
  broken("fixedPoint", "jvp", "of one application", () => (params: Fixed, inputs, [z, ...told], given) => {
    const [moved] = jvpGraph(
      params.f,
      [...inputs.slice(0, params.constants.length), z as AnyTensor].map((primal, i) => ({
        primal,
        tangent: i < params.constants.length ? (given[i] ?? null) : null,
      })),
      "jvp",
    )
    return [moved?.tangent ?? null, ...told.map(() => null)]
  }),
  broken(
    "fixedPoint",
    "jvp",
    "solves with the transposed operator",
    (good) =>
      (...args) =>
        good.jvp(...args).map((t, i) => (t === null || i > 0 ? t : transposedSolve(t))),
  ),
  ...brokenIn(["linearSolve"], "transpose", "off by one part in a million", cotangents(slightly)),
  broken("linearSolve", "transpose", "solves with the operator itself", (good) => (params: Linear, inputs, linear, [ct]) => {
    const constants = inputs.slice(0, params.constants)
    return linear.map((l, i) => (l && i === params.constants ? (apply(good, params, [...constants, ct as AnyTensor])[0] as Tangent) : null))
  }),
  ...brokenIn(both, "batch", "rows come out backwards", rows(reversed)),
  ...brokenIn(both, "lower", "off by one part in a million", lowered(slightly)),
  ...brokenIn(both, "harvest", "other values", harvestedOutputs(slightly)),
  ...brokenIn(both, "harvest", "the second of two reports", lastWins),
]

/** Broken rules of ops with bodies. */
import { type AnyOp, apply, bodyOf, type Graph, inline, inputTypes, type TensorType } from "../../../src/core/index.js"
import { type BrokenRule, broken, brokenIn, ruleOf } from "./broken.js"
import {
  cotangents,
  dualOutputs,
  dualTangents,
  harvestedOutputs,
  knownPart,
  lastWins,
  linearPart,
  lowered,
  negated,
  residualsDropped,
  reversed,
  rows,
  tangents,
  times,
  transposedWith,
  typedAs,
} from "./faults.js"

interface Cond {
  readonly whenTrue: Graph
  readonly whenFalse: Graph
}
interface Scan {
  readonly constants: number
  readonly carry: number
  readonly reverse: boolean
  readonly body: Graph
}
interface While {
  readonly constants: readonly number[]
  readonly body: Graph
}

const bodied = ["checkpoint", "cond", "scan", "while"]
const otherBranch = <P extends Cond>(params: P): P => ({ ...params, whenTrue: params.whenFalse, whenFalse: params.whenTrue })
const otherWay = <P extends Scan>(params: P): P => ({ ...params, reverse: !params.reverse })

/** The inputs that the bodies take, whatever is there. */
const asTaken: Readonly<Record<string, (inputs: readonly TensorType[], params: never) => readonly TensorType[]>> = {
  checkpoint: (_inputs, { body }: { readonly body: Graph }) => inputTypes(body),
  cond: ([p], { whenTrue }: Cond) => [p as TensorType, ...inputTypes(whenTrue)],
  while: (_inputs, { body }: While) => inputTypes(body),
  scan: (inputs, { constants, carry, body }: Scan) => [...inputTypes(body).slice(0, constants + carry), ...inputs.slice(constants + carry)],
}

/** The body once more after the loop. */
const oneTurnMore =
  (good: AnyOp): AnyOp["lower"] =>
  (params: While, inputs) => ({
    t: "graph",
    graph: bodyOf("broken", inputs, (args) =>
      inline(params.body, [...args.slice(0, params.constants.length), ...apply(good, params, args)]),
    ),
  })

export const control: readonly BrokenRule[] = [
  ...Object.entries(asTaken).map(([op, taken]) => broken(op, "type", "inputs need not be what the body takes", typedAs(taken as never))),
  ...brokenIn(bodied, "jvp", "twice too large", tangents(times(2))),
  ...brokenIn(bodied, "dual", "the wrong sign", dualTangents(negated)),
  ...brokenIn(bodied, "dual", "values negated", dualOutputs(negated)),
  broken("cond", "dual", "tangents of the other branch", (good) => (params: Cond, ...rest) => {
    const dual = ruleOf(good, "dual")
    return { outputs: dual(params, ...rest).outputs, tangents: dual(otherBranch(params), ...rest).tangents }
  }),
  ...brokenIn(bodied, "split", "residuals are dropped", residualsDropped),
  ...brokenIn(bodied, "split", "the known part is not the value", knownPart(times(2))),
  ...brokenIn(bodied, "split", "the linear part has the wrong sign", linearPart(negated)),
  broken("scan", "split", "the linear part runs the other way", (good) => (params: Scan, inputs, active) => {
    const split = ruleOf(good, "split")
    return { outputs: split(params, inputs, active).outputs, linear: split(otherWay(params), inputs, active).linear }
  }),
  ...brokenIn(["checkpoint", "cond", "scan"], "transpose", "twice too large", cotangents(times(2))),
  broken("cond", "transpose", "that of the other branch", transposedWith(otherBranch)),
  broken("scan", "transpose", "runs the same way", transposedWith(otherWay)),
  ...brokenIn(bodied, "batch", "rows come out backwards", rows(reversed)),
  broken(
    "cond",
    "batch",
    "the other branch",
    (good) =>
      (params: Cond, ...rest) =>
        good.batch(otherBranch(params), ...rest),
  ),
  broken(
    "scan",
    "batch",
    "runs the other way",
    (good) =>
      (params: Scan, ...rest) =>
        good.batch(otherWay(params), ...rest),
  ),
  ...brokenIn(["checkpoint"], "lower", "twice the values", lowered(times(2))),
  broken(
    "cond",
    "lower",
    "the other branch",
    (good) =>
      (params: Cond, ...rest) =>
        good.lower(otherBranch(params), ...rest),
  ),
  broken(
    "scan",
    "lower",
    "runs the other way",
    (good) =>
      (params: Scan, ...rest) =>
        good.lower(otherWay(params), ...rest),
  ),
  broken("while", "lower", "one turn too many", oneTurnMore),
  ...brokenIn(bodied, "harvest", "other values", harvestedOutputs(negated)),
  ...brokenIn(bodied, "harvest", "the second of two logs", lastWins),
]

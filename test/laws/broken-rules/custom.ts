/** Broken rules of the ops behind customJvp and customVjp: the library's part, whatever a user's rule says. */
import { type AnyTensor, type Graph, inputTypes, type TensorType } from "../../../src/core/index.js"
import { type BrokenRule, broken, brokenIn } from "./broken.js"
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
  typedAs,
  withoutCotangent,
} from "./faults.js"

const both = ["customJvp", "customVjp"]

export const custom: readonly BrokenRule[] = [
  ...brokenIn(
    both,
    "type",
    "inputs need not be what the function takes",
    typedAs(((_inputs: readonly TensorType[], { value }: { readonly value: Graph }) => inputTypes(value)) as never),
  ),
  broken("customJvp", "jvp", "twice too large", tangents(times(2))),
  broken("customJvp", "dual", "the wrong sign", dualTangents(negated)),
  broken("customJvp", "dual", "values negated", dualOutputs(negated)),
  ...brokenIn(both, "split", "residuals are dropped", residualsDropped),
  ...brokenIn(both, "split", "the known part is not the value", knownPart(times(2))),
  ...brokenIn(both, "split", "the linear part has the wrong sign", linearPart(negated)),
  ...brokenIn(both, "transpose", "twice too large", cotangents(times(2))),
  ...brokenIn(both, "transpose", "the second argument gets none", withoutCotangent(2)),
  ...brokenIn(both, "batch", "rows come out backwards", rows(reversed)),
  ...brokenIn(both, "simplify", "gives the arguments back", () => (_params, inputs) => inputs.slice(1) as readonly AnyTensor[]),
  ...brokenIn(both, "lower", "the wrong sign", lowered(negated)),
  ...brokenIn(both, "harvest", "values negated", harvestedOutputs(negated)),
  ...brokenIn(both, "harvest", "the last log wins", lastWins),
]

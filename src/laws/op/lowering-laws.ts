/** The law of `lower`: what an op is made of has the types that the op says it has. */
import {
  type AnyOp,
  type Graph,
  inline,
  inputTypes,
  type Lowering,
  outputTypes,
  physicalShape,
  sameShape,
  sameType,
  showType,
  type TensorType,
} from "../../core/index.js"
import { drawn } from "../arbitraries/draw.js"
import { allOf, fails, holds, type Law, type Verdict } from "../law.js"
import { same, storedSize } from "../numbers.js"
import { runnable, type Values } from "../run.js"
import { type Instance, instance, showInstance } from "./instance.js"
import { loadOutside } from "./loads.js"

const list = (types: readonly TensorType[]): string => types.map(showType).join(", ")

const sameTypes = (what: string, expected: readonly TensorType[], found: readonly TensorType[]): Verdict =>
  expected.length === found.length && expected.every((t, i) => sameType(t, found[i] as TensorType))
    ? holds()
    : fails(`${what}: expected (${list(expected)}), found (${list(found)})`)

const graphFits = (what: string, graph: Graph, inputs: readonly TensorType[], outputs: readonly TensorType[]): Verdict =>
  allOf([sameTypes(`inputs of ${what}`, inputs, inputTypes(graph)), sameTypes(`outputs of ${what}`, outputs, outputTypes(graph))])

const rowOf = (t: TensorType): TensorType => ({ elem: t.elem, shape: t.shape.slice(1) })

/** Whether a lowering takes and gives what the type rule says, and reads inside its operands. */
const fits = (lowered: Lowering, inputs: readonly TensorType[], outputs: readonly TensorType[], x: Values): Verdict => {
  switch (lowered.t) {
    case "index":
      if (lowered.nests.length !== outputs.length) return fails(`${lowered.nests.length} nests for ${outputs.length} outputs`)
      return allOf(
        lowered.nests.map((nest, i) => {
          const expected = physicalShape(outputs[i] as TensorType)
          if (!sameShape(nest.domain, expected))
            return fails(`output ${i} has the domain [${nest.domain.join(", ")}], its type says [${expected.join(", ")}]`)
          const outside = loadOutside(nest, inputs, x)
          return outside === null ? holds() : fails(`output ${i}: ${outside}`)
        }),
      )
    case "graph":
      return graphFits("the graph", lowered.graph, inputs, outputs)
    case "routine":
      return graphFits("the routine's graph", lowered.graph(), inputs, outputs)
    case "region":
      return graphFits("the region", lowered.body, inputs, outputs)
    case "cond":
      return allOf([
        graphFits("the true branch", lowered.whenTrue, inputs.slice(1), outputs),
        graphFits("the false branch", lowered.whenFalse, inputs.slice(1), outputs),
      ])
    case "while":
      return allOf([
        graphFits("the condition", lowered.condition, inputs, [{ elem: "bool", shape: [] }]),
        graphFits("the body", lowered.body, inputs, inputs.slice(lowered.constants)),
        sameTypes("outputs", inputs.slice(lowered.constants), outputs),
      ])
    case "scan": {
      const slabs = lowered.constants + lowered.carry
      const stacks = outputs.slice(lowered.carry)
      const long = [...inputs.slice(slabs), ...stacks].find((t) => t.shape[0] !== lowered.length)
      if (long !== undefined) return fails(`a stacked ${showType(long)} in a scan of length ${lowered.length}`)
      return graphFits(
        "the body",
        lowered.body,
        [...inputs.slice(0, slabs), ...inputs.slice(slabs).map(rowOf)],
        [...inputs.slice(lowered.constants, slabs), ...stacks.map(rowOf)],
      )
    }
  }
}

const sizesFit = (types: readonly TensorType[], values: Values): Verdict =>
  allOf(
    types.map((t, i) => {
      const n = values[i]?.length
      return n === storedSize(t) ? holds() : fails(`output ${i} has ${n} numbers, its type is ${showType(t)}`)
    }),
  )

/** What an op accepts, it runs: its lowering fits, and results have the sizes of their types. */
export const runsAs = ({ op, fn, params, x }: Instance): Verdict => {
  const outputs = op.type(params, fn.inputs)
  const lowered = op.lower(params, fn.inputs, outputs)
  return allOf(
    (function* () {
      yield fits(lowered, fn.inputs, outputs, x)
      const found = runnable(fn).run(x)
      yield sizesFit(outputs, found)
      if (lowered.t !== "routine") return
      const written = runnable({ inputs: fn.inputs, apply: (args) => inline(lowered.graph(), args) }).run(x)
      for (let k = 0; k < found.length; k++)
        yield same(
          { what: `output ${k} of the routine's graph, against the routine,`, shape: outputs[k]?.shape ?? [] },
          found[k] as Float64Array,
          written[k] as Float64Array,
        )
    })(),
  )
}

export const lowerLaw = (op: AnyOp): Law<Instance> => ({
  name: `${op.name}: lower fits the type`,
  theorem: "What an op is lowered to takes its inputs, gives its outputs, and reads inside its operands (type soundness).",
  arbitrary: drawn((d) => instance(d, op)),
  show: showInstance,
  check: runsAs,
})

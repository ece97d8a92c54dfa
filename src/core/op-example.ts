/**
 * What is asked of an op when it is used for the first time: that its example is a well-typed use, with a domain for each input, and
 * that reverse mode gets through its derivative. The example may apply other ops, so this can't be asked when it is registered.
 */
import { TraceError } from "./errors.js"
import type { AnyOp, Choices, Domain, Example, Tangent } from "./op.js"
import type { Apply } from "./tensor/apply.js"
import type { AnyTensor } from "./tensor/shape-types.js"
import { type Elem, sameType, showType, type TensorType } from "./tensor/types.js"

/** The DAG's own functions, handed in: the DAG asks for this check. */
export interface Dag {
  readonly leaf: (type: TensorType) => AnyTensor
  readonly apply: (op: AnyOp, params: unknown, inputs: readonly AnyTensor[]) => readonly AnyTensor[]
  readonly applyOf: (t: AnyTensor) => Apply
}

/** One choice that every example allows: the laws try the others. */
const middle: Choices = {
  int: (lo, hi) => Math.floor((lo + hi) / 2),
  bool: () => true,
  shape: (rank) => Array.from({ length: rank }, () => 2),
}

const kindsOf = (domain: Domain): readonly Elem[] => {
  switch (domain.t) {
    case "bool":
    case "key":
      return [domain.t]
    case "real":
    case "positive":
    case "awayFromZero":
    case "extended":
    case "index":
      return ["float", "int"]
    case "distinct":
    case "between":
    case "fraction":
    case "dominant":
      return ["float"]
  }
}

/** The name of an op that a tangent goes through and a cotangent can't come back through, or null. */
const oneWay = (seeds: readonly AnyTensor[], tangents: readonly AnyTensor[], { applyOf }: Dag): string | null => {
  const depends = new Set(seeds.map(applyOf))
  const first = Math.min(...seeds.map((t) => applyOf(t).serial))
  const seen = new Set<Apply>()
  const stack = tangents.map(applyOf)
  for (let a = stack.pop(); a !== undefined; a = stack.pop()) {
    if (a.serial < first || seen.has(a)) continue
    seen.add(a)
    stack.push(...a.inputs.map(applyOf))
  }
  for (const a of [...seen].sort((x, y) => x.serial - y.serial)) {
    if (depends.has(a) || !a.inputs.some((t) => depends.has(applyOf(t)))) continue
    if (a.op.transpose === undefined && a.op.split === undefined) return a.op.name
    depends.add(a)
  }
  return null
}

/** @throws TraceError that says what is wrong with the example or with the derivative there. */
export const checkExample = (op: AnyOp, dag: Dag): void => {
  const refuse = (why: string): never => {
    throw new TraceError(`op "${op.name}": ${why}`)
  }
  const { params, inputs, domains }: Example<unknown> = op.example(middle)
  if (!Array.isArray(inputs) || !Array.isArray(domains) || domains.length !== inputs.length)
    refuse(
      `its example must give "inputs" and "domains", an entry an input in each; found ${inputs?.length} and ${domains?.length} of them`,
    )
  inputs.forEach((t, i) => {
    const domain = domains[i] as Domain // there are as many
    const kinds = kindsOf(domain)
    if (!kinds.includes(t.elem))
      refuse(`its example has the domain "${domain.t}" for input ${i}, which is ${showType(t)}; the domain is one of ${kinds.join(" or ")}`)
  })
  const leaves = inputs.map(dag.leaf)
  const outputs = (() => {
    try {
      return dag.apply(op, params, leaves)
    } catch (e) {
      return refuse(
        `its example (${inputs.map(showType).join(", ")}) is refused by its own "type", and the laws run on it: ${e instanceof Error ? e.message : String(e)}`,
      )
    }
  })()
  // Ops with bodies have a linear half of their own.
  if (op.split !== undefined) return
  const seeds: AnyTensor[] = []
  const tangents = inputs.map((t): Tangent => {
    if (t.elem !== "float") return null
    const seed = dag.leaf(t)
    seeds.push(seed)
    return seed
  })
  if (seeds.length === 0 || !outputs.some((t) => t.type.elem === "float")) return
  const moved: readonly Tangent[] = op.jvp(params, leaves, outputs, tangents)
  if (moved.length !== outputs.length)
    refuse(`its "jvp" gives ${moved.length} tangents for ${outputs.length} outputs; null is one of zeros`)
  outputs.forEach((y, i) => {
    const t = moved[i]
    if (t != null && !sameType(t.type, y.type))
      refuse(`its "jvp" gives a tangent ${showType(t.type)} for output ${i}, which is ${showType(y.type)}`)
  })
  if (op.modes === "forward") return
  const stuck = oneWay(
    seeds,
    moved.filter((t) => t != null),
    dag,
  )
  if (stuck !== null)
    refuse(
      `its "jvp" sends tangents through "${stuck}", which has no "transpose", so reverse mode would stop there; ${stuck === op.name ? 'it is linear: give it "transpose", or say modes: "forward"' : "use ops that have one"}`,
    )
}

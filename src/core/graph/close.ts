/**
 * Closing: from a callback to a graph. A body is what was made while its callback ran; everything older that it uses is
 * captured and becomes an input. So there are no argnums, and closing never walks past the body: ten thousand layers in a
 * row stay linear. (Reachability from the placeholders would be wrong: in `cond(p, () => log(x), ...)` it would pull
 * `log(x)` out of the branch.)
 */
import { TraceError } from "../errors.js"
import { type Apply, applyOf, isConstant, isPlaceholder, nextSerial, placeholder } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import type { TensorType } from "../tensor/types.js"
import { equationKey } from "./digest.js"
import type { Equation, Graph } from "./graph.js"

/** A graph whose first inputs are the captured tensors, and those tensors. */
export interface Closed {
  readonly graph: Graph
  readonly captured: readonly AnyTensor[]
}

/** Applications reachable from `outputs` for which `belongs`, oldest first, and the other tensors they use, oldest first. */
const collect = (outputs: readonly AnyTensor[], belongs: (a: Apply) => boolean) => {
  const body = new Set<Apply>()
  const outside = new Set<AnyTensor>()
  const work = [...outputs]
  while (work.length > 0) {
    const t = work.pop() as AnyTensor
    const a = applyOf(t)
    if (!belongs(a)) outside.add(t)
    else if (!body.has(a)) {
      body.add(a)
      for (const input of a.inputs) work.push(input)
    }
  }
  const bySerial = (x: Apply, y: Apply) => x.serial - y.serial
  return {
    body: [...body].sort(bySerial),
    outside: [...outside].sort((x, y) => bySerial(applyOf(x), applyOf(y))),
  }
}

/**
 * Numbers the variables and merges equal subexpressions. `args` are outside by definition of `belongs`; other outside
 * tensors are captured.
 */
const build = (args: readonly AnyTensor[], outputs: readonly AnyTensor[], belongs: (a: Apply) => boolean): Closed => {
  const { body, outside } = collect(outputs, belongs)
  const isArg = new Set(args)
  const captured = outside.filter((t) => !isArg.has(t))
  const types: TensorType[] = []
  const variable = new Map<AnyTensor, number>()
  for (const t of [...captured, ...args]) {
    variable.set(t, types.length)
    types.push(t.type)
  }
  const inputs = types.length
  const equations: Equation[] = []
  const seen = new Map<string, number>()
  for (const a of body) {
    const ins = a.inputs.map((t) => variable.get(t) as number)
    const key = equationKey(a.op, a.params, ins)
    const at = seen.get(key) ?? equations.length
    const equal = equations[at]
    const outs = equal?.outputs ?? a.outputs.map((t) => types.push(t.type) - 1)
    if (equal === undefined) {
      seen.set(key, at)
      equations.push({ op: a.op, params: a.params, inputs: ins, outputs: outs, ...(a.line === null ? {} : { line: a.line }) })
    } else if (a.op.unite !== undefined) equations[at] = { ...equal, params: a.op.unite(equal.params, a.params) }
    for (let i = 0; i < outs.length; i++) variable.set(a.outputs[i] as AnyTensor, outs[i] as number)
  }
  return { graph: { types, inputs, equations, outputs: outputs.map((t) => variable.get(t) as number) }, captured }
}

/**
 * Runs `f` on fresh placeholders and closes what it made.
 *
 * @param owner names the function in messages.
 * @throws TraceError when a placeholder of another, already finished function is met.
 */
export const closeBody = (owner: string, args: readonly TensorType[], f: (args: readonly AnyTensor[]) => readonly AnyTensor[]): Closed => {
  const start = nextSerial()
  const placeholders = args.map((type) => placeholder(type, owner))
  const outputs = f(placeholders)
  const own = new Set<Apply>(placeholders.map(applyOf))
  return build(placeholders, outputs, (a) => {
    if (a.serial < start || isConstant(a)) return false
    if (!isPlaceholder(a)) return true
    if (!own.has(a))
      throw new TraceError(
        `${owner}: found an argument of ${a.params.owner}, which had escaped from it: a value made inside a function's callback ` +
          "was kept in a variable and used after the callback had returned. Return it from the callback instead",
      )
    return false
  })
}

/** Applications between `leaves` and `outputs` that depend on a leaf, oldest first. Nothing older than the leaves is walked. */
export const dependents = (
  leaves: readonly AnyTensor[],
  outputs: readonly AnyTensor[],
): { readonly nodes: readonly Apply[]; readonly depends: ReadonlySet<Apply> } => {
  const oldest = leaves.reduce((s, t) => Math.min(s, applyOf(t).serial), Number.POSITIVE_INFINITY)
  const { body } = collect(outputs, (a) => a.serial >= oldest)
  const depends = new Set<Apply>(leaves.map(applyOf))
  const nodes: Apply[] = []
  for (const a of body) {
    if (depends.has(a)) continue
    if (a.inputs.some((t) => depends.has(applyOf(t)))) {
      depends.add(a)
      nodes.push(a)
    }
  }
  return { nodes, depends }
}

/** Closes the part of `outputs` that depends on `leaves`; all else is captured. For linear halves, whose residuals stay outside. */
export const closeDependents = (leaves: readonly AnyTensor[], outputs: readonly AnyTensor[]): Closed => {
  const { depends } = dependents(leaves, outputs)
  const own = new Set(leaves.map(applyOf))
  return build(leaves, outputs, (a) => depends.has(a) && !own.has(a))
}

/** Closes a whole expression: every leaf is an input, in the order of their making. */
export const closeExpression = (outputs: readonly AnyTensor[]): Closed => build([], outputs, (a) => !isConstant(a) && !isPlaceholder(a))

/**
 * Closing: from a callback to a graph. A body is what was made while its callback ran; everything older that it uses is
 * captured and becomes an input. So there are no argnums, and closing never walks past the body: ten thousand layers in a
 * row stay linear. (Reachability from the placeholders would be wrong: in `cond(p, () => log(x), ...)` it would pull
 * `log(x)` out of the branch.)
 */
import { TraceError } from "../errors.js"
import { type Apply, applyOf, indexOf, isConstant, isPlaceholder, nextSerial, placeholder } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import type { TensorType } from "../tensor/types.js"
import { equationKey } from "./digest.js"
import type { Equation, Graph } from "./graph.js"
import { SerialTable } from "./serial-table.js"

/** A graph whose first inputs are the captured tensors, and those tensors. */
export interface Closed {
  readonly graph: Graph
  readonly captured: readonly AnyTensor[]
}

/** Applications reachable from `outputs` for which `belongs`, oldest first, and the other tensors they use, oldest first. */
const collect = (outputs: readonly AnyTensor[], belongs: (a: Apply) => boolean) => {
  const found: Apply[] = []
  /** Places in `found`, from 1 on. */
  const places = new SerialTable()
  const outside = new Set<AnyTensor>()
  const work = [...outputs]
  while (work.length > 0) {
    const t = work.pop() as AnyTensor
    const a = applyOf(t)
    if (places.get(a) !== 0) continue
    if (!belongs(a)) outside.add(t)
    else {
      places.set(a, found.push(a))
      for (const input of a.inputs) work.push(input)
    }
  }
  const body: Apply[] = []
  for (const place of places.numbers()) body.push(found[place - 1] as Apply)
  return { body, outside: [...outside].sort((x, y) => applyOf(x).serial - applyOf(y).serial) }
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
  const input = new Map<AnyTensor, number>()
  for (const t of [...captured, ...args]) {
    input.set(t, types.length)
    types.push(t.type)
  }
  const inputs = types.length
  const equations: Equation[] = []
  /** Places in `equations`, from 1 on. */
  const places = new SerialTable()
  const variable = (t: AnyTensor): number => {
    const place = places.get(applyOf(t))
    return place === 0 ? (input.get(t) as number) : ((equations[place - 1] as Equation).outputs[indexOf(t)] as number)
  }
  const seen = new Map<string, number>()
  for (const a of body) {
    const ins = a.inputs.map(variable)
    const key = equationKey(a.op, a.params, ins)
    const at = seen.get(key) ?? equations.length
    const equal = equations[at]
    if (equal === undefined) {
      seen.set(key, at)
      const made = { op: a.op, params: a.params, inputs: ins, outputs: a.outputs.map((t) => types.push(t.type) - 1) }
      equations.push(a.line === null ? made : { ...made, line: a.line })
    } else if (a.op.unite !== undefined) equations[at] = { ...equal, params: a.op.unite(equal.params, a.params) }
    places.set(a, at + 1)
  }
  return { graph: { types, inputs, equations, outputs: outputs.map(variable) }, captured }
}

/**
 * Runs `f` on fresh placeholders and closes what it made.
 *
 * @param owner names the function in messages.
 * @throws TraceError when a placeholder of another, already finished function is met.
 *
 * @example
 * const y = tensor(2)
 * const { graph, captured } = closeBody("f", [{ elem: "float", shape: [] }], ([x]) => [add(x, y)])
 * captured.length // 1
 * graph.inputs // 2
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
): { readonly nodes: readonly Apply[]; readonly depends: (a: Apply) => boolean } => {
  const oldest = leaves.reduce((s, t) => Math.min(s, applyOf(t).serial), Number.POSITIVE_INFINITY)
  const { body } = collect(outputs, (a) => a.serial >= oldest)
  /** 1 for what depends on a leaf. */
  const marks = new SerialTable()
  const depends = (a: Apply) => marks.get(a) !== 0
  for (const t of leaves) marks.set(applyOf(t), 1)
  const nodes: Apply[] = []
  for (const a of body) {
    if (depends(a) || !a.inputs.some((t) => depends(applyOf(t)))) continue
    marks.set(a, 1)
    nodes.push(a)
  }
  return { nodes, depends }
}

/** Closes the part of `outputs` that depends on `leaves`; all else is captured. For linear halves, whose residuals stay outside. */
export const closeDependents = (leaves: readonly AnyTensor[], outputs: readonly AnyTensor[]): Closed => {
  const { depends } = dependents(leaves, outputs)
  const own = new Set(leaves.map(applyOf))
  return build(leaves, outputs, (a) => depends(a) && !own.has(a))
}

/**
 * Closes a whole expression: every leaf is an input, in the order of their making.
 *
 * @example
 * const { graph, captured } = closeExpression([add(tensor(1), tensor(2))])
 * captured.length // 2
 */
export const closeExpression = (outputs: readonly AnyTensor[]): Closed => build([], outputs, (a) => !isConstant(a) && !isPlaceholder(a))

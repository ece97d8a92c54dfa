/**
 * A graph under construction: nodes in scopes, one for the model and one for each body of a loop or a branch around the place where
 * conversion is. A node goes to the outermost scope in which all its inputs are there, so what a loop doesn't change is computed before
 * it; but never out of a branch, which computes only where it is taken. Equal nodes of a scope are one.
 */
import { TraceError } from "../../core/index.js"
import type { Attribute, NamedType, OnnxElem, OnnxGraph, OnnxNode, TensorData } from "./messages.js"

/** Kinds of elements during conversion: floats have the file's precision. */
export type Kind = "float" | "int" | "bool"

/** A tensor of the ONNX graph. */
export interface Value {
  readonly name: string
  readonly kind: Kind
  /** An axis along which a tensor only repeats may have size 1 here: most operators broadcast, and `full` says it. */
  readonly shape: readonly number[]
  /** Depth of the scope in which it stands. */
  readonly depth: number
  /** The number that it is, where the file has it and it is one. */
  readonly number?: number
}

/** What comes out of a node. */
export interface Made {
  readonly kind: Kind
  readonly shape: readonly number[]
}

export type Attributes = Readonly<Record<string, Attribute>>

interface Scope {
  readonly nodes: OnnxNode[]
  readonly made: Map<string, Value>
  /** Nodes met here go to no scope further out. */
  readonly floor: number
}

export interface Builder {
  readonly precision: "float32" | "float64"
  readonly elem: (kind: Kind) => OnnxElem
  /** Applies an operator with one output, in the outermost scope. */
  readonly node: (operator: string, inputs: readonly Value[], made: Made, attributes?: Attributes) => Value
  /** Applies an operator in this scope: one with graphs in its attributes, which see this scope's values. Null is an input left out. */
  readonly here: (operator: string, inputs: readonly (Value | null)[], made: readonly Made[], attributes?: Attributes) => readonly Value[]
  /** Numbers of the file; equal small ones are one. */
  readonly constant: (kind: Kind, shape: readonly number[], data: ArrayLike<number>) => Value
  /** Numbers with a name. */
  readonly parameter: (name: string, kind: Kind, shape: readonly number[], data: ArrayLike<number>) => Value
  /** A name that nothing else has. */
  readonly fresh: (wish: string) => string
  /** The graph that `build` makes in a scope of its own, from inputs of its own to the values that it gives. */
  readonly scope: (kind: "body" | "branch", inputs: readonly Made[], build: (inputs: readonly Value[]) => readonly Value[]) => OnnxGraph
  /** Runs `f`; the nodes it makes are named after an op. */
  readonly named: <A>(op: string, f: () => A) => A
  /** The model: all that was made, with inputs and outputs under the names given. */
  readonly finish: (name: string, inputs: readonly Value[], outputs: readonly (readonly [name: string, value: Value])[]) => OnnxGraph
}

/** Constants of at most this many elements are looked up. */
const SMALL = 64

export const openBuilder = (precision: Builder["precision"], reserved: readonly string[]): Builder => {
  const scopes: Scope[] = [{ nodes: [], made: new Map(), floor: 0 }]
  const initializers: [string, TensorData][] = []
  const small = new Map<string, Value>()
  const taken = new Set(reserved)
  let owner = "value"
  const top = () => scopes[scopes.length - 1] as Scope
  const elem = (kind: Kind): OnnxElem => (kind === "float" ? precision : kind === "int" ? "int64" : "bool")
  const named = (value: Pick<Value, "name" | "kind" | "shape">): NamedType => ({ ...value, elem: elem(value.kind) })

  const fresh = (wish: string): string => {
    let name = wish
    for (let n = 1; taken.has(name); n++) name = `${wish}.${n}`
    taken.add(name)
    return name
  }

  const counts = new Map<string, number>()
  const nextName = (): string => {
    const n = counts.get(owner) ?? 0
    counts.set(owner, n + 1)
    return fresh(n === 0 ? owner : `${owner}.${n}`)
  }

  const place = (depth: number, operator: string, inputs: readonly (Value | null)[], made: readonly Made[], attributes: Attributes) => {
    const outputs = made.map((m): Value => ({ ...m, name: nextName(), depth }))
    const [first] = outputs
    ;(scopes[depth] as Scope).nodes.push({
      operator,
      name: `${operator} ${first?.name ?? ""}`,
      inputs: inputs.map((v) => v?.name ?? ""),
      outputs: outputs.map((v) => v.name),
      attributes,
    })
    return outputs
  }

  const node: Builder["node"] = (operator, inputs, made, attributes = {}) => {
    const depth = inputs.reduce((d, v) => Math.max(d, v.depth), top().floor)
    const { made: known } = scopes[depth] as Scope
    const key = JSON.stringify([operator, inputs.map((v) => v.name), attributes])
    const before = known.get(key)
    if (before !== undefined) return before
    const [value] = place(depth, operator, inputs, [made], attributes)
    known.set(key, value as Value)
    return value as Value
  }

  const parameter: Builder["parameter"] = (name, kind, shape, data) => {
    const odd = kind === "int" ? Array.from(data).find((x) => !Number.isSafeInteger(x)) : undefined
    if (odd !== undefined)
      throw new TraceError(`onnx: ${name} holds ${odd} as a whole number, which an ONNX file can't: is it the largest of no elements?`)
    initializers.push([name, { elem: elem(kind), shape, data }])
    return { name, kind, shape, depth: 0, ...(data.length === 1 ? { number: data[0] as number } : {}) }
  }

  const constant: Builder["constant"] = (kind, shape, data) => {
    if (data.length > SMALL) return parameter(fresh("constant"), kind, shape, data)
    // -0 and 0 are two constants
    const key = JSON.stringify([kind, shape, Array.from(data, (x) => (Object.is(x, -0) ? "-0" : String(x)))])
    const value = small.get(key) ?? parameter(fresh("constant"), kind, shape, data)
    small.set(key, value)
    return value
  }

  return {
    precision,
    elem,
    node,
    here: (operator, inputs, made, attributes = {}) => place(scopes.length - 1, operator, inputs, made, attributes),
    constant,
    parameter,
    fresh,
    scope: (kind, inputs, build) => {
      const depth = scopes.length
      const scope: Scope = { nodes: [], made: new Map(), floor: kind === "branch" ? depth : top().floor }
      const given = inputs.map((m): Value => ({ ...m, name: nextName(), depth }))
      scopes.push(scope)
      // an output is made in the graph itself
      const outputs = build(given).map((v) => place(depth, "Identity", [v], [v], {})[0] as Value)
      scopes.pop()
      return {
        name: fresh(`${owner} ${kind}`),
        nodes: scope.nodes,
        initializers: [],
        inputs: given.map(named),
        outputs: outputs.map(named),
      }
    },
    named: (op, f) => {
      const before = owner
      owner = op
      const made = f()
      owner = before
      return made
    },
    finish: (name, inputs, outputs) => {
      const { nodes } = scopes[0] as Scope
      const told = outputs.map(([output, value]): NamedType => {
        nodes.push({ operator: "Identity", name: `Identity ${output}`, inputs: [value.name], outputs: [output], attributes: {} })
        return { name: output, elem: elem(value.kind), shape: value.shape }
      })
      return { name, nodes, initializers, inputs: inputs.map(named), outputs: told }
    },
  }
}

/** Whether all elements are one number: such a constant is one element that repeats. */
const isUniform = (data: Float64Array): boolean => {
  const first = data[0] as number
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return false
  return data.length > 0
}

/** Known numbers as a value; where all are one, as one element. */
export const known = (b: Builder, kind: Kind, shape: readonly number[], data: Float64Array): Value =>
  isUniform(data)
    ? b.constant(
        kind,
        shape.map(() => 1),
        data.subarray(0, 1),
      )
    : b.constant(kind, shape, data)

/** One number of a kind, with as many axes as are asked for. */
export const scalar = (b: Builder, kind: Kind, value: number, rank = 0): Value =>
  b.constant(
    kind,
    Array.from({ length: rank }, () => 1),
    [value],
  )

/** Whole numbers as the list that an operator takes as input: shapes, axes, starts. */
export const list = (b: Builder, numbers: readonly number[]): Value => b.constant("int", [numbers.length], numbers)

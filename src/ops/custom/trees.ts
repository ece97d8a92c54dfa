/** What the two kinds of custom rules share: trees in which `null` stands for zero, and bodies over one list of captured values. */
import {
  type AnyTensor,
  applyOf,
  bodyOf,
  type Closed,
  type Flat,
  flatten,
  type Graph,
  inline,
  isPlaceholder,
  isTensor,
  literal,
  type Structure,
  sameStructure,
  sameType,
  showStructure,
  showType,
  type Tangent,
  type TensorType,
  TraceError,
} from "../../core/index.js"

/** Leaves with the places they have in their tree. */
export type Leaves = Pick<Flat<AnyTensor>, "structure" | "paths"> & { readonly types: readonly TensorType[] }

export const leavesOf = ({ structure, paths, leaves }: Flat<AnyTensor>): Leaves => ({
  structure,
  paths,
  types: leaves.map((t) => t.type),
})

export const isFloat = (t: TensorType): boolean => t.elem === "float"

const list = (types: readonly TensorType[]): string => types.map(showType).join(", ")

/** The leaves of a tree that has to be one known already. */
export const sameTree = (owner: string, what: string, tree: unknown, like: Leaves): readonly AnyTensor[] => {
  const flat = flatten(`${owner}: ${what}`, tree)
  if (!sameStructure(flat.structure, like.structure))
    throw new TraceError(
      `${owner}: ${what} must have the structure ${showStructure(like.structure)}, found ${showStructure(flat.structure)}`,
    )
  flat.leaves.forEach((t, i) => {
    const expected = like.types[i] as TensorType
    if (!sameType(t.type, expected))
      throw new TraceError(`${owner}: ${what}${like.paths[i]} must be ${showType(expected)}, found ${showType(t.type)}`)
  })
  return flat.leaves
}

const countLeaves = (s: Structure): number =>
  s.t === "leaf" ? 1 : s.t === "null" ? 0 : s.items.reduce((n, item) => n + countLeaves(item), 0)

/** What stands where a tree should have been. */
const found = (x: unknown): string => {
  if (isTensor(x)) return showType(x.type)
  if (x === undefined) return "undefined"
  if (typeof x !== "object" || x === null) return `${typeof x} ${String(x)}`
  return Array.isArray(x) ? `a list of ${x.length}` : `a record {${Object.keys(x).join(", ")}}`
}

/** Tangents or cotangents of a tree's leaves. `null` in place of a leaf or of a part is zero; leaves that aren't float have no other. */
export const derivativesOf = (owner: string, what: string, tree: unknown, like: Leaves): readonly Tangent[] => {
  const made: Tangent[] = []
  const wrong = (at: string, expected: string, x: unknown): never => {
    throw new TraceError(`${owner}: ${what}${at} must be ${expected}, found ${found(x)}`)
  }
  const leaf = (x: unknown, path: string): void => {
    const type = like.types[made.length] as TensorType
    if (!isFloat(type)) return wrong(path, `null, since ${showType(type)} has no derivative`, x)
    const t = typeof x === "number" ? literal(x) : x
    if (!isTensor(t) || !sameType(t.type, type)) return wrong(path, `${showType(type)}, or null for zero`, x)
    made.push(t)
  }
  const go = (s: Structure, x: unknown, path: string): void => {
    if (x === null) {
      made.push(...Array.from({ length: countLeaves(s) }, () => null))
      return
    }
    const expected = `${showStructure(s)}, or null for zero`
    switch (s.t) {
      case "leaf":
        return leaf(x, path)
      case "null":
        return wrong(path, "null", x)
      case "list":
        if (!Array.isArray(x) || x.length !== s.items.length) return wrong(path, expected, x)
        return s.items.forEach((item, i) => void go(item, x[i], `${path}[${i}]`))
      case "record": {
        if (typeof x !== "object" || isTensor(x) || Object.keys(x).sort().join() !== s.keys.join()) return wrong(path, expected, x)
        return s.keys.forEach((k, i) => void go(s.items[i] as Structure, (x as Record<string, unknown>)[k], `${path}.${k}`))
      }
    }
  }
  go(like.structure, tree, "")
  return made
}

/** What a captured value is, for the message that its derivative is missing. */
const describe = (t: AnyTensor): string => {
  const a = applyOf(t)
  const line = a.line?.at ?? null
  return `${showType(t.type)}, ${isPlaceholder(a) ? `an argument of ${a.params.owner}` : `made by ${a.op.name}`}${line === null ? "" : ` at ${line}`}`
}

/** Several bodies with one list of captured values, which are their first inputs. */
export const together = (owner: string, closed: readonly Closed[]) => {
  const captured = [...new Set(closed.flatMap((c) => c.captured))]
  const place = new Map(captured.map((t, i) => [t, i]))
  const over = ({ graph, captured: own }: Closed): Graph => {
    if (own.length === captured.length && own.every((t, i) => t === captured[i])) return graph
    const types = [...captured.map((t) => t.type), ...graph.types.slice(own.length, graph.inputs)]
    return bodyOf(owner, types, (args) =>
      inline(graph, [...own.map((t) => args[place.get(t) as number] as AnyTensor), ...args.slice(captured.length)]),
    )
  }
  return { captured, names: captured.map(describe), graphs: closed.map(over) }
}

/** The derivative in a captured value is asked for: a custom rule speaks of arguments only. */
export const refuseCaptured = (owner: string, name: string, captured: readonly string[], active: readonly boolean[]): void => {
  const odd = captured.filter((_, i) => active[i])
  if (odd.length === 0) return
  throw new TraceError(
    `${owner}: ${name} uses a value from outside (${odd.join("; ")}), and its derivative in that value is asked for; a custom rule speaks of the arguments only. Make the value an argument, or, if it is meant as a constant, stopGradient it`,
  )
}

/** Types of inputs against those of a body. */
export const sameInputs = (owner: string, what: string, expected: readonly TensorType[], given: readonly TensorType[]): void => {
  if (expected.length !== given.length || !expected.every((t, i) => sameType(t, given[i] as TensorType)))
    throw new TraceError(`${owner}: ${what} must be (${list(expected)}), found (${list(given)})`)
}

/** Refuses a rule that calls its own function: it is traced where the function is called, so it would never end. */
export const guarded = (owner: string, name: string) => {
  let inside = false
  return <A>(f: () => A): A => {
    if (inside)
      throw new TraceError(
        `${owner}: the rule of ${name} calls the function that it is the rule of. A rule is traced where its function is called, so that would never end: call the plain function in it, or another custom function`,
      )
    inside = true
    try {
      return f()
    } finally {
      inside = false
    }
  }
}

/** From a nest of index notation to numbered expression nodes. */
import type { Guard, Ix, Nest, Scalar } from "../../../compile/nest.js"
import { sizeOf } from "../../../tensor/types.js"
import { operandsOf, valuesIn } from "../scalars.js"
import { type Affine, createAffines } from "./affine.js"
import { foldBinary, foldUnary } from "./fold.js"
import { type Condition, type Ir, type Node, type NodeId, nodeKey } from "./ir.js"

/** Machine epsilon of float32. */
const epsilon = 2 ** -23

/** An operand of a nest: which buffer it is and its physical shape. */
export interface Operand {
  readonly buffer: number
  readonly shape: readonly number[]
}

export const lowerNest = (nest: Nest, operands: readonly Operand[]): Ir => {
  const { domain, reduce } = nest
  const extent = reduce?.extent ?? []
  const sizes = [...domain, ...extent]
  const nodes: Node[] = []
  const ids = new Map<string, NodeId>()
  const args: number[] = []
  const argOfBuffer = new Map<number, number>()
  const done = new Map<Scalar, NodeId>()
  const affines = createAffines()
  const forms = new Map<Ix, Affine>()

  const add = (node: Node): NodeId => {
    const key = nodeKey(node)
    const known = ids.get(key)
    if (known !== undefined) return known
    ids.set(key, nodes.length)
    return nodes.push(node) - 1
  }

  const idOf = (s: Scalar): NodeId => {
    const id = done.get(s)
    if (id === undefined) throw new Error("an operand of a nest is used before it is lowered")
    return id
  }

  /** The value of an operand that is a number known here. */
  const known = (s: Scalar): number | null => {
    const node = nodes[idOf(s)]
    return node?.t === "const" ? Math.fround(node.value) : null
  }

  const operandAt = (input: number): Operand => {
    const operand = operands[input]
    if (operand === undefined) throw new Error(`a nest loads input ${input} but has ${operands.length} inputs`)
    return operand
  }

  const argOf = (input: number): number => {
    const { buffer } = operandAt(input)
    const known = argOfBuffer.get(buffer)
    if (known !== undefined) return known
    argOfBuffer.set(buffer, args.length)
    return args.push(input) - 1
  }

  const affine = (ix: Ix): Affine => {
    const seen = forms.get(ix)
    if (seen !== undefined) return seen
    const form = affineOf(ix)
    forms.set(ix, form)
    return form
  }
  const affineOf = (ix: Ix): Affine => {
    switch (ix.t) {
      case "const":
        return affines.constant(ix.value)
      case "var":
        return affines.variable(ix.axis, sizes[ix.axis] ?? 1)
      case "add":
        return affines.sum([
          { form: affine(ix.a), by: 1 },
          { form: affine(ix.b), by: 1 },
        ])
      case "mul":
        return affines.sum([{ form: affine(ix.a), by: ix.by }])
      case "div":
        return affines.divide(affine(ix.a), ix.by)
      case "mod":
        return affines.mod(affine(ix.a), ix.by)
      case "value":
        return affines.value(idOf(ix.of))
    }
  }

  /** The conditions that can fail; null where one always does. */
  const conditions = (guards: readonly Guard[]): readonly Condition[] | null => {
    const open: Condition[] = []
    for (const guard of guards) {
      const ix = affine(guard.ix)
      if (guard.t === "divides") {
        const remainder = affines.mod(ix, guard.by)
        if (remainder.terms.length > 0) open.push({ t: "zero", ix: remainder })
        else if (remainder.constant !== 0) return null
        continue
      }
      const { lo, hi } = ix.bounds
      if (hi < guard.lo || lo >= guard.hi) return null
      const condition = { t: "range", ix, lo: lo < guard.lo ? guard.lo : null, hi: hi >= guard.hi ? guard.hi : null } as const
      if (condition.lo !== null || condition.hi !== null) open.push(condition)
    }
    return open
  }

  const guarded = (guards: readonly Guard[], value: () => NodeId): NodeId => {
    const open = conditions(guards)
    if (open === null) return add({ t: "const", value: 0 })
    return open.length === 0 ? value() : add({ t: "guarded", conditions: open, a: value() })
  }

  const load = (input: number, at: readonly Ix[]): NodeId => {
    const { shape } = operandAt(input)
    let stride = 1
    const parts: { form: Affine; by: number }[] = []
    for (let k = shape.length - 1; k >= 0; k--) {
      parts.push({ form: affine(at[k] ?? { t: "const", value: 0 }), by: stride })
      stride *= shape[k] ?? 1
    }
    return add({ t: "load", arg: argOf(input), at: affines.sum(parts), size: sizeOf(shape) })
  }

  const one = (s: Scalar): NodeId => {
    switch (s.t) {
      case "lit":
        return add({ t: "const", value: s.value })
      case "epsilon":
        return add({ t: "const", value: epsilon })
      case "load":
        return guarded(s.guards, () => load(s.input, s.at))
      case "ix": {
        const of = affine(s.ix)
        return of.terms.length === 0 ? add({ t: "const", value: of.constant }) : add({ t: "index", of })
      }
      case "unary": {
        const a = known(s.a)
        const value = a === null ? null : foldUnary(s.fn, a)
        return value === null ? add({ t: "unary", fn: s.fn, a: idOf(s.a) }) : add({ t: "const", value })
      }
      case "binary": {
        const a = known(s.a)
        const b = known(s.b)
        return a === null || b === null
          ? add({ t: "binary", fn: s.fn, a: idOf(s.a), b: idOf(s.b) })
          : add({ t: "const", value: foldBinary(s.fn, a, b) })
      }
      case "select": {
        const c = known(s.c)
        return c === null ? add({ t: "select", c: idOf(s.c), a: idOf(s.a), b: idOf(s.b) }) : idOf(c === 0 ? s.b : s.a)
      }
      case "guarded":
        return guarded(s.guards, () => idOf(s.a))
      case "threefry": {
        const [a, b, c, d] = s.key
        return add({ t: "threefry", key: [idOf(a), idOf(b), idOf(c), idOf(d)], count: idOf(s.count), limb: idOf(s.limb) })
      }
      case "xor16":
        return add({ t: "xor16", a: idOf(s.a), b: idOf(s.b) })
      case "acc":
        return add({ t: "acc" })
    }
  }

  /** Operands first, with an explicit work list: fused expressions can be long chains. */
  const lower = (root: Scalar): NodeId => {
    const work: { readonly s: Scalar; readonly ready: boolean }[] = [{ s: root, ready: false }]
    for (let item = work.pop(); item !== undefined; item = work.pop()) {
      const { s, ready } = item
      if (done.has(s)) continue
      if (ready) done.set(s, one(s))
      else work.push({ s, ready: true }, ...operandsOf(s).map((operand) => ({ s: operand, ready: false })))
    }
    return idOf(root)
  }

  const empty = extent.includes(0)
  const indicator = reduce?.indicator
  if (indicator !== undefined && !empty) for (const value of valuesIn([indicator.equals])) lower(value)
  return {
    nodes,
    args,
    domain,
    extent,
    combine: reduce?.combine ?? null,
    indicator:
      indicator === undefined || empty
        ? null
        : { axis: affines.variable(indicator.axis, sizes[indicator.axis] ?? 1), equals: affine(indicator.equals) },
    body: empty ? null : lower(nest.body),
    epilogue: nest.epilogue === null ? null : lower(nest.epilogue),
  }
}

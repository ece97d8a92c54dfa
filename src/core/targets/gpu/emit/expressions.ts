/** Expression nodes as statements: one operation each, every shared value once, in the outermost loop that has its operands. */
import type { Affine } from "./affine.js"
import { choice } from "./choice.js"
import * as elementary from "./elementary.js"
import { createIndices, type Indices } from "./indices.js"
import { type Condition, comparisonOf, type Ir, type Node, type NodeId } from "./ir.js"
import type { Define, Source } from "./source.js"
import { isSpecial, literal } from "./text.js"
import { limbOf, threefry, type Writer, xor16 } from "./threefry.js"
import type { SourceTraits } from "./traits.js"

export interface Expressions {
  readonly indices: Indices
  /** Emits the nodes in order; operands come first. */
  readonly emit: (ids: readonly NodeId[]) => void
  readonly name: (id: NodeId) => string
  readonly level: (id: NodeId) => number
  /** The name of a number that must not be written as a literal. */
  readonly special: (value: number) => string
  /** The larger of two, or NaN, as a value of the innermost loop. */
  readonly maximum: (a: string, b: string) => string
  /** Values of the arguments behind the special names, in order of their numbers. */
  readonly specials: () => readonly number[]
}

export const argumentName = (arg: number): string => `in${arg}`
export const specialName = (index: number): string => `s${index}`

const comparisons = { less: "<", lessEqual: "<=", equal: "===" } as const
const arithmetic: Partial<Record<string, string>> = { add: "+", sub: "-", mul: "*", div: "/" }

export const createExpressions = (ir: Ir, source: Source, traits: SourceTraits, argOf: (arg: number) => number): Expressions => {
  const names = new Map<NodeId, string>()
  const levels = new Map<NodeId, number>()
  const specials: number[] = []
  const masks = new Map<string, string>()
  const random = new Map<string, ReturnType<typeof threefry>>()

  const nodeOf = (id: NodeId): Node => {
    const node = ir.nodes[id]
    if (node === undefined) throw new Error(`no expression node ${id}`)
    return node
  }
  const special = (value: number): string => {
    const known = specials.findIndex((s) => Object.is(s, value))
    return specialName(known >= 0 ? known : specials.push(value) - 1)
  }
  const name = (id: NodeId): string => {
    const node = nodeOf(id)
    if (node.t === "const") return isSpecial(node.value) ? special(node.value) : literal(node.value)
    if (node.t === "acc") return "acc"
    const known = names.get(id)
    if (known === undefined) throw new Error(`expression node ${id} is used before it is emitted`)
    return known
  }
  const level = (id: NodeId): number => levels.get(id) ?? 0
  const highest = (...ids: readonly NodeId[]): number => Math.max(0, ...ids.map(level))
  const indices = createIndices(source, ir.domain, { name, level })

  const maximum = (define: Define, a: string, b: string): string =>
    traits.nanSafeMax ? define(`Math.max(${a}, ${b})`) : choice(define, `${a} >= ${b}`, a, choice(define, `${a} < ${b}`, b, `${a} + ${b}`))
  const minimum = (define: Define, a: string, b: string): string =>
    traits.nanSafeMax ? define(`Math.min(${a}, ${b})`) : choice(define, `${a} <= ${b}`, a, choice(define, `${a} > ${b}`, b, `${a} + ${b}`))

  /** Comparisons of one condition, each a test that is false for a NaN. */
  const tests = (c: Condition): readonly string[] => {
    const ix = indices.print(c.ix)
    if (c.t === "zero") return [`${ix} === 0.0`]
    return [...(c.lo === null ? [] : [`${ix} >= ${bound(c.lo)}`]), ...(c.hi === null ? [] : [`${ix} < ${bound(c.hi)}`])]
  }
  const bound = (n: number): string => (n < 0 ? `(-${-n}.0)` : `${n}.0`)

  /** One test for all conditions: a mask is a float, since booleans are no values everywhere. */
  const test = (conditions: readonly Condition[]): { readonly test: string; readonly level: number } => {
    const at = Math.max(...conditions.map((c) => indices.levelOf(c.ix)))
    const all = conditions.flatMap(tests)
    const [only] = all
    if (only !== undefined && all.length === 1) return { test: only, level: at }
    const key = all.join("&")
    let mask = masks.get(key)
    if (mask === undefined) {
      mask = all.slice(1).reduce((m, t) => source.define(at, `${t} ? ${m} : 0.0`), source.define(at, `${only} ? 1.0 : 0.0`))
      masks.set(key, mask)
    }
    return { test: `${mask} === 1.0`, level: at }
  }

  const load = (node: Extract<Node, { t: "load" }>): { readonly text: string; readonly level: number } => {
    const { at, size } = node
    const depth = indices.levelOf(at)
    let index = indices.print(at)
    // Only a load whose value is selected away leaves its array: it must not trap, and a NaN index becomes 0.
    if (at.bounds.lo < 0) index = source.define(depth, `${index} >= 0.0 ? ${index} : 0.0`)
    if (at.bounds.hi >= size) index = source.define(depth, `${index} <= ${Math.max(0, size - 1)}.0 ? ${index} : ${Math.max(0, size - 1)}.0`)
    return { text: `${argumentName(argOf(node.arg))}[${index}]`, level: depth }
  }

  /** `a op b ? yes : no` for a node that is a condition; a NaN is not 0. */
  const choose = (c: NodeId, yes: string, no: string): string => {
    const comparison = comparisonOf(nodeOf(c))
    return comparison === null
      ? `${name(c)} === 0.0 ? ${no} : ${yes}`
      : `${name(comparison.a)} ${comparisons[comparison.fn]} ${name(comparison.b)} ? ${yes} : ${no}`
  }

  const unary = (node: Extract<Node, { t: "unary" }>, define: Define): string => {
    const x = name(node.a)
    if (traits.native.has(node.fn)) return define(`Math.${node.fn}(${x})`)
    switch (node.fn) {
      case "neg":
        return define(`-${x}`)
      case "not":
        return define(`${x} === 0.0 ? 1.0 : 0.0`)
      case "isFinite":
        return define(`Math.abs(${x}) <= ${special(elementary.largestFloat)} ? 1.0 : 0.0`)
      case "floor":
      case "sqrt":
        return define(`Math.${node.fn}(${x})`)
      case "exp":
        return elementary.exp(define, special, x)
      case "log":
        return elementary.log(define, special, x)
      case "tanh":
        return elementary.tanh(define, x)
      case "sin":
        return elementary.sin(define, x)
      case "cos":
        return elementary.cos(define, x)
    }
  }

  const binary = (node: Extract<Node, { t: "binary" }>, define: Define): string => {
    const a = name(node.a)
    const b = name(node.b)
    const operator = arithmetic[node.fn]
    if (operator !== undefined) return define(`${a} ${operator} ${b}`)
    const comparison = comparisonOf(node)
    if (comparison !== null) return define(`${a} ${comparisons[comparison.fn]} ${b} ? 1.0 : 0.0`)
    switch (node.fn) {
      case "max":
        return maximum(define, a, b)
      case "min":
        return minimum(define, a, b)
      case "and":
        return choice(define, `${a} === 0.0`, "0.0", choice(define, `${b} === 0.0`, "0.0", "1.0"))
      case "or":
        return choice(define, `${a} === 0.0`, choice(define, `${b} === 0.0`, "0.0", "1.0"), "1.0")
      default: {
        // rem: a division that is a unit off shows in the remainder, which whole numbers give exactly
        const rest = define(`${a} - Math.floor(${a} / ${b}) * ${b}`)
        const size = define(`Math.abs(${b})`)
        const signed = choice(define, `${b} < 0.0`, `-${rest}`, rest)
        return choice(define, `${signed} < 0.0`, `${rest} + ${b}`, choice(define, `${signed} >= ${size}`, `${rest} - ${b}`, rest))
      }
    }
  }

  const one = (id: NodeId): { readonly name: string; readonly level: number } => {
    const node = nodeOf(id)
    const at =
      (depth: number): Define =>
      (expression) =>
        source.define(depth, expression)
    const writer = (depth: number): Writer => ({ add: (statement) => source.add(depth, statement), name: source.name })
    switch (node.t) {
      case "const":
      case "acc":
        return { name: name(id), level: 0 }
      case "load": {
        const { text, level: depth } = load(node)
        return { name: source.define(depth, text), level: depth }
      }
      case "index": {
        const depth = indices.levelOf(node.of)
        const text = indices.print(node.of)
        // The variable of an unrolled loop is a known number, also where it is 0.
        return { name: traits.foldsZeros && depth > 0 ? source.define(depth, `${text} + ${special(0)}`) : text, level: depth }
      }
      case "unary":
        return { name: unary(node, at(level(node.a))), level: level(node.a) }
      case "binary": {
        const depth = highest(node.a, node.b)
        return { name: binary(node, at(depth)), level: depth }
      }
      case "select": {
        const comparison = comparisonOf(nodeOf(node.c))
        const depth = highest(...(comparison === null ? [node.c] : [comparison.a, comparison.b]), node.a, node.b)
        return { name: source.define(depth, choose(node.c, name(node.a), name(node.b))), level: depth }
      }
      case "guarded": {
        const condition = test(node.conditions)
        const depth = Math.max(condition.level, level(node.a))
        return { name: source.define(depth, `${condition.test} ? ${name(node.a)} : 0.0`), level: depth }
      }
      case "xor16": {
        const depth = highest(node.a, node.b)
        const [result = ""] = xor16(writer(depth), traits.bitwise, [[name(node.a), name(node.b)]])
        return { name: result, level: depth }
      }
      case "threefry": {
        const [a, b, c, d] = node.key
        const depth = highest(...node.key, node.count)
        const key = [...node.key, node.count].join(" ")
        const words = random.get(key) ?? threefry(writer(depth), traits.bitwise, [name(a), name(b), name(c), name(d)], name(node.count))
        random.set(key, words)
        const last = Math.max(depth, level(node.limb))
        return { name: limbOf((expression) => source.define(last, expression), words, name(node.limb)), level: last }
      }
    }
  }

  return {
    indices,
    emit: (ids) => {
      for (const id of ids) {
        if (names.has(id)) continue
        const emitted = one(id)
        names.set(id, emitted.name)
        levels.set(id, emitted.level)
      }
    },
    name,
    level,
    special,
    maximum: (a, b) => maximum((expression) => source.define(ir.extent.length, expression), a, b),
    specials: () => specials,
  }
}

/** Which forms an indicator needs beside the body. */
export const indicatorForms = (ir: Ir): readonly Affine[] => (ir.indicator === null ? [] : [ir.indicator.axis, ir.indicator.equals])

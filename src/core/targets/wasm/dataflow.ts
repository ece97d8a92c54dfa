/**
 * The values that a kernel computes, as a DAG in which equal values are one node: operations on indices (i32), on indices
 * read from data (wide: f64, exact where an i32 would wrap), conditions, and elements. Arguments come before their users.
 */
import { at } from "./assembly.js"
import type { Elementary } from "./library.js"

export type Op =
  // i32; `int`, `scale`, `div` and `mod` hold their constant in `imm`, divisions are floored
  | "int"
  | "variable"
  | "pointer"
  | "add"
  | "scale"
  | "div"
  | "mod"
  | "indexOfWide"
  | "unsigned"
  // an address that moves by `imm` with each turn of the loop whose variable is the second argument
  | "walk"
  // f64
  | "wideConstant"
  | "wideOfIndex"
  | "wideOfElement"
  | "addWide"
  | "scaleWide"
  | "divWide"
  | "modWide"
  // conditions; `both` evaluates its second argument only where the first holds
  | "always"
  | "never"
  | "inRange"
  | "inRangeWide"
  | "dividesWide"
  | "truth"
  | "less"
  | "lessEqual"
  | "equal"
  | "finite"
  | "not"
  | "and"
  | "or"
  | "both"
  // elements; `load` holds [offset, input, bytes of that input]; `guarded` is 0 where its condition fails
  | "literal"
  | "acc"
  | "load"
  | "neg"
  | "abs"
  | "sqrt"
  | "floor"
  | Elementary
  | "plus"
  | "minus"
  | "times"
  | "over"
  | "max"
  | "min"
  | "rem"
  | "select"
  | "guarded"
  | "elementOfCondition"
  | "elementOfIndex"
  | "elementOfWide"
  | "limb"
  | "xor16"
  // one half of the exclusive or of two random words
  | "half"
  // two random words in an i64; in vectors their exclusive or
  | "threefry"
  // vector forms of what does not vary along the vector
  | "splat"
  | "splatCondition"

export type Kind = "index" | "wide" | "condition" | "element" | "words"

const kinds: { readonly [kind in Kind]: readonly Op[] } = {
  index: ["int", "variable", "pointer", "add", "scale", "div", "mod", "indexOfWide", "unsigned", "walk"],
  wide: ["wideConstant", "wideOfIndex", "wideOfElement", "addWide", "scaleWide", "divWide", "modWide"],
  condition: [
    "always",
    "never",
    "inRange",
    "inRangeWide",
    "dividesWide",
    "truth",
    "less",
    "lessEqual",
    "equal",
    "finite",
    "not",
    "and",
    "or",
    "both",
    "splatCondition",
  ],
  element: [
    "literal",
    "acc",
    "load",
    "neg",
    "abs",
    "sqrt",
    "floor",
    "exp",
    "decay",
    "log",
    "tanh",
    "sin",
    "cos",
    "plus",
    "minus",
    "times",
    "over",
    "max",
    "min",
    "rem",
    "select",
    "guarded",
    "elementOfCondition",
    "elementOfIndex",
    "elementOfWide",
    "limb",
    "xor16",
    "half",
    "splat",
  ],
  words: ["threefry"],
}

const kindOf = new Map<Op, Kind>((Object.keys(kinds) as Kind[]).flatMap((kind) => kinds[kind].map((op): [Op, Kind] => [op, kind])))

export interface Node {
  readonly op: Op
  readonly args: readonly number[]
  readonly imm: readonly number[]
  /** The innermost variable that it depends on, -1 for none. */
  readonly level: number
  /** Bounds of an index. */
  readonly low: number
  readonly high: number
}

/** Values that can be computed where they are not needed: they read nothing. */
export const freeOps: ReadonlySet<Op> = new Set<Op>(["int", "variable", "pointer", "walk", "add", "scale", "div", "mod", "inRange", "and"])

const showImmediate = (value: number): string => (Object.is(value, -0) ? "-0" : String(value))

const smallest = -(2 ** 31)
const largest = 2 ** 31 - 1

/** Bounds of an index node from those of its arguments. */
const bounds = (op: Op, imm: readonly number[], a: Node | undefined, b: Node | undefined): readonly [number, number] => {
  const c = imm[0] as number
  switch (op) {
    case "int":
      return [c, c]
    case "variable":
      return [0, (imm[1] as number) - 1]
    case "add":
      return [(a as Node).low + (b as Node).low, (a as Node).high + (b as Node).high]
    case "scale": {
      const [x, y] = [(a as Node).low * c, (a as Node).high * c]
      return [Math.min(x, y), Math.max(x, y)]
    }
    case "div":
      return [Math.floor((a as Node).low / c), Math.floor((a as Node).high / c)]
    case "mod":
      return [0, c - 1]
    default:
      return [smallest, largest]
  }
}

export class Dataflow {
  readonly nodes: Node[] = []
  private readonly known = new Map<string, number>()

  node(id: number): Node {
    return at(this.nodes, id)
  }

  kind(id: number): Kind {
    return kindOf.get(this.node(id).op) as Kind
  }

  make(op: Op, args: readonly number[] = [], imm: readonly number[] = []): number {
    const key = `${op} ${args.join()} ${imm.map(showImmediate).join()}`
    const known = this.known.get(key)
    if (known !== undefined) return known
    let level = op === "variable" ? (imm[0] as number) : -1
    for (const arg of args) level = Math.max(level, this.node(arg).level)
    const [low, high] = bounds(op, imm, this.nodes[args[0] as number], this.nodes[args[1] as number])
    this.nodes.push({ op, args, imm, level, low, high })
    this.known.set(key, this.nodes.length - 1)
    return this.nodes.length - 1
  }

  int(value: number): number {
    return this.make("int", [], [value])
  }

  literal(value: number): number {
    return this.make("literal", [], [value])
  }

  /** A loop variable that runs below `extent`; inner loops have higher levels. */
  variable(level: number, extent: number): number {
    return this.make("variable", [], [level, extent])
  }

  and(a: number, b: number): number {
    if (this.node(a).op === "always") return b
    if (this.node(b).op === "always") return a
    if (this.node(a).op === "never" || this.node(b).op === "never") return this.make("never")
    return this.make(this.isIndexCondition(b) ? "and" : "both", [a, b])
  }

  /** Conditions on loop variables alone are cheap and can be evaluated anywhere. */
  private isIndexCondition(id: number): boolean {
    const { op, args } = this.node(id)
    if (op === "and") return args.every((a) => this.isIndexCondition(a))
    return op === "inRange"
  }

  /** Whether a value is made of loop variables and addresses alone, so that it can be computed anywhere that these are known. */
  isFree(id: number): boolean {
    const { op, args } = this.node(id)
    return freeOps.has(op) && args.every((arg) => this.isFree(arg))
  }

  guarded(condition: number, value: number): number {
    const { op } = this.node(condition)
    if (op === "always") return value
    if (op === "never") return this.literal(0)
    return this.make("guarded", [condition, value])
  }

  /** An element as a condition: not 0. */
  truth(value: number): number {
    const node = this.node(value)
    if (node.op === "elementOfCondition") return at(node.args, 0)
    if (node.op === "literal") return this.make(node.imm[0] !== 0 ? "always" : "never")
    return this.make("truth", [value])
  }

  select(condition: number, a: number, b: number): number {
    const { op } = this.node(condition)
    if (op === "always" || a === b) return a
    if (op === "never") return b
    return this.make("select", [condition, a, b])
  }

  /** A whole number from -2^31 to 2^32 - 1 as the i32 that is equal to it modulo 2^32. */
  unsigned(value: number): number {
    const node = this.node(value)
    if (node.op === "elementOfIndex") return at(node.args, 0)
    if (node.op === "literal") return this.int(at(node.imm, 0) | 0)
    return this.make("unsigned", [value])
  }

  /** Exclusive or of two numbers of 16 bits, given as i32. */
  xor16(a: number, b: number): number {
    const [words, high] = this.limb(a)
    const [others, low] = this.limb(b)
    return words >= 0 && words === others && low - high === 2 ? this.make("half", [words], [high]) : this.make("xor16", [a, b])
  }

  /** The random words that a number is a limb of, and which; -1 for another. */
  private limb(value: number): readonly [words: number, limb: number] {
    const { op, args } = this.node(value)
    const inner = op === "unsigned" ? this.node(at(args, 0)) : null
    const which = inner?.op === "limb" ? this.node(at(inner.args, 1)) : null
    return inner === null || which?.op !== "int" ? [-1, 0] : [at(inner.args, 0), at(which.imm, 0)]
  }

  /** Per node, whether a root needs it. */
  needed(roots: readonly number[]): Uint8Array {
    const needed = new Uint8Array(this.nodes.length)
    for (const root of roots) needed[root] = 1
    for (let id = needed.length - 1; id >= 0; id--) if (needed[id] === 1) for (const arg of this.node(id).args) needed[arg] = 1
    return needed
  }
}

/** Scalar expressions of index notation as nodes, element by element over all loop variables at once. */
import type { BinaryFn, Ix, Scalar, UnaryFn } from "../../core/index.js"
import { type Builder, type Kind, scalar, type Value } from "./builder.js"
import { asValue, indexOf, type Loops, maskOf } from "./indices.js"
import { loaded, masked, type Operand } from "./loads.js"
import { NoCounterpart } from "./no-counterpart.js"
import { cast, chosen, pointwiseNode } from "./values.js"

/** A value, or a number that takes the kind of what it meets. */
type Term = Value | number

/** What scalars are evaluated over. */
export interface Scope {
  readonly b: Builder
  readonly sizes: readonly number[]
  readonly operands: readonly Operand[]
  /** In an epilogue the reduced value. */
  readonly acc: Value | null
}

export interface Evaluated extends Loops {
  /** A scalar as a value of a kind. */
  readonly as: (s: Scalar, kind: Kind) => Value
}

const OPERATORS: Readonly<Partial<Record<UnaryFn | BinaryFn, string>>> = {
  neg: "Neg",
  exp: "Exp",
  log: "Log",
  tanh: "Tanh",
  sqrt: "Sqrt",
  sin: "Sin",
  cos: "Cos",
  floor: "Floor",
  add: "Add",
  sub: "Sub",
  mul: "Mul",
  div: "Div",
  max: "Max",
  min: "Min",
  less: "Less",
  lessEqual: "LessOrEqual",
  equal: "Equal",
  and: "And",
  or: "Or",
  not: "Not",
}

const operatorOf = (fn: UnaryFn | BinaryFn): string => OPERATORS[fn] ?? fn

/** Scalars over loop variables; each is made once, however often a formula uses it. */
export const evaluating = ({ b, sizes, operands, acc }: Scope): Evaluated => {
  const done = new Map<Scalar, Term>()
  const rank = sizes.length
  const typed = (term: Term, kind: Kind): Value => (typeof term === "number" ? literal(term, kind) : cast(b, term, kind))
  const literal = (value: number, kind: Kind): Value => scalar(b, kind, kind === "bool" ? Number(value !== 0) : value, rank)

  /** The kind in which two terms meet: a number that is whole takes that of whole numbers. */
  const joint = (x: Term, y: Term): Kind => {
    const kinds = [x, y].map((t): Kind | null => (typeof t !== "number" ? t.kind : Number.isSafeInteger(t) ? null : "float"))
    if (kinds.includes("float")) return "float"
    if (kinds.includes("int")) return "int"
    return kinds.includes("bool") && ![x, y].some((t) => typeof t === "number" && t !== 0 && t !== 1) ? "bool" : "float"
  }
  const number = (kind: Kind): Kind => (kind === "bool" ? "int" : kind)
  const node = (fn: UnaryFn | BinaryFn, terms: readonly Term[], taken: Kind, made: Kind): Value =>
    pointwiseNode(
      b,
      operatorOf(fn),
      terms.map((t) => typed(t, taken)),
      made,
    )

  const unary = (fn: UnaryFn, x: Term): Term => {
    if (fn === "not") return node("not", [x], "bool", "bool")
    if (fn === "neg") return typeof x === "number" ? -x : node(fn, [x], number(x.kind), number(x.kind))
    if (fn === "floor" && typeof x !== "number" && x.kind !== "float") return x
    const float = typed(x, "float")
    if (fn !== "isFinite") return node(fn, [float], "float", "float")
    const [nan, infinite] = [pointwiseNode(b, "IsNaN", [float], "bool"), pointwiseNode(b, "IsInf", [float], "bool")]
    return pointwiseNode(b, "Not", [pointwiseNode(b, "Or", [nan, infinite], "bool")], "bool")
  }

  const binary = (fn: BinaryFn, x: Term, y: Term): Term => {
    switch (fn) {
      case "and":
      case "or":
        return node(fn, [x, y], "bool", "bool")
      case "equal":
        return node(fn, [x, y], joint(x, y), "bool")
      case "less":
      case "lessEqual":
        return node(fn, [x, y], number(joint(x, y)), "bool")
      case "div":
        return node(fn, [x, y], "float", "float")
      case "rem": {
        const kind = number(joint(x, y))
        if (kind === "int") return pointwiseNode(b, "Mod", [typed(x, kind), typed(y, kind)], kind)
        const whole = node("floor", [node("div", [x, y], "float", "float")], "float", "float")
        return node("sub", [x, node("mul", [y, whole], "float", "float")], "float", "float")
      }
      default: {
        const kind = number(joint(x, y))
        return node(fn, [x, y], kind, kind)
      }
    }
  }

  const operation = (s: Scalar): Term => {
    switch (s.t) {
      case "lit":
        return s.value
      case "epsilon":
        return b.precision === "float32" ? 2 ** -23 : 2 ** -52
      case "load":
        return loaded(loops, operands[s.input] as Operand, s.at, s.guards)
      case "ix":
        return index(s.ix)
      case "unary":
        return unary(s.fn, term(s.a))
      case "binary":
        return binary(s.fn, term(s.a), term(s.b))
      case "select": {
        const [x, y] = [term(s.a), term(s.b)]
        const kind = joint(x, y)
        return chosen(b, typed(term(s.c), "bool"), typed(x, kind), typed(y, kind))
      }
      case "guarded":
        return masked(b, loops.valueOf(s.a), maskOf(loops, s.guards))
      case "acc":
        return acc as Value // stands in epilogues alone, which have one
      case "threefry":
      case "xor16":
        throw new NoCounterpart(
          "ONNX draws no random numbers from a key; close the function over the key, and what is drawn from it is computed at export",
        )
    }
  }
  const index = (ix: Ix): Value => asValue(b, indexOf(loops, ix))
  const term = (s: Scalar): Term => {
    const before = done.get(s)
    if (before !== undefined) return before
    const made = operation(s)
    done.set(s, made)
    return made
  }
  const loops: Loops = {
    b,
    sizes,
    valueOf: (s) => {
      const t = term(s)
      return typeof t === "number" ? literal(t, "float") : t
    },
  }
  return { ...loops, as: (s, kind) => typed(term(s), kind) }
}

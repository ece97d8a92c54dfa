/** From index notation to the dataflow of a kernel, for given loop variables. */
import { type BinaryFn, type Guard, type Ix, partsOf, type Scalar, type UnaryFn } from "../../compile/nest.js"
import { type Affine, atom, bounds, constant, div, materialize, mod, plus, recombine, times } from "./affine.js"
import type { Arithmetic } from "./arithmetic.js"
import { at } from "./assembly.js"
import type { Dataflow } from "./dataflow.js"

/** A buffer that a kernel reads: the node of its address and its shape. */
export interface Operand {
  readonly pointer: number
  readonly shape: readonly number[]
}

export const stridesOf = (shape: readonly number[]): number[] => {
  const strides = new Array<number>(shape.length).fill(1)
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = at(strides, i + 1) * at(shape, i + 1)
  return strides
}

type Tree = Scalar | Ix

/** What is known of an expression once it is lowered: a scalar's node, or an index's affine form and, for data, its exact value. */
interface Lowered {
  readonly node: number
  readonly index: Affine
  /** The node of the exact value in float64 where the index depends on data. */
  readonly wide: number | null
}

const ofNode = (node: number): Lowered => ({ node, index: constant(0), wide: null })

const unaryOps = { exp: "exp", log: "log", tanh: "tanh", sin: "sin", cos: "cos", sqrt: "sqrt", floor: "floor", neg: "neg" } as const
const arithmeticOps = { add: "plus", sub: "minus", mul: "times", div: "over", max: "max", min: "min", rem: "rem" } as const
const compareOps = { less: "less", lessEqual: "lessEqual", equal: "equal" } as const

/** What a lowering may build upon. */
export interface Known {
  /** Conditions that hold. */
  readonly holds?: ReadonlySet<number>
  /** The variable with which addresses walk: each turn of its loop adds to them what one step is. -1 or absent for none. */
  readonly walking?: number
}

export class Lowering {
  private readonly done = new Map<Tree, Lowered>()

  /** `axes[a]` is loop variable `a` of the nest in terms of the variables of the loops that are emitted. */
  constructor(
    readonly flow: Dataflow,
    private readonly num: Arithmetic,
    private readonly axes: readonly Affine[],
    private readonly operands: readonly Operand[],
    /** The node that `acc` stands for. */
    private readonly acc: number,
    private readonly known: Known = {},
  ) {}

  scalar(root: Scalar): number {
    return this.lowered(root).node
  }

  index(root: Ix): Affine {
    return this.lowered(root).index
  }

  /** `index` lies in [0, n), whole. */
  within(root: Ix, n: number): number {
    return this.guard({ t: "range", ix: root, lo: 0, hi: n }, this.lowered(root))
  }

  /** Lowers what `root` needs, arguments first, each expression object once and without recursion. */
  private lowered(root: Tree): Lowered {
    const stack: Tree[] = [root]
    while (stack.length > 0) {
      const top = at(stack, stack.length - 1)
      const before = stack.length
      if (!this.done.has(top)) for (const child of partsOf(top)) if (!this.done.has(child)) stack.push(child)
      if (stack.length > before) continue
      stack.pop()
      if (!this.done.has(top)) this.done.set(top, this.step(top))
    }
    return this.of(root)
  }

  private of(x: Tree): Lowered {
    return this.done.get(x) as Lowered
  }

  private step(x: Tree): Lowered {
    const { flow } = this
    switch (x.t) {
      case "const":
      case "var":
      case "add":
      case "mul":
      case "div":
      case "mod":
      case "value":
        return this.indexStep(x)
      case "lit":
        return ofNode(flow.literal(this.num.precision === "float32" ? Math.fround(x.value) : x.value))
      case "epsilon":
        return ofNode(flow.literal(this.num.epsilon))
      case "acc":
        return ofNode(this.acc)
      case "ix":
        return ofNode(this.element(this.of(x.ix)))
      case "load":
        return ofNode(flow.guarded(this.guards(x.guards), this.load(x.input, x.at)))
      case "guarded":
        return ofNode(flow.guarded(this.guards(x.guards), this.of(x.a).node))
      case "unary":
        return ofNode(this.unary(x.fn, this.of(x.a).node))
      case "binary":
        return ofNode(this.binary(x.fn, this.of(x.a).node, this.of(x.b).node))
      case "select":
        return ofNode(flow.select(flow.truth(this.of(x.c).node), this.of(x.a).node, this.of(x.b).node))
      case "threefry": {
        const [k0, k1, k2, k3] = x.key.map((limb) => flow.unsigned(this.of(limb).node)) as [number, number, number, number]
        const words = flow.make("threefry", [k0, k1, k2, k3, flow.unsigned(this.of(x.count).node)])
        return ofNode(flow.make("limb", [words, flow.unsigned(this.of(x.limb).node)]))
      }
      case "xor16":
        return ofNode(flow.xor16(flow.unsigned(this.of(x.a).node), flow.unsigned(this.of(x.b).node)))
    }
  }

  private indexStep(x: Ix): Lowered {
    const { flow } = this
    const lowered = (index: Affine, wide: number | null): Lowered => ({ node: -1, index, wide })
    const wideOf = (y: Lowered): number => this.wide(y)
    switch (x.t) {
      case "const":
        return lowered(constant(x.value), null)
      case "var":
        return lowered(at(this.axes, x.axis), null)
      case "value": {
        const wide = flow.make("wideOfElement", [this.of(x.of).node])
        return lowered(atom(flow.make("indexOfWide", [wide])), wide)
      }
      case "add": {
        const [a, b] = [this.of(x.a), this.of(x.b)]
        const wide = a.wide === null && b.wide === null ? null : flow.make("addWide", [wideOf(a), wideOf(b)])
        return lowered(plus(a.index, b.index), wide)
      }
      case "mul": {
        const a = this.of(x.a)
        return lowered(times(a.index, x.by), a.wide === null ? null : flow.make("scaleWide", [a.wide], [x.by]))
      }
      case "div": {
        const a = this.of(x.a)
        return lowered(div(flow, a.index, x.by), a.wide === null ? null : flow.make("divWide", [a.wide], [x.by]))
      }
      case "mod": {
        const a = this.of(x.a)
        return lowered(mod(flow, a.index, x.by), a.wide === null ? null : flow.make("modWide", [a.wide], [x.by]))
      }
    }
  }

  private wide(x: Lowered): number {
    if (x.wide !== null) return x.wide
    const { flow } = this
    if (x.index.terms.size === 0) return flow.make("wideConstant", [], [x.index.constant])
    return flow.make("wideOfIndex", [materialize(flow, x.index)])
  }

  /** An index as an element. */
  private element(x: Lowered): number {
    const { flow } = this
    if (x.wide !== null) return flow.make("elementOfWide", [x.wide])
    const index = recombine(flow, x.index)
    return index.terms.size === 0 ? flow.literal(index.constant) : flow.make("elementOfIndex", [materialize(flow, index)])
  }

  private guards(guards: readonly Guard[]): number {
    const { flow } = this
    let all = flow.make("always")
    // Those on loop variables come first: they are cheap, and what another one reads may be out of range where they fail.
    for (const g of guards) if (this.of(g.ix).wide === null) all = flow.and(all, this.guard(g, this.of(g.ix)))
    for (const g of guards) if (this.of(g.ix).wide !== null) all = flow.and(all, this.guard(g, this.of(g.ix)))
    return all
  }

  private guard(g: Guard, { index, wide }: Lowered): number {
    const { flow } = this
    if (wide !== null) {
      if (g.t === "range") return flow.make("inRangeWide", [wide], [g.lo, g.hi])
      return flow.make("dividesWide", [wide], [g.by])
    }
    if (g.t === "range") return this.inRange(recombine(flow, index), g.lo, g.hi)
    return this.inRange(mod(flow, index, g.by), 0, 1)
  }

  private inRange(index: Affine, lo: number, hi: number): number {
    const { flow } = this
    const [low, high] = bounds(flow, index)
    if (low >= lo && high < hi) return flow.make("always")
    if (high < lo || low >= hi) return flow.make("never")
    const terms = materialize(flow, { constant: 0, terms: index.terms })
    const condition = flow.make("inRange", [terms], [lo - index.constant, hi - index.constant])
    return this.known.holds?.has(condition) === true ? flow.make("always") : condition
  }

  private load(input: number, at_: readonly Ix[]): number {
    const operand = at(this.operands, input)
    const strides = stridesOf(operand.shape)
    const offset = at_.reduce((sum, ix, i) => plus(sum, times(this.of(ix).index, at(strides, i))), constant(0))
    return this.loadAt(input, offset)
  }

  /** The element of an operand at an offset. */
  loadAt(input: number, offset: Affine): number {
    const { flow } = this
    const operand = at(this.operands, input)
    const { address, immediate } = this.address(operand.pointer, offset)
    const size = operand.shape.reduce((n, d) => n * d, this.num.bytes)
    return flow.make("load", [address], [immediate, operand.pointer, size])
  }

  /** The address of an element, as a node and an offset that is part of the instruction. */
  address(pointer: number, offset: Affine): { readonly address: number; readonly immediate: number } {
    const { flow } = this
    const bytes = times(recombine(flow, offset), this.num.bytes)
    // The offset of an instruction is unsigned and doesn't wrap, so the rest must not be negative.
    const foldable = bytes.constant > 0 && bounds(flow, bytes)[0] >= bytes.constant
    const rest = foldable ? { constant: 0, terms: bytes.terms } : bytes
    const { walking = -1 } = this.known
    const step = rest.terms.get(walking) ?? 0
    const still = materialize(flow, step === 0 ? rest : plus(rest, times(atom(walking), -step)), pointer)
    // a division may hold the variable as well; and what is read from data may be known only where a condition holds, not before the loop
    const walks = step !== 0 && flow.node(still).level < flow.node(walking).level && flow.isFree(still)
    return {
      address: walks ? flow.make("walk", [still, walking], [step]) : materialize(flow, rest, pointer),
      immediate: foldable ? bytes.constant : 0,
    }
  }

  private unary(fn: UnaryFn, a: number): number {
    const { flow } = this
    if (fn === "not") return flow.make("elementOfCondition", [flow.make("not", [flow.truth(a)])])
    if (fn === "isFinite") return flow.make("elementOfCondition", [flow.make("finite", [a])])
    const { op, args } = flow.node(a)
    const [b] = args
    // e^-|x| is less work than e^x, as it can't overflow
    if (fn === "exp" && op === "neg" && b !== undefined && flow.node(b).op === "abs") return flow.make("decay", flow.node(b).args)
    return flow.make(unaryOps[fn], [a])
  }

  private binary(fn: BinaryFn, a: number, b: number): number {
    const { flow } = this
    switch (fn) {
      case "less":
      case "lessEqual":
      case "equal":
        return flow.make("elementOfCondition", [flow.make(compareOps[fn], [a, b])])
      case "and":
      case "or":
        return flow.make("elementOfCondition", [flow.make(fn, [flow.truth(a), flow.truth(b)])])
      case "max":
        // |x|
        return flow.node(b).op === "neg" && flow.node(b).args[0] === a ? flow.make("abs", [a]) : flow.make("max", [a, b])
      default:
        return flow.make(arithmeticOps[fn], [a, b])
    }
  }
}

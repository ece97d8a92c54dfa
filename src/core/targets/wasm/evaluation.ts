/**
 * Emits placed dataflow. In a vector evaluation, values that depend on the vector variable are vectors, in one or more
 * copies that lie side by side; indices are then those of the first lane of the first copy.
 */

import type { Lanes } from "./arithmetic.js"
import { at, simd } from "./assembly.js"
import type { Dataflow, Node, Op } from "./dataflow.js"
import { F64, type Fn, I32, I64, V128, type ValType } from "./emitter.js"
import type { Elementary, Library } from "./library.js"
import { type Placement, place, type Regions, type Root } from "./placement.js"

export interface VectorMode {
  /** Per node: depends on the vector variable, so it differs between lanes and copies. Indices are not counted. */
  readonly varying: Uint8Array
  /** Per node: how much an index grows from one lane to the next. */
  readonly slope: Float64Array
  readonly copies: number
}

export interface EvaluationInput {
  readonly f: Fn
  readonly flow: Dataflow
  readonly library: Library
  readonly regions: Regions
  readonly roots: readonly Root[]
  readonly homes: ReadonlyMap<number, number>
  /** Locals of variables and pointers. */
  readonly locals: ReadonlyMap<number, number>
  readonly vector: VectorMode | null
}

const laneOps: { readonly [op in Op]?: Exclude<keyof Lanes, "type"> } = {
  neg: "neg",
  sqrt: "sqrt",
  floor: "floor",
  plus: "add",
  minus: "sub",
  times: "mul",
  over: "div",
  max: "max",
  min: "min",
  less: "less",
  lessEqual: "lessEqual",
  equal: "equal",
}

const elementaryOps = new Set<Op>(["exp", "log", "tanh", "sin", "cos"])

export class Evaluation {
  private readonly placement: Placement
  /** Locals of named values, by copy. */
  private readonly values = new Map<number, number[]>()
  private readonly accs: number[] = []

  constructor(private readonly input: EvaluationInput) {
    const { flow, regions, roots, homes, vector } = input
    this.placement = place({
      flow,
      regions,
      roots,
      homes,
      uses: (user, used) => (vector !== null && vector.varying[user] === 1 && vector.varying[used] === 0 ? vector.copies : 1),
      eager: (id) => this.isVarying(at(flow.node(id).args, 0)),
    })
  }

  /** The local that holds the reduced value of a copy. */
  bindAcc(local: number, copy = 0): void {
    this.accs[copy] = local
  }

  /** Emits the statements of a region: all copies, or one of them. */
  begin(region: number, copy: number | null = null): void {
    for (const id of this.placement.statements.get(region) ?? []) {
      const copies = this.isVarying(id) ? (this.input.vector?.copies ?? 1) : 1
      const first = copies === 1 ? 0 : (copy ?? 0)
      const last = copies === 1 || copy !== null ? first : copies - 1
      for (let c = first; c <= last; c++) {
        this.compute(id, c)
        this.input.f.set(this.local(id, c))
      }
    }
  }

  /** Leaves a value on the stack. */
  push(id: number, copy = 0): void {
    if (this.placement.named[id] === 1) this.input.f.get(this.local(id, this.isVarying(id) ? copy : 0))
    else this.compute(id, copy)
  }

  /** Whether the value is a vector. */
  isVector(id: number): boolean {
    const { op } = this.input.flow.node(id)
    return op === "splat" || op === "splatCondition" || this.isVarying(id)
  }

  private isVarying(id: number): boolean {
    return this.input.vector?.varying[id] === 1
  }

  private local(id: number, copy: number): number {
    const locals = this.values.get(id) ?? []
    if (locals.length === 0) this.values.set(id, locals)
    locals[copy] ??= this.input.f.local(this.type(id))
    return locals[copy]
  }

  private type(id: number): ValType {
    if (this.isVector(id)) return V128
    switch (this.input.flow.kind(id)) {
      case "index":
      case "condition":
        return I32
      case "wide":
        return F64
      case "words":
        return I64
      case "element":
        return this.input.library.num.scalar.type
    }
  }

  private compute(id: number, copy: number): void {
    const { f, flow, library } = this.input
    const node = flow.node(id)
    const vector = this.isVector(id)
    const lanes = vector ? library.num.vector : library.num.scalar
    const same = laneOps[node.op]
    if (same !== undefined) {
      this.pushAll(node, copy)
      f.op(lanes[same])
    } else if (elementaryOps.has(node.op)) {
      this.pushAll(node, copy)
      const name = node.op as Elementary
      f.call(vector ? library.vectorElementary(name) : library.elementary(name))
    } else if (flow.kind(id) === "index") this.index(id, node)
    else if (flow.kind(id) === "wide") this.wide(node)
    else if (flow.kind(id) === "condition") this.condition(id, node, copy)
    else this.element(id, node, copy)
  }

  private pushAll(node: Node, copy: number): void {
    for (const arg of node.args) this.push(arg, copy)
  }

  private index(id: number, { op, args, imm }: Node): void {
    const { f, flow, library } = this.input
    const by = imm[0] as number
    const a = args[0] as number
    const powerOfTwo = Number.isInteger(Math.log2(by))
    switch (op) {
      case "int":
        return f.i32(by)
      case "variable":
      case "pointer":
        return f.get(this.input.locals.get(id) as number)
      case "add":
        this.push(a)
        this.push(args[1] as number)
        return f.op([0x6a])
      case "scale":
        this.push(a)
        f.i32(powerOfTwo ? Math.log2(by) : by)
        return f.op([powerOfTwo ? 0x74 : 0x6c])
      case "div":
        this.push(a)
        if (powerOfTwo) {
          f.i32(Math.log2(by))
          return f.op([0x75])
        }
        if (flow.node(a).low < 0) this.addWhereNegative(1 - by)
        f.i32(by)
        return f.op([flow.node(a).low < 0 ? 0x6d : 0x6e])
      case "mod":
        this.push(a)
        f.i32(powerOfTwo ? by - 1 : by)
        if (powerOfTwo) return f.op([0x71])
        f.op([flow.node(a).low < 0 ? 0x6f : 0x70])
        if (flow.node(a).low < 0) this.addWhereNegative(by)
        return
      case "indexOfWide":
        this.push(a)
        return f.op([0xfc, 2])
      default:
        this.push(a)
        return f.op(library.num.toU32)
    }
  }

  /** Adds a constant to the i32 on the stack if that is negative. */
  private addWhereNegative(value: number): void {
    const { f } = this.input
    const x = f.local(I32)
    f.tee(x)
    f.get(x)
    f.i32(31)
    f.op([0x75])
    f.i32(value)
    f.op([0x71])
    f.op([0x6a])
  }

  private wide({ op, args, imm }: Node): void {
    const { f, library } = this.input
    const by = imm[0] as number
    if (op === "wideConstant") return f.f64(by)
    this.push(args[0] as number)
    switch (op) {
      case "wideOfIndex":
        return f.op([0xb7])
      case "wideOfElement":
        return f.op(library.num.toF64)
      case "addWide":
        this.push(args[1] as number)
        return f.op([0xa0])
      case "scaleWide":
        f.f64(by)
        return f.op([0xa2])
      case "divWide":
        f.f64(by)
        f.op([0xa3])
        return f.op([0x9c])
      default:
        return this.remainderWide(by)
    }
  }

  /** The floored remainder of the f64 on the stack. */
  private remainderWide(by: number): void {
    const { f } = this.input
    const x = f.local(F64)
    f.tee(x)
    f.get(x)
    f.f64(by)
    f.op([0xa3])
    f.op([0x9c])
    f.f64(by)
    f.op([0xa2])
    f.op([0xa1])
  }

  private condition(id: number, { op, args, imm }: Node, copy: number): void {
    const { f, library } = this.input
    const { num } = library
    const vector = this.isVector(id)
    const lanes = vector ? num.vector : num.scalar
    const a = args[0] as number
    const [lo, hi] = imm as readonly [number, number]
    switch (op) {
      case "always":
        return f.i32(1)
      case "never":
        return f.i32(0)
      case "inRange":
        // one unsigned comparison for both bounds
        this.push(a)
        f.i32(lo)
        f.op([0x6b])
        f.i32(hi - lo)
        return f.op([0x49])
      case "inRangeWide": {
        const x = f.local(F64)
        this.push(a)
        f.tee(x)
        f.f64(lo)
        f.op([0x66])
        f.get(x)
        f.f64(hi)
        f.op([0x63])
        return f.op([0x71])
      }
      case "dividesWide":
        this.push(a)
        this.remainderWide(lo)
        f.f64(0)
        return f.op([0x61])
      case "truth":
        this.push(a, copy)
        if (vector) num.vectorConstant(f, () => 0)
        else num.constant(f, 0)
        return f.op(lanes.notEqual)
      case "finite":
        this.push(a, copy)
        f.op(lanes.abs)
        if (vector) num.vectorConstant(f, () => Infinity)
        else num.constant(f, Infinity)
        return f.op(lanes.less)
      case "not":
        this.push(a, copy)
        return f.op(vector ? simd(77) : [0x45])
      case "and":
      case "or":
        this.push(a, copy)
        this.push(args[1] as number, copy)
        if (vector) return f.op(simd(op === "and" ? 78 : 80))
        return f.op([op === "and" ? 0x71 : 0x72])
      case "splatCondition":
        f.i32(0)
        this.push(a)
        f.op([0x6b])
        return f.op(simd(17))
      default: {
        const [inside] = this.placement.sides.get(id) as readonly [number]
        this.push(a)
        return f.if(
          I32,
          () => {
            this.begin(inside)
            this.push(args[1] as number)
          },
          () => f.i32(0),
        )
      }
    }
  }

  private element(id: number, node: Node, copy: number): void {
    const { f, library } = this.input
    const { num } = library
    const { op, args, imm } = node
    const [a, b] = args as readonly [number, number]
    const vector = this.isVector(id)
    switch (op) {
      case "literal":
        return num.constant(f, imm[0] as number)
      case "acc":
        return f.get(at(this.accs, copy))
      case "load":
        return this.load(id, node, copy)
      case "rem":
        return this.remainder(node, copy, vector ? num.vector : num.scalar)
      case "select":
        return this.select(id, node, copy)
      case "guarded":
        this.push(a)
        return f.if(
          vector ? V128 : num.scalar.type,
          () => {
            this.begin(at(this.placement.sides.get(id) as readonly number[], 0), copy)
            this.push(b, copy)
          },
          () => (vector ? num.vectorConstant(f, () => 0) : num.constant(f, 0)),
        )
      case "elementOfCondition":
        this.push(a, copy)
        if (!vector) return f.op(num.fromI32)
        num.vectorConstant(f, () => 1)
        return f.op(simd(78))
      case "elementOfIndex":
        this.push(a)
        f.op(num.fromI32)
        if (vector) this.spread(at(this.input.vector?.slope as Float64Array, a), copy)
        return
      case "elementOfWide":
        this.push(a)
        // an index has no negative zero
        f.f64(0)
        f.op([0xa0])
        return f.op(num.fromF64)
      case "limb":
        return this.limb(a, b)
      case "xor16":
        this.pushAll(node, copy)
        f.op([0x73])
        return f.op(num.fromI32)
      case "splat":
        this.push(a)
        return f.op(num.splat)
      default: {
        // threefry: the key's words from its limbs, the counter (0, count)
        for (const word of [0, 2]) {
          this.push(at(args, word))
          f.i32(16)
          f.op([0x74])
          this.push(at(args, word + 1))
          f.op([0x72])
        }
        f.i32(0)
        this.push(at(args, 4))
        return f.call(library.threefry())
      }
    }
  }

  private load(id: number, { args, imm }: Node, copy: number): void {
    const { f, library, locals } = this.input
    const { num } = library
    const [offset, pointer, size] = imm as readonly [number, number, number]
    const vector = this.isVarying(id)
    const type = vector ? V128 : num.scalar.type
    const opcode = vector ? num.vector.load : num.scalar.load
    const ahead = vector ? copy * 16 : 0
    this.push(args[0] as number)
    if (this.placement.speculative[id] === 0) return f.memory(opcode, offset + ahead)
    const address = f.local(I32)
    f.tee(address)
    f.i32(offset)
    f.op([0x6a])
    f.get(locals.get(pointer) as number)
    f.op([0x6b])
    f.i32(Math.max(0, size - ahead - (vector ? 16 : num.bytes) + 1))
    f.op([0x49])
    f.if(
      type,
      () => {
        f.get(address)
        f.memory(opcode, offset + ahead)
      },
      () => (vector ? num.vectorConstant(f, () => 0) : num.constant(f, 0)),
    )
  }

  private select(id: number, { args }: Node, copy: number): void {
    const { f, library } = this.input
    const [c, a, b] = args as readonly [number, number, number]
    const vector = this.isVector(id)
    const type = vector ? V128 : library.num.scalar.type
    const sides = this.placement.sides.get(id)
    if (sides !== undefined) {
      this.push(c)
      return f.if(
        type,
        () => {
          this.begin(at(sides, 0), copy)
          this.push(a, copy)
        },
        () => {
          this.begin(at(sides, 1), copy)
          this.push(b, copy)
        },
      )
    }
    this.push(a, copy)
    this.push(b, copy)
    this.push(c, copy)
    if (this.isVector(c)) f.op(simd(82))
    else f.select(type)
  }

  /** `a - floor(a / b) b` */
  private remainder({ args }: Node, copy: number, lanes: Lanes): void {
    const { f } = this.input
    const [a, b] = [f.local(lanes.type), f.local(lanes.type)]
    this.push(args[0] as number, copy)
    f.tee(a)
    f.get(a)
    this.push(args[1] as number, copy)
    f.tee(b)
    f.op(lanes.div)
    f.op(lanes.floor)
    f.get(b)
    f.op(lanes.mul)
    f.op(lanes.sub)
  }

  /** Turns the element of the first lane on the stack into the vector of a copy, `slope` apart. */
  private spread(slope: number, copy: number): void {
    const { f, library } = this.input
    const { num } = library
    f.op(num.splat)
    num.vectorConstant(f, (lane) => slope * (copy * num.width + lane))
    f.op(num.vector.add)
  }

  /** Limb 0 is the high half of the first word, which is the high half of the i64. */
  private limb(words: number, limb: number): void {
    const { f, library } = this.input
    this.push(words)
    f.i64(48n)
    this.push(limb)
    f.op([0xac])
    f.i64(16n)
    f.op([0x7e])
    f.op([0x7d])
    f.op([0x88])
    f.op([0xa7])
    f.i32(0xffff)
    f.op([0x71])
    f.op(library.num.fromI32)
  }
}

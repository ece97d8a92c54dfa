/**
 * Emits placed dataflow. In a vector evaluation, values that depend on the vector variable are vectors, in one or more
 * copies that lie side by side; indices are then those of the first lane of the first copy.
 */
import { at, bind, get } from "./assembly.js"
import { emitCondition } from "./conditions.js"
import type { Dataflow, Node } from "./dataflow.js"
import { exps32 } from "./elementary32.js"
import { elementaryOps, emitElement, laneOps } from "./elements.js"
import { F64, type Fn, I32, I64, V128, type ValType } from "./emitter.js"
import { emitIndex, emitWide } from "./indices.js"
import type { Elementary, Library } from "./library.js"
import { type Placement, place, type Regions, type Root } from "./placement.js"
import { Form, type Values, type VectorMode } from "./values.js"

/**
 * How many elementary functions of vectors are written in place, where the engine keeps their constants in registers: a third faster than
 * calls. Further ones are calls, so that code stays short.
 */
const EXPANSIONS = 8

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

export class Evaluation implements Values {
  readonly f: Fn
  readonly flow: Dataflow
  readonly library: Library
  readonly locals: ReadonlyMap<number, number>
  private readonly placement: Placement
  private readonly vector: VectorMode | null
  /** Locals of named values, by copy. */
  private readonly values = new Map<number, number[]>()
  private readonly accs = new Map<number, number[]>()
  private readonly walking: readonly number[]
  private expanded = 0

  constructor({ f, flow, library, regions, roots, homes, locals, vector }: EvaluationInput) {
    this.f = f
    this.flow = flow
    this.library = library
    this.locals = locals
    this.vector = vector
    this.placement = place({
      flow,
      regions,
      roots,
      homes,
      uses: (user, used) => (this.isVarying(user) && !this.isVarying(used) ? this.copies : 1),
      eager: (id) => this.isVarying(at(flow.node(id).args, 0)),
    })
    this.walking = [...flow.nodes.keys()].filter((id) => flow.node(id).op === "walk" && at(this.placement.region, id) >= 0)
  }

  /** The local that holds a reduced value, an `acc`, of a copy. */
  bindAcc(id: number, local: number, copy = 0): void {
    const locals = this.accs.get(id) ?? []
    locals[copy] = local
    this.accs.set(id, locals)
  }

  acc(id: number, copy: number): number {
    return at(this.accs.get(id) as number[], copy)
  }

  slope(id: number): number {
    return at(this.vector?.slope as Float64Array, id)
  }

  /** Emits the statements of a region: all copies, or one of them. */
  begin(region: number, copy: number | null = null): void {
    for (const id of this.placement.statements.get(region) ?? []) {
      if (copy === null && this.together(id)) {
        this.powers(id)
        continue
      }
      const copies = this.isVarying(id) ? this.copies : 1
      const first = copies === 1 ? 0 : (copy ?? 0)
      const last = copies === 1 || copy !== null ? first : copies - 1
      for (let c = first; c <= last; c++) {
        this.compute(id, c)
        this.f.set(this.local(id, c))
      }
    }
  }

  /** Puts the addresses that walk with a variable where they are in its first turn. */
  startWalks(variable: number): void {
    for (const id of this.walks(variable)) {
      this.push(at(this.flow.node(id).args, 0))
      this.f.set(this.locals.get(id) as number)
    }
  }

  /** At the end of a turn. */
  stepWalks(variable: number): void {
    for (const id of this.walks(variable)) {
      const local = this.locals.get(id) as number
      this.f.get(local)
      this.f.i32(at(this.flow.node(id).imm, 0))
      this.f.op([0x6a])
      this.f.set(local)
    }
  }

  private walks(variable: number): readonly number[] {
    return this.walking.filter((id) => this.flow.node(id).args[1] === variable)
  }

  push(id: number, copy = 0): void {
    if (this.isNamed(id)) this.f.get(this.local(id, this.isVarying(id) ? copy : 0))
    else this.compute(id, copy)
  }

  pushSide(node: number, side: number, id: number, copy?: number): void {
    this.begin(at(this.placement.sides.get(node) as readonly number[], side), copy)
    this.push(id, copy)
  }

  hasSides(node: number): boolean {
    return this.placement.sides.has(node)
  }

  isVector(id: number): boolean {
    return this.vector !== null && this.vector.form[id] !== Form.scalar
  }

  isNamed(id: number): boolean {
    return this.placement.named[id] === 1
  }

  isSpeculative(id: number): boolean {
    return this.placement.speculative[id] === 1
  }

  private get copies(): number {
    return this.vector?.copies ?? 1
  }

  private isVarying(id: number): boolean {
    return this.vector !== null && this.vector.form[id] === Form.varying
  }

  private local(id: number, copy: number): number {
    const locals = this.values.get(id) ?? []
    if (locals.length === 0) this.values.set(id, locals)
    locals[copy] ??= this.f.local(this.type(id))
    return locals[copy]
  }

  private type(id: number): ValType {
    if (this.isVector(id)) return V128
    switch (this.flow.kind(id)) {
      case "index":
      case "condition":
        return I32
      case "wide":
        return F64
      case "words":
        return I64
      case "element":
        return this.library.num.scalar.type
    }
  }

  private compute(id: number, copy: number): void {
    const { f, flow, library } = this
    const node = flow.node(id)
    const vector = this.isVector(id)
    const lanes = vector ? library.num.vector : library.num.scalar
    const same = laneOps[node.op]
    if (same !== undefined) {
      this.pushAll(node, copy)
      f.op(lanes[same])
    } else if (elementaryOps.has(node.op)) {
      this.pushAll(node, copy)
      this.elementary(node.op as Elementary, vector)
    } else if (flow.kind(id) === "index") emitIndex(this, id, node)
    else if (flow.kind(id) === "wide") emitWide(this, node)
    else if (flow.kind(id) === "condition") emitCondition(this, id, node, copy)
    else emitElement(this, id, node, copy)
  }

  /** Whether all copies of a value are computed together. */
  private together(id: number): boolean {
    const { num } = this.library
    const isPower = this.flow.node(id).op === "exp" && num.precision === "float32"
    return isPower && this.isVarying(id) && this.copies > 1 && this.expanded + this.copies <= EXPANSIONS
  }

  private powers(id: number): void {
    const { f, copies } = this
    this.expanded += copies
    const xs = Array.from({ length: copies }, (_, copy) => bind(f, V128, () => this.push(at(this.flow.node(id).args, 0), copy)))
    const results = xs.map((_, copy) => this.local(id, copy))
    exps32(f, xs, results)
  }

  /** Of the value on the stack. */
  private elementary(name: Elementary, vector: boolean): void {
    const { f, library } = this
    if (!vector || this.expanded === EXPANSIONS) return f.call(library.elementary(name, vector ? "vector" : "scalar"))
    this.expanded++
    const x = f.local(V128)
    f.set(x)
    library.expand(f, name, "vector", get(x))(f)
  }

  private pushAll(node: Node, copy: number): void {
    for (const arg of node.args) this.push(arg, copy)
  }
}

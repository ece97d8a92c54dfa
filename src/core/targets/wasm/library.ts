/** The internal functions of a module, each added when it is first used. */

import { type Arithmetic, arithmetic } from "./arithmetic.js"
import { bind, call, get } from "./assembly.js"
import { exp32, log32, scalarKit, tanh32, vectorKit } from "./elementary32.js"
import { exp64, log64, tanh64 } from "./elementary64.js"
import { type Code, F32, F64, type Fn, type ModuleBuilder, V128 } from "./emitter.js"
import { sortRows } from "./sort.js"
import { threefry } from "./threefry.js"
import { trigonometry } from "./trigonometry.js"

export type Elementary = "exp" | "log" | "tanh" | "sin" | "cos"
type Entry = Elementary | `vector ${Elementary}` | "threefry" | "sort"

const bodies32 = { exp: exp32, log: log32, tanh: tanh32 } as const

export class Library {
  private readonly known = new Map<Entry, number>()
  private trigonometry: { readonly sin: number; readonly cos: number } | null = null

  constructor(
    private readonly m: ModuleBuilder,
    readonly num: Arithmetic,
  ) {}

  private entry(name: Entry, make: () => number): number {
    const known = this.known.get(name)
    if (known !== undefined) return known
    const index = make()
    this.known.set(name, index)
    return index
  }

  /** One element to one element. */
  elementary(name: Elementary): number {
    return this.entry(name, () => {
      if (name === "sin" || name === "cos") return this.trigonometric(name)
      if (this.num.precision === "float32") return this.m.fn([F32], [F32], (f) => bodies32[name](scalarKit, f, get(0))(f))
      if (name === "exp") return this.m.fn([F64], [F64], (f) => exp64(f, get(0))(f))
      if (name === "log") return this.m.fn([F64], [F64], (f) => log64(f, get(0))(f))
      const exp = this.elementary("exp")
      return this.m.fn([F64], [F64], (f) => tanh64(f, get(0), (x) => call(exp, x))(f))
    })
  }

  /** sin and cos are computed in float64 in both precisions. */
  private trigonometric(name: "sin" | "cos"): number {
    this.trigonometry ??= trigonometry(this.m)
    const index = this.trigonometry[name]
    if (this.num.precision === "float64") return index
    return this.m.fn([F32], [F32], (f) => {
      f.get(0)
      f.op(arithmetic.float32.toF64)
      f.call(index)
      f.op(arithmetic.float32.fromF64)
    })
  }

  /** A vector to a vector, with the same bits as the function on elements. */
  vectorElementary(name: Elementary): number {
    return this.entry(`vector ${name}`, () => {
      if (this.num.precision === "float32" && name !== "sin" && name !== "cos")
        return this.m.fn([V128], [V128], (f) => bodies32[name](vectorKit, f, get(0))(f))
      const one = this.elementary(name)
      return this.m.fn([V128], [V128], (f) => this.lanewise(f, one))
    })
  }

  private lanewise(f: Fn, one: number): void {
    const { num } = this
    const lane = (i: number): Code =>
      bind(f, num.scalar.type, (g) => {
        g.get(0)
        g.op([...num.extract, i])
        g.call(one)
      })
    const lanes = Array.from({ length: num.width }, (_, i) => lane(i))
    lanes.forEach((value, i) => {
      value(f)
      f.op(i === 0 ? num.splat : [...num.replace, i])
    })
  }

  /** (k0, k1, c0, c1) -> two words in an i64. */
  threefry(): number {
    return this.entry("threefry", () => threefry(this.m))
  }

  /** (input, values, positions, rows, length, scratch): see `sortRows`. */
  sort(): number {
    return this.entry("sort", () => sortRows(this.m, this.num))
  }
}

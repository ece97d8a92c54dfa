/** The internal functions of a module, each added when it is first used. */

import type { Arithmetic } from "./arithmetic.js"
import { bind, call, get } from "./assembly.js"
import { exp32, log32, tanh32 } from "./elementary32.js"
import { exp64, log64, tanh64 } from "./elementary64.js"
import { type Code, type ModuleBuilder, V128 } from "./emitter.js"
import { scalar32, scalar64, vector32, vector64 } from "./kits.js"
import { sortRows } from "./sort.js"
import { threefry } from "./threefry.js"
import { demote, promote, scalarSine32, vectorSine32 } from "./trigonometry32.js"
import { exactTrigonometry, sine64, turns } from "./trigonometry64.js"

export type Elementary = "exp" | "log" | "tanh" | "sin" | "cos"
type Entry = Elementary | `vector ${Elementary}` | "threefry" | "sort"

const bodies = {
  float32: { exp: exp32, log: log32, tanh: tanh32 },
  float64: { exp: exp64, log: log64, tanh: tanh64 },
} as const
const scalarKits = { float32: scalar32, float64: scalar64 } as const
const vectorKits = { float32: vector32, float64: vector64 } as const

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
    const { precision, scalar } = this.num
    return this.entry(name, () =>
      this.m.fn([scalar.type], [scalar.type], (f) => {
        const x = get(0)
        if (name !== "sin" && name !== "cos") bodies[precision][name](scalarKits[precision], f, x)(f)
        else if (precision === "float32") scalarSine32(x, turns[name], demote(call(this.exact(name), promote(x))))(f)
        else sine64(scalar64, f, x, turns[name], call(this.exact(name), x))(f)
      }),
    )
  }

  /** A vector to a vector, with the same bits as the function on elements. */
  vectorElementary(name: Elementary): number {
    const { precision } = this.num
    return this.entry(`vector ${name}`, () =>
      this.m.fn([V128], [V128], (f) => {
        const x = get(0)
        if (name !== "sin" && name !== "cos") return bodies[precision][name](vectorKits[precision], f, x)(f)
        const lanewise = this.lanewise(this.elementary(name))
        if (precision === "float32") vectorSine32(x, turns[name], lanewise)(f)
        else sine64(vector64, f, x, turns[name], lanewise)(f)
      }),
    )
  }

  private exact(name: "sin" | "cos"): number {
    this.trigonometry ??= exactTrigonometry(this.m)
    return this.trigonometry[name]
  }

  /** The first argument, lane by lane. */
  private lanewise(one: number): Code {
    const { num } = this
    return (f) => {
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

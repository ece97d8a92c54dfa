/** The internal functions of a module, each added when it is first used. */

import type { Arithmetic } from "./arithmetic.js"
import { bind, call, get } from "./assembly.js"
import { decay32, exp32, log32, tanh32 } from "./elementary32.js"
import { decay64, exp64, log64, tanh64 } from "./elementary64.js"
import { type Code, F32, type Fn, type ModuleBuilder, V128 } from "./emitter.js"
import { kits } from "./kits.js"
import { log, logOfAny } from "./logarithm.js"
import { sortRows } from "./sort.js"
import { threefry, vectorThreefry } from "./threefry.js"
import { demote, promote, scalarSine32, vectorSine32 } from "./trigonometry32.js"
import { exactTrigonometry, sine64, turns } from "./trigonometry64.js"

/** `decay` is e^-|x|. */
export type Elementary = "exp" | "decay" | "log" | "tanh" | "sin" | "cos"
type Entry = `${Form} ${Elementary}` | `${Form} ${Elementary} of any` | `${Form} threefry` | "sort"

/** On one element, or on all of a vector: both give the same bits. */
export type Form = "scalar" | "vector"

const inPlace = {
  float32: { exp: exp32, decay: decay32, tanh: tanh32 },
  float64: { exp: exp64, decay: decay64, tanh: tanh64 },
} as const
const logarithms = { float32: log32, float64: log64 } as const

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

  elementary(name: Elementary, form: Form): number {
    const type = this.num[form].type
    return this.entry(`${form} ${name}`, () => this.m.fn([type], [type], (f) => this.expand(f, name, form, get(0))(f)))
  }

  /** The same in the place of a call. Calls another function for what is rare. */
  expand(f: Fn, name: Elementary, form: Form, x: Code): Code {
    const { precision } = this.num
    const kit = kits[precision][form]
    if (name === "exp" || name === "decay" || name === "tanh") return inPlace[precision][name](kit, f, x)
    const beyond: Code = (g) => call(this.beyond(name, form), x)(g)
    if (name === "log") return log(kit, x, logarithms[precision], beyond)
    if (precision === "float64") return sine64(kit, f, x, turns[name], beyond)
    return form === "vector" ? vectorSine32(x, turns[name], beyond) : scalarSine32(x, turns[name], beyond)
  }

  /** The function of any number, where `expand` serves the usual ones. */
  private beyond(name: "log" | "sin" | "cos", form: Form): number {
    const { precision } = this.num
    const { type } = this.num[form]
    return this.entry(`${form} ${name} of any`, () => {
      if (name === "log") return this.m.fn([type], [type], (f) => logOfAny(kits[precision][form], get(0), logarithms[precision])(f))
      if (form === "vector") {
        const one = this.elementary(name, "scalar")
        return this.m.fn([V128], [V128], (f) => this.lanewise(f, one))
      }
      this.trigonometry ??= exactTrigonometry(this.m)
      const exact = this.trigonometry[name]
      return precision === "float64" ? exact : this.m.fn([F32], [F32], (f) => demote(call(exact, promote(get(0))))(f))
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

  /** (k0, k1, c0, c1) -> two words in an i64; in vectors (k0, k1, counters c1) with c0 = 0 -> the exclusive or of both words. */
  threefry(form: Form): number {
    return this.entry(`${form} threefry`, () => (form === "vector" ? vectorThreefry(this.m) : threefry(this.m)))
  }

  /** (input, values, positions, rows, length, scratch): see `sortRows`. */
  sort(): number {
    return this.entry("sort", () => sortRows(this.m, this.num))
  }
}

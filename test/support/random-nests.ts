/** Random nests and what they read, from a tape of numbers: a shorter tape, or smaller numbers, give a simpler nest. */
import * as fc from "fast-check"
import type { Guard, Ix, Nest, Reduction, Scalar } from "../../src/core/compile/nest.js"
import type { Operand } from "./nest-reference.js"

export interface Sample {
  readonly nest: Nest
  readonly inputs: readonly Operand[]
}

class Tape {
  private position = 0

  constructor(private readonly numbers: readonly number[]) {}

  /** A number below n; 0 at the end of the tape. */
  below(n: number): number {
    return (this.numbers[this.position++] ?? 0) % n
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === oneIn - 1
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

const bounds = (ix: Ix, extents: readonly number[]): readonly [number, number] => {
  switch (ix.t) {
    case "const":
      return [ix.value, ix.value]
    case "var":
      return [0, (extents[ix.axis] as number) - 1]
    case "add": {
      const [a, b] = [bounds(ix.a, extents), bounds(ix.b, extents)]
      return [a[0] + b[0], a[1] + b[1]]
    }
    case "mul": {
      const [a, b] = bounds(ix.a, extents)
      return [Math.min(a * ix.by, b * ix.by), Math.max(a * ix.by, b * ix.by)]
    }
    case "div": {
      const [a, b] = bounds(ix.a, extents)
      return [Math.floor(a / ix.by), Math.floor(b / ix.by)]
    }
    case "mod": {
      const [a, b] = bounds(ix.a, extents)
      // data may be NaN, whose remainder is no index
      if (!Number.isFinite(a)) return [a, b]
      const whole = Math.floor(a / ix.by)
      return whole === Math.floor(b / ix.by) ? [a - whole * ix.by, b - whole * ix.by] : [0, ix.by - 1]
    }
    case "value":
      return [-Infinity, Infinity]
  }
}

const special = [0, -0, Number.NaN, Infinity, -Infinity]

class Maker {
  private readonly values: Scalar[] = [{ t: "lit", value: 1.5 }]
  private readonly indices: Ix[] = [{ t: "const", value: 0 }]
  /** Loads that are out of range where their guard fails, for use behind that guard only. */
  private readonly unsafe: { readonly load: Scalar; readonly guards: readonly Guard[] }[] = []

  constructor(
    private readonly tape: Tape,
    private readonly shapes: readonly (readonly number[])[],
    private readonly extents: readonly number[],
    visible: readonly number[],
    hasAcc: boolean,
  ) {
    for (const axis of visible) this.indices.push({ t: "var", axis })
    if (hasAcc) this.values.push({ t: "acc" })
  }

  private index(): Ix {
    const { tape } = this
    const a = tape.pick(this.indices)
    const ix = ((): Ix => {
      switch (tape.below(6)) {
        case 1:
          return { t: "add", a, b: tape.pick(this.indices) }
        case 2:
          return { t: "mul", a, by: tape.pick([2, 3, -1, 4]) }
        case 3:
          return { t: "div", a, by: 1 + tape.below(4) }
        case 4:
          return { t: "mod", a, by: 1 + tape.below(4) }
        case 5:
          return { t: "add", a, b: { t: "const", value: tape.below(5) - 2 } }
        default:
          return a
      }
    })()
    this.indices.push(ix)
    return ix
  }

  /** A load with the guards that it needs; input 0 holds whole numbers. */
  private load(): void {
    const { tape } = this
    const input = tape.below(this.shapes.length)
    const guards: Guard[] = []
    const at = (this.shapes[input] as readonly number[]).map((d): Ix => {
      const ix = tape.chance(2) ? this.index() : tape.pick(this.indices)
      const [low, high] = bounds(ix, this.extents)
      if (!(low >= 0 && high < d) || tape.chance(6)) guards.push({ t: "range", ix, lo: 0, hi: d })
      return ix
    })
    if (tape.chance(4)) guards.push({ t: "divides", ix: tape.pick(this.indices), by: 2 })
    if (guards.length > 0 && tape.chance(3)) this.unsafe.push({ load: { t: "load", input, at, guards: [] }, guards })
    else {
      const load: Scalar = { t: "load", input, at, guards }
      this.values.push(load)
      if (input === 0 && tape.chance(2)) this.indices.push({ t: "value", of: load })
    }
  }

  private combine(): Scalar {
    const { tape } = this
    const value = (): Scalar => tape.pick(this.values)
    switch (tape.below(10)) {
      case 0:
      case 1:
      case 2:
        return { t: "binary", fn: tape.pick(["add", "mul", "sub", "div", "max", "min"] as const), a: value(), b: value() }
      case 3:
        return { t: "binary", fn: tape.pick(["less", "lessEqual", "equal", "and", "or"] as const), a: value(), b: value() }
      case 4:
        return { t: "unary", fn: tape.pick(["neg", "floor", "sqrt", "not", "isFinite"] as const), a: value() }
      case 5:
        return { t: "select", c: value(), a: value(), b: value() }
      case 6: {
        const ix = tape.pick(this.indices)
        return { t: "guarded", guards: [{ t: "range", ix, lo: tape.below(3) - 1, hi: 1 + tape.below(4) }], a: value() }
      }
      case 7: {
        const behind = this.unsafe.length === 0 ? null : tape.pick(this.unsafe)
        if (behind === null) return { t: "lit", value: tape.pick([...special, 3, -0.25]) }
        return { t: "guarded", guards: behind.guards, a: { t: "binary", fn: "add", a: behind.load, b: value() } }
      }
      case 8:
        return { t: "ix", ix: tape.pick(this.indices) }
      default:
        return tape.chance(3)
          ? { t: "epsilon" }
          : { t: "binary", fn: "rem", a: { t: "ix", ix: tape.pick(this.indices) }, b: { t: "lit", value: 3 } }
    }
  }

  expression(): Scalar {
    const steps = 1 + this.tape.below(14)
    for (let i = 0; i < steps; i++) {
      if (this.tape.chance(3) || i === 0) this.load()
      if (this.tape.chance(4)) this.index()
      this.values.push(this.combine())
    }
    // what was made last, joined, so that little of it is dead
    return this.values.slice(-3).reduce((a, b): Scalar => ({ t: "binary", fn: "add", a, b }))
  }

  anIndex(): Ix {
    if (this.tape.chance(2)) this.load()
    return this.index()
  }
}

const make = (numbers: readonly number[]): Sample => {
  const tape = new Tape(numbers)
  const domain = Array.from({ length: tape.below(4) }, () => 1 + tape.below(5))
  if (domain.length > 0 && tape.chance(2)) domain[domain.length - 1] = 4 + tape.below(20)
  const shapes = Array.from({ length: 1 + tape.below(3) }, () => Array.from({ length: tape.below(3) }, () => 1 + tape.below(7)))
  // one input that lies like the domain, for contiguous loads
  if (tape.chance(2)) shapes.push([...domain])
  const extent = Array.from({ length: tape.below(3) }, () => (tape.chance(12) ? 0 : 1 + tape.below(4)))
  const reduces = tape.chance(2)
  const extents = reduces ? [...domain, ...extent] : domain
  const all = [...extents.keys()]
  const maker = new Maker(tape, shapes, extents, all, false)
  const body = maker.expression()
  let reduce: Reduction | null = null
  if (reduces) {
    reduce = { combine: tape.pick(["sum", "max"] as const), extent }
    if (domain.length > 0 && tape.chance(3)) {
      const axis = tape.below(domain.length)
      const equals = new Maker(
        tape,
        shapes,
        extents,
        all.filter((a) => a !== axis),
        false,
      ).anIndex()
      reduce = { combine: "sum", extent, indicator: { axis, equals } }
    }
  }
  const epilogue = reduces && tape.chance(2) ? new Maker(tape, shapes, extents, [...domain.keys()], true).expression() : null
  const inputs = shapes.map((shape, k): Operand => {
    const data = Float64Array.from({ length: sizeOf(shape) }, () => {
      if (tape.chance(15)) return tape.pick(special)
      return k === 0 ? tape.below(8) - 2 : Math.fround((tape.below(64) - 31) / 7)
    })
    return { data, shape }
  })
  return { nest: { domain, reduce, body, epilogue }, inputs }
}

export const randomNest: fc.Arbitrary<Sample> = fc.array(fc.nat({ max: 1 << 20 }), { maxLength: 400, size: "max" }).map(make)

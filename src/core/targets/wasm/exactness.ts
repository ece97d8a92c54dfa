/**
 * Whole numbers that float32 can't hold are refused before a program runs: literals, indices used as numbers, counts. A
 * literal counts as whole where the program treats it so; 1e30 in float arithmetic is an ordinary float.
 */
import type { Ix, Nest, Scalar } from "../../compile/nest.js"
import type { BufferType, Schedule, Step } from "../../compile/schedule.js"
import { TraceError } from "../../errors.js"

const limit = 2 ** 24

const refuse = (where: string, what: string): never => {
  throw new TraceError(
    `${where}: ${what}, but the target "wasm" computes in float32, where whole numbers are exact up to 2^24 = ${limit} only; ` +
      `use smaller numbers, or the target "wasm:f64"`,
  )
}

/** Throws a TraceError for the first number that would be rounded. */
export const checkWholeNumbers = (schedule: Schedule): void => checkSteps(schedule, schedule.steps)

const checkSteps = (schedule: Schedule, steps: readonly Step[]): void => {
  const type = (id: number): BufferType => schedule.buffers[id] as BufferType
  for (const step of steps) {
    switch (step.t) {
      case "kernel":
        new NestCheck(step.name, step.nest, step.inputs.map(type), type(step.output)).run()
        break
      case "loop":
        if (step.count > limit) refuse("loop", `it counts to ${step.count}`)
        checkSteps(schedule, step.body)
        break
      case "while":
        checkSteps(schedule, step.condition)
        checkSteps(schedule, step.body)
        break
      case "cond":
        checkSteps(schedule, step.whenTrue.steps)
        checkSteps(schedule, step.whenFalse.steps)
        break
      case "routine": {
        if (step.name !== "sort") break
        const length = type(step.inputs[0] as number).shape.at(-1) ?? 1
        if (length > limit) refuse(step.name, `it numbers ${length} positions`)
        break
      }
      case "copy":
        break
    }
  }
}

type Numbers = "whole" | "float" | "unknown"

/** `add`, `mul` and the like are whole if one side is; what only floats have makes a float. */
const wholeFns = new Set(["add", "sub", "mul", "max", "min", "rem"])

class NestCheck {
  private readonly kinds = new Map<Scalar, Numbers>()
  private readonly seen = { whole: new Set<Scalar>(), other: new Set<Scalar>() }
  private readonly ranges = new Map<Ix, readonly [number, number]>()
  private readonly extents: readonly number[]

  constructor(
    private readonly name: string,
    private readonly nest: Nest,
    private readonly inputs: readonly BufferType[],
    private readonly output: BufferType,
  ) {
    this.extents = [...nest.domain, ...(nest.reduce?.extent ?? [])]
  }

  run(): void {
    const whole = this.output.elem === "int" || this.output.elem === "key"
    for (const root of [this.nest.body, this.nest.epilogue]) if (root !== null) this.check(root, whole)
  }

  /** Visits each expression once, and once more where it is used as a whole number, which is what `whole` says. */
  private check(root: Scalar, whole: boolean): void {
    const stack: { readonly x: Scalar; readonly whole: boolean }[] = [{ x: root, whole }]
    const later = (x: Scalar, isWhole: boolean): void => {
      stack.push({ x, whole: isWhole })
    }
    const indices = (ixs: readonly Ix[]): void => {
      for (const value of valuesOf(ixs)) later(value, false)
    }
    while (stack.length > 0) {
      const { x, whole: isWhole } = stack.pop() as { x: Scalar; whole: boolean }
      if (x.t === "lit") {
        if (isWhole && Number.isInteger(x.value) && Math.fround(x.value) !== x.value)
          refuse(this.name, `it holds the whole number ${x.value}`)
        continue
      }
      const seen = isWhole ? this.seen.whole : this.seen.other
      if (seen.has(x)) continue
      seen.add(x)
      switch (x.t) {
        case "ix":
          this.checkIndex(x.ix)
          indices([x.ix])
          break
        case "load":
          indices([...x.at, ...x.guards.map((g) => g.ix)])
          break
        case "guarded":
          indices(x.guards.map((g) => g.ix))
          later(x.a, isWhole)
          break
        case "unary":
          later(x.a, isWhole && x.fn === "neg")
          break
        case "binary": {
          const operandsWhole = wholeFns.has(x.fn) ? isWhole : this.kind(x.a) === "whole" || this.kind(x.b) === "whole"
          later(x.a, operandsWhole)
          later(x.b, operandsWhole)
          break
        }
        case "select":
          later(x.c, false)
          later(x.a, isWhole)
          later(x.b, isWhole)
          break
        case "threefry":
          // a count that is an index is used as an integer, not as an element
          for (const part of [...x.key, ...(x.count.t === "ix" ? [] : [x.count]), x.limb]) later(part, true)
          break
        case "xor16":
          later(x.a, true)
          later(x.b, true)
          break
        case "epsilon":
        case "acc":
          break
      }
    }
  }

  private kind(root: Scalar): Numbers {
    const stack = [root]
    while (stack.length > 0) {
      const x = stack.at(-1) as Scalar
      const operands = x.t === "binary" && wholeFns.has(x.fn) ? [x.a, x.b] : x.t === "select" ? [x.a, x.b] : x.t === "guarded" ? [x.a] : []
      const waiting = this.kinds.has(x) ? [] : operands.filter((o) => !this.kinds.has(o))
      if (waiting.length > 0) {
        stack.push(...waiting)
        continue
      }
      stack.pop()
      if (!this.kinds.has(x))
        this.kinds.set(
          x,
          this.ownKind(
            x,
            operands.map((o) => this.kinds.get(o) as Numbers),
          ),
        )
    }
    return this.kinds.get(root) as Numbers
  }

  private ownKind(x: Scalar, operands: readonly Numbers[]): Numbers {
    if (operands.length > 0) return operands.includes("float") ? "float" : operands.includes("whole") ? "whole" : "unknown"
    switch (x.t) {
      case "load":
        return this.inputs[x.input]?.elem === "float" ? "float" : "whole"
      case "ix":
      case "xor16":
      case "threefry":
        return "whole"
      case "lit":
      case "acc":
        return "unknown"
      default:
        return "float"
    }
  }

  private checkIndex(ix: Ix): void {
    const [low, high] = this.bounds(ix)
    if (Math.max(-low, high) > limit) refuse(this.name, `it uses an index up to ${Math.max(-low, high)} as a number`)
  }

  private bounds(ix: Ix): readonly [number, number] {
    const known = this.ranges.get(ix)
    if (known !== undefined) return known
    const range = this.ownBounds(ix)
    this.ranges.set(ix, range)
    return range
  }

  private ownBounds(ix: Ix): readonly [number, number] {
    switch (ix.t) {
      case "const":
        return [ix.value, ix.value]
      case "var":
        return [0, Math.max(0, (this.extents[ix.axis] ?? 1) - 1)]
      case "value":
        // data is what it is: exact already
        return [0, 0]
      case "add": {
        const [a, b] = [this.bounds(ix.a), this.bounds(ix.b)]
        return [a[0] + b[0], a[1] + b[1]]
      }
      case "mul": {
        const [a, b] = this.bounds(ix.a)
        return [Math.min(a * ix.by, b * ix.by), Math.max(a * ix.by, b * ix.by)]
      }
      case "div": {
        const [a, b] = this.bounds(ix.a)
        return [Math.floor(a / ix.by), Math.floor(b / ix.by)]
      }
      case "mod": {
        const [a, b] = this.bounds(ix.a)
        return a >= 0 && b < ix.by ? [a, b] : [0, ix.by - 1]
      }
    }
  }
}

/** The data in some indices. */
const valuesOf = (indices: readonly Ix[]): readonly Scalar[] => {
  const values = new Set<Scalar>()
  const seen = new Set<Ix>(indices)
  for (const ix of seen) {
    if (ix.t === "value") values.add(ix.of)
    else if (ix.t === "add") seen.add(ix.a).add(ix.b)
    else if (ix.t === "mul" || ix.t === "div" || ix.t === "mod") seen.add(ix.a)
  }
  return [...values]
}

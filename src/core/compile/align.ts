/**
 * Operands in the order that vectors want. A reduction is vectorised over the last axis of its domain; an operand in which that
 * axis is not the last one (b in a b', the kernel in a convolution's gradient to its input) would be gathered element by
 * element. Where each of its elements is read often, it is copied once with the axis last. Values and the order of sums stay the
 * same.
 */
import { sizeOf } from "../tensor/types.js"
import { axis, load, pointwise } from "./build-nest.js"
import type { Ix, Nest, Scalar } from "./nest.js"
import type { BufferType, Schedule, Step } from "./schedule.js"

type Kernel = Extract<Step, { readonly t: "kernel" }>
type Load = Extract<Scalar, { readonly t: "load" }>

/** An operand read fewer times than this is not worth a copy. */
const REUSE = 8
/** Shorter axes are not vectorised. */
const LANES = 4

/** How an index moves with a variable: its coefficient, or null where it is not affine in it. */
const slope = (ix: Ix, v: number): number | null => {
  switch (ix.t) {
    case "const":
      return 0
    case "var":
      return ix.axis === v ? 1 : 0
    case "add": {
      const [a, b] = [slope(ix.a, v), slope(ix.b, v)]
      return a === null || b === null ? null : a + b
    }
    case "mul": {
      const a = slope(ix.a, v)
      return a === null ? null : a * ix.by
    }
    case "div":
    case "mod":
      return slope(ix.a, v) === 0 ? 0 : null
    case "value":
      return null
  }
}

/** The axis to move last, or null where the load is fine or can't be helped. */
const misplaced = ({ at }: Load, v: number): number | null => {
  const slopes = at.map((ix) => slope(ix, v))
  const moving = slopes.flatMap((s, i) => (s === 0 ? [] : [i]))
  const [only] = moving
  return moving.length === 1 && only !== undefined && slopes[only] === 1 && only < at.length - 1 ? only : null
}

const loadsOf = (s: Scalar, found: Set<Load>, seen = new Set<Scalar>()): Set<Load> => {
  if (seen.has(s)) return found
  seen.add(s)
  switch (s.t) {
    case "load":
      found.add(s)
      break
    case "unary":
    case "guarded":
      loadsOf(s.a, found, seen)
      break
    case "binary":
    case "xor16":
      loadsOf(s.a, found, seen)
      loadsOf(s.b, found, seen)
      break
    case "select":
      for (const part of [s.c, s.a, s.b]) loadsOf(part, found, seen)
      break
    default:
  }
  return found
}

/** The expression with some loads in place of others; shared parts stay shared. */
const replaced = (s: Scalar, by: ReadonlyMap<Scalar, Scalar>, made = new Map<Scalar, Scalar>()): Scalar => {
  const known = by.get(s) ?? made.get(s)
  if (known !== undefined) return known
  const go = (x: Scalar) => replaced(x, by, made)
  const rebuild = (): Scalar => {
    switch (s.t) {
      case "unary":
      case "guarded":
        return { ...s, a: go(s.a) }
      case "binary":
      case "xor16":
        return { ...s, a: go(s.a), b: go(s.b) }
      case "select":
        return { ...s, c: go(s.c), a: go(s.a), b: go(s.b) }
      default:
        return s
    }
  }
  const result = rebuild()
  made.set(s, result)
  return result
}

/** Copies made in a list of steps, by buffer and axis. */
type Copies = Map<string, number>

const alignKernel = (step: Kernel, buffers: BufferType[], copies: Copies, out: Step[]): Kernel => {
  const { nest } = step
  const v = nest.domain.length - 1
  if (nest.reduce === null || nest.reduce.indicator !== undefined || v < 0 || (nest.domain[v] as number) < LANES) return step
  const points = sizeOf(nest.domain) * sizeOf(nest.reduce.extent)
  const inputs = [...step.inputs]
  const by = new Map<Scalar, Scalar>()
  for (const found of loadsOf(nest.body, new Set())) {
    const buffer = step.inputs[found.input] as number
    const { elem, shape } = buffers[buffer] as BufferType
    const moved = misplaced(found, v)
    if (moved === null || points < REUSE * sizeOf(shape)) continue
    const order = [...shape.keys()].filter((a) => a !== moved).concat(moved)
    const key = `${buffer}:${moved}`
    let copy = copies.get(key)
    if (copy === undefined) {
      const turned = order.map((a) => shape[a] as number)
      copy = buffers.push({ elem, shape: turned }) - 1
      copies.set(key, copy)
      const index = shape.map((_, a) => axis(order.indexOf(a)))
      out.push({ t: "kernel", name: `align ${step.name}`, nest: pointwise(turned, load(0, index)), inputs: [buffer], output: copy })
    }
    by.set(found, { ...found, input: inputs.push(copy) - 1, at: order.map((a) => found.at[a] as Ix) })
  }
  return by.size === 0 ? step : { ...step, inputs, nest: { ...nest, body: replaced(nest.body, by) } satisfies Nest }
}

const alignSteps = (steps: readonly Step[], buffers: BufferType[]): readonly Step[] => {
  const copies: Copies = new Map()
  const out: Step[] = []
  for (const step of steps) {
    switch (step.t) {
      case "kernel":
        out.push(alignKernel(step, buffers, copies, out))
        break
      case "loop":
        out.push({ ...step, body: alignSteps(step.body, buffers) })
        break
      case "while":
        out.push({ ...step, condition: alignSteps(step.condition, buffers), body: alignSteps(step.body, buffers) })
        break
      case "cond":
        out.push({
          ...step,
          whenTrue: { ...step.whenTrue, steps: alignSteps(step.whenTrue.steps, buffers) },
          whenFalse: { ...step.whenFalse, steps: alignSteps(step.whenFalse.steps, buffers) },
        })
        break
      default:
        out.push(step)
    }
  }
  return out
}

/** The schedule with copies of operands where they pay. */
export const align = (schedule: Schedule): Schedule => {
  const buffers = [...schedule.buffers]
  const steps = alignSteps(schedule.steps, buffers)
  return { ...schedule, buffers, steps }
}

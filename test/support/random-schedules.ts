/** Random schedules with nested control flow, from a tape of numbers; every legal way to name a buffer occurs. */
import * as fc from "fast-check"
import type { Ix, Nest, Scalar } from "../../src/core/compile/nest.js"
import type { BufferType, Carry, Row, Schedule, Step } from "../../src/core/compile/schedule.js"

export interface ScheduleSample {
  readonly schedule: Schedule
  readonly inputs: readonly Float64Array[]
}

const shapes: readonly (readonly number[])[] = [[], [3], [2, 3], [40]]

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

class Maker {
  readonly buffers: BufferType[] = []
  private position = 0

  constructor(private readonly tape: readonly number[]) {}

  below(n: number): number {
    return (this.tape[this.position++] ?? 0) % n
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  buffer(shape: readonly number[]): number {
    return this.buffers.push({ elem: "float", shape }) - 1
  }

  shape(id: number): readonly number[] {
    return (this.buffers[id] as BufferType).shape
  }

  /** Reads an element of a buffer at a point of the domain, wrapped around. */
  private load(input: number, id: number, domain: readonly number[]): Scalar {
    const at = this.shape(id).map((d, axis): Ix => {
      const variable = axis + domain.length - this.shape(id).length
      return variable < 0 ? { t: "const", value: 0 } : { t: "mod", a: { t: "var", axis: variable }, by: Math.max(1, d) }
    })
    return { t: "load", input, at, guards: [] }
  }

  kernel(scope: readonly number[], shape: readonly number[], steps: Step[]): number {
    const inputs = Array.from({ length: 1 + this.below(3) }, () => this.pick(scope)).filter((id) => !this.shape(id).includes(0))
    const start: Scalar = { t: "lit", value: this.below(5) - 2 }
    const body = inputs.reduce<Scalar>((sum, id, k) => {
      const a: Scalar = { t: "binary", fn: this.pick(["add", "sub", "max"] as const), a: sum, b: this.load(k, id, shape) }
      return { t: "binary", fn: "mul", a, b: { t: "lit", value: 0.75 } }
    }, start)
    const nest: Nest = { domain: shape, reduce: null, body, epilogue: null }
    const output = this.buffer(shape)
    steps.push({ t: "kernel", name: "kernel", nest, inputs, output })
    return output
  }

  /** A buffer of a shape that is in scope, or a new one. */
  private ofShape(scope: readonly number[], shape: readonly number[], steps: Step[]): number {
    const fitting = scope.filter((id) => this.shape(id).join() === shape.join())
    if (fitting.length === 0 || this.below(3) === 2) return this.kernel(scope, shape, steps)
    return this.pick(fitting)
  }

  private cond(scope: readonly number[], depth: number): { readonly step: Step; readonly made: readonly number[] } {
    const types = Array.from({ length: 1 + this.below(2) }, () => this.pick(shapes))
    const side = (): { readonly steps: readonly Step[]; readonly results: readonly number[] } => {
      const { steps, visible } = this.block(scope, depth)
      return { results: types.map((shape) => this.ofShape(visible, shape, steps)), steps }
    }
    const outputs = types.map((shape) => this.buffer(shape))
    const step: Step = { t: "cond", predicate: this.pick(scope), whenTrue: side(), whenFalse: side(), outputs }
    return { step, made: outputs }
  }

  private carries(scope: readonly number[], steps: Step[]): { readonly init: number; readonly current: number }[] {
    return Array.from({ length: this.below(4) }, () => {
      const init = this.ofShape(scope, this.pick(shapes), steps)
      return { init, current: this.buffer(this.shape(init)) }
    })
  }

  private finish(
    started: readonly { readonly init: number; readonly current: number }[],
    visible: readonly number[],
    body: Step[],
  ): Carry[] {
    return started.map(({ init, current }) => {
      const shape = this.shape(init)
      return { init, current, next: this.ofShape(visible, shape, body), result: this.buffer(shape) }
    })
  }

  private loop(scope: readonly number[], depth: number, steps: Step[]): readonly number[] {
    const count = this.below(4)
    const started = this.carries(scope, steps)
    const row = (shape: readonly number[]): readonly number[] => [count, ...shape]
    const slices = Array.from({ length: this.below(3) }, (): Row => {
      const shape = this.pick(shapes)
      return { slab: this.ofShape(scope, row(shape), steps), item: this.buffer(shape) }
    })
    const inside = [...scope, ...started.map((c) => c.current), ...slices.map((s) => s.item)].filter((id) => !this.shape(id).includes(0))
    const { steps: body, visible } = this.block(inside, depth)
    const carries = this.finish(started, visible, body)
    const stacks = Array.from({ length: this.below(3) }, (): Row => {
      const item = this.pick([...visible, ...carries.map((c) => c.next)])
      return { slab: this.buffer(row(this.shape(item))), item }
    })
    steps.push({ t: "loop", count, reverse: this.below(2) === 1, carries, slices, stacks, body })
    return [...carries.map((c) => c.result), ...stacks.map((s) => s.slab)]
  }

  private while(scope: readonly number[], depth: number, steps: Step[]): readonly number[] {
    const literal = (value: number, out: Step[]): number => {
      const output = this.buffer([])
      const nest: Nest = { domain: [], reduce: null, body: { t: "lit", value }, epilogue: null }
      out.push({ t: "kernel", name: "literal", nest, inputs: [], output })
      return output
    }
    const binary = (fn: "add" | "less", a: number, b: Scalar, out: Step[]): number => {
      const output = this.buffer([])
      const body: Scalar = { t: "binary", fn, a: { t: "load", input: 0, at: [], guards: [] }, b }
      out.push({ t: "kernel", name: fn, nest: { domain: [], reduce: null, body, epilogue: null }, inputs: [a], output })
      return output
    }
    const started = this.carries(scope, steps)
    const counter = { init: literal(0, steps), current: this.buffer([]) }
    const inside = [...scope, ...started.map((c) => c.current), counter.current]
    const { steps: condition } = this.below(2) === 1 ? this.block(inside, depth) : { steps: [] as Step[] }
    const predicate = binary("less", counter.current, { t: "lit", value: this.below(4) }, condition)
    const { steps: body, visible } = this.block(inside, depth)
    const carries = this.finish(started, visible, body)
    carries.push({ ...counter, next: binary("add", counter.current, { t: "lit", value: 1 }, body), result: this.buffer([]) })
    steps.push({ t: "while", carries, condition, predicate, body })
    return carries.map((c) => c.result)
  }

  /** Steps that may read `scope`, and all that is visible after them. */
  block(scope: readonly number[], depth: number): { readonly steps: Step[]; readonly visible: readonly number[] } {
    const steps: Step[] = []
    const visible = [...scope]
    const count = this.below(4) + (depth === 0 ? 2 : 0)
    for (let i = 0; i < count; i++) {
      const readable = visible.filter((id) => !this.shape(id).includes(0))
      switch (depth < 3 ? this.below(8) : this.below(5)) {
        case 3: {
          const from = this.pick(readable)
          const to = this.buffer(this.shape(from))
          steps.push({ t: "copy", from, to })
          visible.push(to)
          break
        }
        case 4: {
          const input = this.ofShape(readable, [2, 3], steps)
          const outputs = [this.buffer([2, 3]), this.buffer([2, 3])]
          steps.push({ t: "routine", name: "sort", inputs: [input], outputs })
          visible.push(...outputs)
          break
        }
        case 5: {
          const { step, made } = this.cond(readable, depth + 1)
          steps.push(step)
          visible.push(...made)
          break
        }
        case 6:
          visible.push(...this.loop(readable, depth + 1, steps))
          break
        case 7:
          visible.push(...this.while(readable, depth + 1, steps))
          break
        default:
          visible.push(this.kernel(readable, this.pick(shapes), steps))
      }
    }
    return { steps, visible }
  }
}

const make = (tape: readonly number[]): ScheduleSample => {
  const maker = new Maker(tape)
  const inputs = shapes.map((shape) => maker.buffer(shape))
  const { steps, visible } = maker.block(inputs, 0)
  const outputs = Array.from({ length: 1 + maker.below(4) }, () => maker.pick(visible))
  outputs.push(visible.at(-1) as number)
  const schedule: Schedule = { buffers: maker.buffers, inputs, outputs, steps }
  const data = shapes.map((shape) => Float64Array.from({ length: sizeOf(shape) }, () => maker.below(9) - 4))
  return { schedule, inputs: data }
}

export const randomSchedule: fc.Arbitrary<ScheduleSample> = fc.array(fc.nat({ max: 1 << 20 }), { maxLength: 500, size: "max" }).map(make)

/**
 * Nests and schedules by their definition, one point at a time, in float64 or with every operation rounded to float32. It
 * shares no code with any target. Every buffer has storage of its own.
 */
import type { Guard, Ix, Nest, Scalar } from "../../src/core/compile/nest.js"
import type { Schedule, Step } from "../../src/core/compile/schedule.js"

export interface Precision {
  readonly round: (x: number) => number
  readonly epsilon: number
}

export const float32: Precision = { round: Math.fround, epsilon: 2 ** -23 }
export const float64: Precision = { round: (x) => x, epsilon: 2 ** -52 }

const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

export interface Operand {
  readonly data: Float64Array
  readonly shape: readonly number[]
}

const rotations = [13, 15, 26, 6, 17, 29, 16, 24]

/** The two words of Threefry-2x32 with 20 rounds. */
export const threefry = (key: readonly [number, number], counter: readonly [number, number]): readonly [number, number] => {
  const ks = [key[0], key[1], (key[0] ^ key[1] ^ 0x1bd11bda) >>> 0] as const
  let x0 = (counter[0] + ks[0]) >>> 0
  let x1 = (counter[1] + ks[1]) >>> 0
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8] as number
    x0 = (x0 + x1) >>> 0
    x1 = (((x1 << by) | (x1 >>> (32 - by))) ^ x0) >>> 0
    if (round % 4 !== 3) continue
    const group = (round + 1) / 4
    x0 = (x0 + (ks[group % 3] as number)) >>> 0
    x1 = (x1 + (ks[(group + 1) % 3] as number) + group) >>> 0
  }
  return [x0, x1]
}

const truth = (x: number): boolean => x !== 0

class Point {
  private readonly known = new Map<Scalar, number>()

  constructor(
    private readonly vars: readonly number[],
    private readonly inputs: readonly Operand[],
    private readonly p: Precision,
    private readonly acc: number,
  ) {}

  index(x: Ix): number {
    switch (x.t) {
      case "const":
        return x.value
      case "var":
        return this.vars[x.axis] as number
      case "add":
        return this.index(x.a) + this.index(x.b)
      case "mul":
        return this.index(x.a) * x.by
      case "div":
        return Math.floor(this.index(x.a) / x.by)
      case "mod": {
        const a = this.index(x.a)
        return a - Math.floor(a / x.by) * x.by
      }
      case "value":
        return this.scalar(x.of)
    }
  }

  private holds(guards: readonly Guard[]): boolean {
    return guards.every((g) => {
      const i = this.index(g.ix)
      return g.t === "range" ? i >= g.lo && i < g.hi : i - Math.floor(i / g.by) * g.by === 0
    })
  }

  scalar(x: Scalar): number {
    const known = this.known.get(x)
    if (known !== undefined) return known
    const value = this.p.round(this.compute(x))
    this.known.set(x, value)
    return value
  }

  private compute(x: Scalar): number {
    switch (x.t) {
      case "lit":
        return x.value
      case "epsilon":
        return this.p.epsilon
      case "acc":
        return this.acc
      case "ix":
        // an index has no negative zero
        return this.index(x.ix) + 0
      case "load": {
        if (!this.holds(x.guards)) return 0
        const { data, shape } = this.inputs[x.input] as Operand
        let offset = 0
        x.at.forEach((ix, axis) => {
          const i = this.index(ix)
          const d = shape[axis] as number
          if (!(i >= 0 && i < d)) throw new Error(`index ${i} is outside axis ${axis} of [${shape}]`)
          offset = offset * d + i
        })
        return data[offset] as number
      }
      case "guarded":
        return this.holds(x.guards) ? this.scalar(x.a) : 0
      case "select":
        return truth(this.scalar(x.c)) ? this.scalar(x.a) : this.scalar(x.b)
      case "unary":
        return this.unary(x.fn, this.scalar(x.a))
      case "binary":
        return this.binary(x.fn, this.scalar(x.a), this.scalar(x.b))
      case "xor16":
        return this.scalar(x.a) ^ this.scalar(x.b)
      case "threefry": {
        const [a, b, c, d] = x.key.map((k) => this.scalar(k)) as [number, number, number, number]
        const words = threefry([a * 65536 + b, c * 65536 + d], [0, this.scalar(x.count)])
        const limb = this.scalar(x.limb)
        const word = words[limb >> 1] as number
        return limb % 2 === 0 ? word >>> 16 : word & 0xffff
      }
    }
  }

  private unary(fn: string, a: number): number {
    switch (fn) {
      case "neg":
        return -a
      case "not":
        return truth(a) ? 0 : 1
      case "isFinite":
        return Number.isFinite(a) ? 1 : 0
      default:
        return (Math[fn as "exp"] as (x: number) => number)(a)
    }
  }

  private binary(fn: string, a: number, b: number): number {
    switch (fn) {
      case "add":
        return a + b
      case "sub":
        return a - b
      case "mul":
        return a * b
      case "div":
        return a / b
      case "max":
        return Math.max(a, b)
      case "min":
        return Math.min(a, b)
      case "rem":
        return this.p.round(a - this.p.round(Math.floor(this.p.round(a / b)) * b))
      case "less":
        return a < b ? 1 : 0
      case "lessEqual":
        return a <= b ? 1 : 0
      case "equal":
        return a === b ? 1 : 0
      case "and":
        return truth(a) && truth(b) ? 1 : 0
      default:
        return truth(a) || truth(b) ? 1 : 0
    }
  }
}

/** Every index below the extents, last one fastest. */
function* points(extents: readonly number[]): Generator<number[]> {
  const total = sizeOf(extents)
  const point = extents.map(() => 0)
  for (let n = 0; n < total; n++) {
    yield [...point]
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      point[axis] = (point[axis] as number) + 1
      if ((point[axis] as number) < (extents[axis] as number)) break
      point[axis] = 0
    }
  }
}

export const evaluateNest = (nest: Nest, inputs: readonly Operand[], p: Precision): Float64Array => {
  const out: number[] = []
  for (const point of points(nest.domain)) {
    if (nest.reduce === null) {
      out.push(new Point(point, inputs, p, Number.NaN).scalar(nest.body))
      continue
    }
    const { combine, extent, indicator } = nest.reduce
    let acc = combine === "sum" ? 0 : -Infinity
    for (const reduced of points(extent)) {
      const at = new Point([...point, ...reduced], inputs, p, Number.NaN)
      if (indicator !== undefined && at.index(indicator.equals) !== point[indicator.axis]) continue
      const value = at.scalar(nest.body)
      acc = combine === "sum" ? p.round(acc + value) : Math.max(acc, value)
    }
    out.push(nest.epilogue === null ? acc : new Point(point, inputs, p, acc).scalar(nest.epilogue))
  }
  return Float64Array.from(out)
}

/** Ascending and stable, NaN last; -0 equals 0. */
const sortRow = (row: Float64Array): readonly number[] =>
  [...row.keys()].sort((i, j) => {
    const [a, b] = [row[i] as number, row[j] as number]
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || i - j
    return a < b ? -1 : a > b ? 1 : i - j
  })

export const evaluateSchedule = (schedule: Schedule, inputs: readonly Float64Array[], p: Precision): readonly Float64Array[] => {
  const shape = (id: number): readonly number[] => schedule.buffers[id]?.shape ?? []
  const memory = schedule.buffers.map((type) => new Float64Array(sizeOf(type.shape)).fill(Number.NaN))
  const data = (id: number): Float64Array => memory[id] as Float64Array
  const write = (id: number, values: Float64Array): void => data(id).set(values)
  const run = (steps: readonly Step[]): void => steps.forEach(runStep)
  const runStep = (step: Step): void => {
    switch (step.t) {
      case "kernel":
        return write(
          step.output,
          evaluateNest(
            step.nest,
            step.inputs.map((id) => ({ data: data(id), shape: shape(id) })),
            p,
          ),
        )
      case "copy":
        return write(step.to, data(step.from))
      case "routine": {
        const [input, values, positions] = [...step.inputs, ...step.outputs] as [number, number, number]
        const length = shape(input).at(-1) ?? 1
        for (let from = 0; from < data(input).length; from += length) {
          const row = data(input).slice(from, from + length)
          sortRow(row).forEach((i, k) => {
            data(values)[from + k] = row[i] as number
            data(positions)[from + k] = i
          })
        }
        return
      }
      case "cond": {
        const side = truth(data(step.predicate)[0] as number) ? step.whenTrue : step.whenFalse
        run(side.steps)
        return side.results.forEach((id, k) => write(step.outputs[k] as number, data(id)))
      }
      case "while": {
        for (const c of step.carries) write(c.current, data(c.init))
        for (;;) {
          run(step.condition)
          if (!truth(data(step.predicate)[0] as number)) break
          run(step.body)
          const next = step.carries.map((c) => data(c.next).slice())
          step.carries.forEach((c, k) => write(c.current, next[k] as Float64Array))
        }
        return step.carries.forEach((c) => write(c.result, data(c.current)))
      }
      case "loop": {
        for (const c of step.carries) write(c.current, data(c.init))
        for (let turn = 0; turn < step.count; turn++) {
          const i = step.reverse ? step.count - 1 - turn : turn
          const row = (slab: number): Float64Array => {
            const length = data(slab).length / step.count
            return data(slab).subarray(i * length, (i + 1) * length)
          }
          for (const { slab, item } of step.slices) write(item, row(slab))
          run(step.body)
          for (const { slab, item } of step.stacks) row(slab).set(data(item))
          const next = step.carries.map((c) => data(c.next).slice())
          step.carries.forEach((c, k) => write(c.current, next[k] as Float64Array))
        }
        return step.carries.forEach((c) => write(c.result, data(c.current)))
      }
    }
  }
  schedule.inputs.forEach((id, k) => write(id, (inputs[k] as Float64Array).map(p.round)))
  run(schedule.steps)
  return schedule.outputs.map((id) => data(id).slice())
}

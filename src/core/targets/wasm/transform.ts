/**
 * Transforms of windows by small constant matrices, `matrix window matrix'`, several neighbouring windows at a time as vectors
 * where they lie side by side. The code is the sums written out: what is 0 is left out, 1 is not multiplied by, and rows (or
 * columns) that differ only in the signs of every other term share the sums of their even and their odd terms.
 */
import type { Transform, Windows } from "../../compile/schedule.js"
import type { Arithmetic, Lanes } from "./arithmetic.js"
import { assign, at, forNonEmpty, get, i32 } from "./assembly.js"
import { type Code, type Fn, I32, type ModuleBuilder } from "./emitter.js"

/** Parameters: the addresses of the two buffers, and the first and the end of the first axis, where there are two or more. */
export const emitTransform = (m: ModuleBuilder, num: Arithmetic, transform: Transform): number =>
  m.fn([I32, I32, I32, I32], [], (f) => {
    const { domain, from, to } = transform
    const rank = domain.length
    const width = at(domain, rank - 1)
    const side = at(from.strides, rank - 1) === 1 && at(to.strides, rank - 1) === 1
    const vectors = side ? width - (width % num.width) : 0
    if (vectors > 0) new Stretch(f, num, num.vector, transform, 0, vectors, num.width).emit()
    if (vectors < width) new Stretch(f, num, num.scalar, transform, vectors, width, 1).emit()
  })

/** Constants times values, by their numbers. */
type Terms = readonly (readonly [number, number])[]

/** The windows of a stretch of the last axis. */
class Stretch {
  constructor(
    private readonly f: Fn,
    private readonly num: Arithmetic,
    private readonly lanes: Lanes,
    private readonly transform: Transform,
    private readonly first: number,
    private readonly end: number,
    private readonly step: number,
  ) {}

  emit(): void {
    const { f, transform } = this
    const { domain, from, to } = transform
    const pointers = [f.local(I32), f.local(I32)] as const
    const start = (windows: Windows): number => (windows.base + this.first * at(windows.strides, domain.length - 1)) * this.num.bytes
    const first = (windows: Windows): Code => i32.mul(get(2), i32.const(domain.length > 1 ? at(windows.strides, 0) * this.num.bytes : 0))
    assign(f, pointers[0], i32.add(i32.add(get(0), i32.const(start(from))), first(from)))
    assign(f, pointers[1], i32.add(i32.add(get(1), i32.const(start(to))), first(to)))
    this.loops(0, pointers)
  }

  private loops(axis: number, [source, target]: readonly [number, number]): void {
    const { f, num } = this
    const { domain, from, to } = this.transform
    if (axis === domain.length) return this.window(source, target)
    const isLast = axis === domain.length - 1
    const step = isLast ? this.step : 1
    const [begin, end] = isLast
      ? [i32.const(this.first), i32.const(this.end)]
      : axis === 0
        ? [get(2), get(3)]
        : [i32.const(0), i32.const(at(domain, axis))]
    const [i, s, t] = [f.local(I32), f.local(I32), f.local(I32)]
    assign(f, s, get(source))
    assign(f, t, get(target))
    forNonEmpty(f, i, begin, end, step, () => {
      this.loops(axis + 1, [s, t])
      assign(f, s, i32.add(get(s), i32.const(at(from.strides, axis) * step * num.bytes)))
      assign(f, t, i32.add(get(t), i32.const(at(to.strides, axis) * step * num.bytes)))
    })
  }

  /** Columns of the window first, then rows of what they become. */
  private window(source: number, target: number): void {
    const { f, lanes, num } = this
    const { matrix, from, to } = this.transform
    const size = at(matrix, 0).length
    const half = Array.from({ length: matrix.length }, () => new Array<number>(size))
    for (let j = 0; j < size; j++) {
      const column = Array.from({ length: size }, (_, i) =>
        this.named((g) => this.access(g, source, (i * from.rows + j * from.columns) * num.bytes, lanes.load)),
      )
      this.multiply(column).forEach((value, i) => {
        at(half, i)[j] = this.named(value)
      })
    }
    half.forEach((row, i) => {
      this.multiply(row).forEach((value, j) => {
        const offset = (i * to.rows + j * to.columns) * num.bytes
        this.address(f, target, offset)
        value(f)
        f.memory(lanes.store, Math.max(0, offset))
      })
    })
  }

  /** A pointer, moved by what can't be in an instruction. */
  private address(f: Fn, pointer: number, offset: number): void {
    f.get(pointer)
    if (offset >= 0) return
    f.i32(offset)
    f.op([0x6a])
  }

  private access(f: Fn, pointer: number, offset: number, opcode: Lanes["load"]): void {
    this.address(f, pointer, offset)
    f.memory(opcode, Math.max(0, offset))
  }

  private named(value: Code): number {
    const local = this.f.local(this.lanes.type)
    value(this.f)
    this.f.set(local)
    return local
  }

  /** The product of the matrix with values in locals. */
  private multiply(values: readonly number[]): readonly Code[] {
    const { matrix } = this.transform
    const codes = new Array<Code | undefined>(matrix.length)
    matrix.forEach((row, i) => {
      if (codes[i] !== undefined) return
      const twin = matrix.findIndex((other, k) => k > i && codes[k] === undefined && isTwin(row, other))
      const termsOf = (odd: number): Terms => row.flatMap((c, k) => (c !== 0 && k % 2 === odd ? [[c, at(values, k)] as const] : []))
      if (twin < 0) {
        codes[i] = this.sum([...termsOf(0), ...termsOf(1)])
        return
      }
      const [even, odd] = [this.named(this.sum(termsOf(0))), this.named(this.sum(termsOf(1)))]
      codes[i] = this.sum([
        [1, even],
        [1, odd],
      ])
      codes[twin] = this.sum([
        [1, even],
        [-1, odd],
      ])
    })
    return codes.map((code) => code as Code)
  }

  private sum(terms: Terms): Code {
    const { lanes } = this
    const [first, ...rest] = terms
    if (first === undefined) return (f) => this.constant(f, 0)
    const product =
      ([c, local]: readonly [number, number]): Code =>
      (f) => {
        f.get(local)
        if (Math.abs(c) === 1) return
        this.constant(f, Math.abs(c))
        f.op(lanes.mul)
      }
    return (f) => {
      product(first)(f)
      if (first[0] < 0) f.op(lanes.neg)
      for (const term of rest) {
        product(term)(f)
        f.op(term[0] < 0 ? lanes.sub : lanes.add)
      }
    }
  }

  private constant(f: Fn, value: number): void {
    if (this.lanes === this.num.scalar) this.num.constant(f, value)
    else this.num.vectorConstant(f, () => value)
  }
}

/** Equal but for the signs of the odd terms, both kinds there. */
const isTwin = (row: readonly number[], other: readonly number[]): boolean =>
  row.every((c, k) => other[k] === (k % 2 === 0 ? c : -c) + 0) && [0, 1].every((odd) => row.some((c, k) => c !== 0 && k % 2 === odd))

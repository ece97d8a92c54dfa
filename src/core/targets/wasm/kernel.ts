/** One function a nest, shared by all kernels with the same nest and shapes; its parameters are addresses. */
import { points, visit } from "../../compile/kernel-form.js"
import type { Nest } from "../../compile/nest.js"
import type { Transform } from "../../compile/schedule.js"
import { materialize } from "./affine.js"
import { assign, at, forNonEmpty, get, i32 } from "./assembly.js"
import { extentsOf, type Source } from "./axes.js"
import { type Fn, I32, type ModuleBuilder } from "./emitter.js"
import type { Library } from "./library.js"
import { emitLoops } from "./loops.js"
import { type Point as Computed, lowerNest } from "./lowered.js"
import { emitScatter } from "./scatter.js"
import { splitOf } from "./split.js"
import { chooseTiling, type Tiling } from "./tiles.js"
import { emitTransform } from "./transform.js"
import { writtenNest } from "./written.js"

/**
 * A function that computes a part of a kernel's points. Parameters: the inputs in order, the output, and where the part starts and
 * ends, from 0 to `extent` in multiples of `grain`.
 */
export interface Phase {
  readonly index: number
  /** How many addresses it takes. */
  readonly args: number
  readonly extent: number
  readonly grain: number
  /** Each part reads all that the sums are made of, so there are to be few. */
  readonly streams: boolean
}

export interface Kernel {
  /** One after the other. */
  readonly phases: readonly Phase[]
  readonly style: "scalar" | "vector" | "scatter"
  /** Nanoseconds that it takes, roughly. */
  readonly cost: number
}

/** Nodes of an expression that are computed in a nanosecond. */
const nodesPerNanosecond = { scalar: 1.5, vector: 6, scatter: 1 } as const

/** Nanoseconds, roughly. */
export const costOf = (nest: Nest, style: Kernel["style"]): number => {
  let [body, epilogue] = [0, 0]
  visit(nest, (_, inEpilogue) => {
    if (inEpilogue) epilogue++
    else body++
  })
  return (points(extentsOf(nest)) * body + points(nest.domain) * epilogue) / nodesPerNanosecond[style]
}

/** Addresses that a kernel takes. */
const argumentsOf = ({ shapes, kept }: Source): number => shapes.length + (kept === undefined ? 1 : 2)

export class Kernels {
  private readonly known = new Map<string, Kernel>()
  /** The same by how their nests are written: most are written as another one is. */
  private readonly written = new Map<string, Kernel>()
  private readonly transforms = new Map<string, Kernel>()

  constructor(
    private readonly m: ModuleBuilder,
    private readonly library: Library,
  ) {}

  /** Null for a nest without elements. */
  kernel(nest: Nest, shapes: readonly (readonly number[])[], rows = false): Kernel | null {
    if (nest.domain.includes(0)) return null
    const written = `${rows} ${shapes.join(";")} ${writtenNest(nest)}`
    const known = this.written.get(written) ?? this.equal(nest, shapes, rows)
    this.written.set(written, known)
    return known
  }

  private equal(nest: Nest, shapes: readonly (readonly number[])[], rows: boolean): Kernel {
    const key = `${rows} ${this.key({ nest, shapes, reduced: false })}`
    const known = this.known.get(key)
    if (known !== undefined) return known
    const kernel = this.compile(nest, shapes, rows)
    this.known.set(key, kernel)
    return kernel
  }

  /** Of a pair: its rows are those of the first axis. */
  pair(source: Source): Kernel {
    const key = `pair ${this.key(source)}`
    const known = this.known.get(key)
    if (known !== undefined) return known
    const tiling = chooseTiling(source, this.library.num, true)
    const kernel: Kernel = { phases: [this.loops(source, tiling, true).phase], style: "vector", cost: costOf(source.nest, "vector") }
    this.known.set(key, kernel)
    return kernel
  }

  /** Kernels that go through the same rows, block by block. Its arguments are those of their phases, one after the other. */
  chain(kernels: readonly Kernel[], rows: number, block: number): Kernel {
    const phases = kernels.flatMap((k) => k.phases)
    const all = phases.reduce((n, p) => n + p.args, 0)
    const index = this.m.fn(new Array<typeof I32>(all + 2).fill(I32), [], (f) => {
      const [from, to] = [f.local(I32), f.local(I32)]
      forNonEmpty(f, from, get(all), get(all + 1), block, () => {
        assign(f, to, i32.add(get(from), i32.const(block)))
        i32.gt(get(to), get(all + 1))(f)
        f.if(null, () => assign(f, to, get(all + 1)))
        let next = 0
        for (const phase of phases) {
          for (let i = 0; i < phase.args; i++) f.get(next++)
          f.get(from)
          f.get(to)
          f.call(phase.index)
        }
      })
    })
    const cost = kernels.reduce((sum, k) => sum + k.cost, 0)
    return { phases: [{ index, args: all, extent: rows, grain: block, streams: false }], style: "vector", cost }
  }

  transform(transform: Transform): Kernel {
    const key = JSON.stringify(transform)
    const known = this.transforms.get(key)
    if (known !== undefined) return known
    const { domain, matrix } = transform
    const window = at(matrix, 0).length
    const phase: Phase = {
      index: emitTransform(this.m, this.library.num, transform),
      args: 2,
      extent: domain.length > 1 ? at(domain, 0) : 1,
      grain: 1,
      streams: false,
    }
    const cost = (points(domain) * matrix.length * 6 * window) / nodesPerNanosecond.vector
    const kernel: Kernel = { phases: [phase], style: "vector", cost }
    this.transforms.set(key, kernel)
    return kernel
  }

  private compile(nest: Nest, shapes: readonly (readonly number[])[], rows: boolean): Kernel {
    const source = { nest, shapes, reduced: false }
    if (nest.reduce?.indicator !== undefined) return this.scatter(source)
    const { num } = this.library
    const tiling = chooseTiling(source, num, rows)
    const inBlocks = tiling.partial && nest.epilogue !== null
    const sums = this.loops(inBlocks ? { ...source, nest: { ...nest, epilogue: null } } : source, tiling, rows)
    const style = sums.vectors ? "vector" : "scalar"
    return { phases: inBlocks ? [sums.phase, this.epilogue(source, rows)] : [sums.phase], style, cost: costOf(nest, style) }
  }

  /** The epilogue of sums that are in the output. */
  private epilogue(source: Source, rows: boolean): Phase {
    const reduced = { ...source, reduced: true }
    return this.loops(reduced, chooseTiling(reduced, this.library.num, rows), rows).phase
  }

  private scatter(source: Source): Kernel {
    const index = this.phase(source, (f) => emitScatter(f, this.library, source))
    const updates: Phase = { index, args: source.shapes.length + 1, extent: 1, grain: 1, streams: false }
    return {
      phases: source.nest.epilogue === null ? [updates] : [updates, this.epilogue(source, false)],
      style: "scatter",
      cost: costOf(source.nest, "scatter"),
    }
  }

  private loops(source: Source, tiling: Tiling, rows: boolean): { readonly phase: Phase; readonly vectors: boolean } {
    const split = rows ? { group: 0, extent: at(source.nest.domain, 0), grain: 1 } : splitOf(tiling, source, this.library.num)
    const args = argumentsOf(source)
    const [lo, hi] = [args, args + 1]
    let vectors = false
    const index = this.phase(source, (f) => {
      vectors = emitLoops(f, this.library, source, tiling, split === null ? null : { group: split.group, lo, hi })
    })
    const { extent, grain } = split ?? { extent: 1, grain: 1 }
    return { phase: { index, args, extent, grain, streams: tiling.partial }, vectors }
  }

  private phase(source: Source, body: (f: Fn) => void): number {
    return this.m.fn(new Array<typeof I32>(argumentsOf(source) + 2).fill(I32), [], body)
  }

  /** Equal for nests that compute the same from inputs of the same shapes: their dataflow, in which equal values are one. */
  private key(source: Source): string {
    const { nest, shapes } = source
    const { flow, lowering, points } = lowerNest(
      source,
      this.library.num,
      extentsOf(nest).map((_, axis) => [axis]),
    )
    const { reduce } = nest
    const indicator =
      reduce?.indicator === undefined ? "" : `${reduce.indicator.axis}=${materialize(flow, lowering.index(reduce.indicator.equals))}`
    const [{ body, result, kept }] = points as readonly [Computed]
    const nodes = flow.nodes.map(({ op, args, imm }) => `${op}(${args.join()};${imm.map((x) => (Object.is(x, -0) ? "-0" : x)).join()})`)
    return [nest.domain.join(), reduce?.combine, reduce?.extent.join(), indicator, body, result, kept?.value, shapes.length, ...nodes].join(
      "|",
    )
  }
}

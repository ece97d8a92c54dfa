/** The steps of a schedule that contain no others, as code: calls of kernels and routines. */
import type { Step } from "../../compile/schedule.js"
import { sizeOf } from "../../tensor/types.js"
import type { Arithmetic } from "./arithmetic.js"
import { at, i32 } from "./assembly.js"
import type { Chain } from "./chains.js"
import { type Code, type Fn, I32, type ModuleBuilder } from "./emitter.js"
import { type Kernel, Kernels } from "./kernel.js"
import type { Layout } from "./layout.js"
import { Library } from "./library.js"
import { pairOf } from "./pairs.js"
import { inParts, SLICE, sliceOf } from "./slices.js"
import { sortScratch } from "./sort.js"
import type { Team } from "./threads/team.js"

export type StepOf<T extends Step["t"]> = Extract<Step, { readonly t: T }>

/** The index of `env.mark`, where times are taken. */
const mark = 0

/** From here on it is worth to wake other threads. */
const JOBS_FROM = 30_000

export interface LeafOptions {
  /** Calls `env.mark(n)` when the step of line n of the description is done. */
  readonly profile?: boolean
  /** Nanoseconds that a kernel takes, roughly, from which it is a job for all threads. */
  readonly jobsFrom?: number
  /** Nanoseconds that a part of a kernel takes, roughly, in the program's first run. */
  readonly slice?: number
}

export class Leaves {
  /** A line a step. */
  readonly description: string[] = []
  /** Whether what is emitted is the work of one thread. */
  alone = false
  private readonly library: Library
  private readonly kernels: Kernels
  private readonly profile: boolean
  private readonly jobsFrom: number
  private readonly slice: number
  /** The global that is 1 when the program has run. */
  private readonly known: number

  constructor(
    m: ModuleBuilder,
    private readonly num: Arithmetic,
    private readonly layout: Layout,
    private readonly team: Team | null,
    { profile = false, jobsFrom = JOBS_FROM, slice = SLICE }: LeafOptions,
  ) {
    this.library = new Library(m, num)
    this.kernels = new Kernels(m, this.library)
    this.profile = profile
    this.jobsFrom = jobsFrom
    this.slice = slice
    this.known = m.global()
  }

  /** To be emitted where a run is done. */
  done(f: Fn): void {
    f.i32(1)
    f.globalSet(this.known)
  }

  /** `first` in the first run, else `later`. */
  private byRun(first: number, later: number): Code {
    return (f) => {
      f.i32(later)
      f.i32(first)
      f.globalGet(this.known)
      f.select(I32)
    }
  }

  emit(f: Fn, step: StepOf<"kernel" | "copy" | "routine">, depth: number): void {
    switch (step.t) {
      case "kernel":
        this.kernel(f, step, depth)
        break
      case "copy":
        this.describe(depth, `copy [${this.layout.type(step.to).shape.join(", ")}]`)
        this.layout.copyBuffer(f, step.to, step.from)
        break
      case "routine":
        if (step.name === "sort") this.sort(f, step, depth)
        else this.transform(f, step, depth)
    }
    this.mark(f)
  }

  /** Ends the run with a code that is not 0. */
  returnIf(f: Fn, code: Code): void {
    const found = f.local(I32)
    code(f)
    f.tee(found)
    f.if(null, () => {
      f.get(found)
      f.return()
    })
  }

  /** Runs the phases of a kernel, with the other threads where that is worth it. */
  call(f: Fn, { phases, cost }: Kernel, args: readonly Code[]): void {
    for (const phase of phases) {
      const { team } = this
      const slice = this.alone ? null : sliceOf(phase, cost, this.slice)
      const part = (from: Code, to: Code): void => {
        for (const code of [...args, from, to]) code(f)
        f.call(phase.index)
      }
      if (team !== null && !this.alone && cost >= this.jobsFrom && phase.extent > phase.grain) {
        const size = team.sizeOf(phase)
        const chunk = slice === null || slice >= size ? i32.const(size) : this.byRun(slice, size)
        this.returnIf(f, (g) => team.run(g, phase, cost, args, chunk))
      } else if (slice === null) part(i32.const(0), i32.const(phase.extent))
      else inParts(f, phase.extent, this.byRun(slice, phase.extent), part)
    }
  }

  describe(depth: number, line: string): void {
    this.description.push(`${"  ".repeat(depth)}${line}`)
  }

  private kernel(f: Fn, step: StepOf<"kernel">, depth: number): void {
    const { layout } = this
    const kernel = this.kernels.kernel(
      step.nest,
      step.inputs.map((id) => layout.type(id).shape),
    )
    const { domain, reduce } = step.nest
    const over = reduce === null ? "" : ` ${reduce.combine} over [${reduce.extent.join(", ")}]`
    this.describe(depth, `${step.name} [${domain.join(", ")}]${over}: ${kernel?.style ?? "empty"}`)
    if (kernel === null) return
    this.call(
      f,
      kernel,
      [...step.inputs, step.output].map((id) => layout.address(id)),
    )
  }

  chain(f: Fn, { steps, rows, block }: Chain, depth: number): void {
    const { layout } = this
    const shapeOf = (id: number): readonly number[] => layout.type(id).shape
    const parts: { readonly kernel: Kernel; readonly args: readonly number[] }[] = []
    for (let i = 0; i < steps.length; i++) {
      const step = at(steps, i)
      const next = steps[i + 1]
      const pair = next === undefined ? null : pairOf(step, next, this.num, shapeOf)
      if (pair !== null) {
        parts.push({ kernel: this.kernels.pair(pair.source), args: pair.args })
        i++
      } else {
        const kernel = this.kernels.kernel(step.nest, step.inputs.map(shapeOf), true) as Kernel
        parts.push({ kernel, args: [...step.inputs, step.output] })
      }
    }
    const names = steps.map((s) => `${s.name} [${s.nest.domain.join(", ")}]`)
    this.describe(depth, `${block} of ${rows} rows at a time: ${names.join(", ")}`)
    const kernels = parts.map(({ kernel }) => kernel)
    const args = parts.flatMap(({ kernel, args }) => kernel.phases.flatMap(() => args.map((id) => layout.address(id))))
    this.call(f, this.kernels.chain(kernels, rows, block), args)
    this.mark(f)
  }

  private mark(f: Fn): void {
    if (!this.profile) return
    f.i32(this.description.length - 1)
    f.call(mark)
  }

  private sort(f: Fn, step: Extract<Step, { readonly name: "sort" }>, depth: number): void {
    const { layout } = this
    const [input, values, positions] = [...step.inputs, ...step.outputs] as [number, number, number]
    const { shape } = layout.type(input)
    const length = shape.at(-1) ?? 1
    this.describe(depth, `${step.name} [${shape.join(", ")}]`)
    if (sizeOf(shape) === 0) return
    for (const id of [input, values, positions]) layout.address(id)(f)
    f.i32(sizeOf(shape) / length)
    f.i32(length)
    layout.scratch(sortScratch(length) * this.num.bytes)(f)
    f.call(this.library.sort())
  }

  private transform(f: Fn, step: Extract<Step, { readonly name: "transform" }>, depth: number): void {
    const { transform, inputs, outputs } = step
    const { matrix, domain } = transform
    this.describe(depth, `transform [${domain.join(", ")}] of ${at(matrix, 0).length} to ${matrix.length}`)
    this.call(
      f,
      this.kernels.transform(transform),
      [inputs[0], outputs[0]].map((id) => this.layout.address(id)),
    )
  }
}

/**
 * Chains: kernels one after the other that go through the same rows, each reading of the ones before it only the row that it
 * writes (a softmax and what surrounds it, the arithmetic of a normalisation, an optimiser's). They run block of rows by block of
 * rows, all kernels for one block before the next, so that what one leaves for the next is still in the cache, and one job of a
 * thread instead of several.
 */
import { visit } from "../../compile/kernel-form.js"
import { type Ix, partsOf, type Scalar } from "../../compile/nest.js"
import type { BufferType, Schedule, Step } from "../../compile/schedule.js"
import { sizeOf } from "../../tensor/types.js"

type KernelStep = Extract<Step, { readonly t: "kernel" }>

export interface Chain {
  readonly steps: readonly KernelStep[]
  readonly rows: number
  /** Rows of a block. */
  readonly block: number
}

/** Bytes of all rows of a block: half a second cache. */
const BLOCK_BYTES = 2 ** 18
/** Fewer bytes than this stay in the caches anyhow. */
const SMALL_BYTES = 2 ** 17
/** Engines allow functions of 1000 parameters; a kernel in two phases has its arguments twice. */
const MOST_ARGUMENTS = 400
/** Elements that are read again for every block without harm. */
const SMALL = 4096

/** Chains by their first step. */
export const chainsOf = (schedule: Schedule, bytes: number): ReadonlyMap<Step, Chain> => {
  const chains = new Map<Step, Chain>()
  const finder = new Finder(schedule.buffers, bytes, chains)
  finder.steps(schedule.steps)
  return chains
}

const uses = (x: Scalar | Ix, v: number): boolean => (x.t === "var" ? x.axis === v : partsOf(x).some((part) => uses(part, v)))

/** How a kernel reads an input: only the row that it writes, something small, or otherwise. */
type Reading = "row" | "small" | "other"

class Finder {
  private open: KernelStep[] = []
  private made = new Set<number>()

  constructor(
    private readonly buffers: readonly BufferType[],
    private readonly bytes: number,
    private readonly chains: Map<Step, Chain>,
  ) {}

  steps(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.t === "kernel" && this.fits(step)) {
        this.open.push(step)
        this.made.add(step.output)
        continue
      }
      this.close()
      if (step.t === "kernel") this.begin(step)
      else if (step.t === "cond") for (const side of [step.whenTrue, step.whenFalse]) this.steps(side.steps)
      else if (step.t === "while") for (const body of [step.condition, step.body]) this.steps(body)
      else if (step.t === "loop") this.steps(step.body)
    }
    this.close()
  }

  private begin(step: KernelStep): void {
    if (!this.isRowwise(step)) return
    this.open = [step]
    this.made = new Set([step.output])
  }

  private fits(step: KernelStep): boolean {
    const [first] = this.open
    if (first === undefined || first.nest.domain[0] !== step.nest.domain[0] || !this.isRowwise(step)) return false
    const args = [...this.open, step].reduce((n, s) => n + s.inputs.length + 1, 0)
    return step.inputs.some((b) => this.made.has(b)) && args <= MOST_ARGUMENTS
  }

  private close(): void {
    const { open } = this
    this.open = []
    const [first] = open
    if (first === undefined || open.length < 2) return
    const rows = first.nest.domain[0] as number
    const buffers = new Set(open.flatMap((s) => [...s.inputs.filter((b) => this.size(b) > SMALL), s.output]))
    const all = [...buffers].reduce((sum, b) => sum + this.size(b), 0) * this.bytes
    const block = Math.floor(BLOCK_BYTES / (all / rows))
    if (all < SMALL_BYTES || block < 1) return
    this.chains.set(first, { steps: open, rows, block: Math.min(rows, block) })
  }

  private size(buffer: number): number {
    return sizeOf(this.buffers[buffer]?.shape ?? [])
  }

  private isRowwise(step: KernelStep): boolean {
    const { nest } = step
    if (nest.domain.length === 0 || (nest.domain[0] as number) < 2 || nest.domain.includes(0) || nest.reduce?.indicator !== undefined)
      return false
    return [...this.readings(step)].every(([input, reading]) => {
      const buffer = step.inputs[input] as number
      return reading === "row" || (reading === "small" && !this.made.has(buffer))
    })
  }

  private readings({ nest, inputs }: KernelStep): ReadonlyMap<number, Reading> {
    const found = new Map<number, Reading>()
    visit(nest, (s) => {
      if (s.t !== "load") return
      const [row, ...rest] = s.at
      const others = [...rest, ...s.guards.map((g) => g.ix)]
      const ofRow = row?.t === "var" && row.axis === 0 && others.every((ix) => !uses(ix, 0))
      const isSmall = this.size(inputs[s.input] as number) <= SMALL
      const reading: Reading = ofRow ? "row" : isSmall ? "small" : "other"
      const before = found.get(s.input)
      found.set(s.input, before === undefined || before === reading ? reading : "other")
    })
    return found
  }
}

/** A schedule as text: one line a kernel with what it reads, moves and computes, control flow indented, and totals. */
import { sizeOf } from "../tensor/types.js"
import { extentsOf, points, visit } from "./kernel-form.js"
import { planMemory } from "./memory.js"
import type { Scalar } from "./nest.js"
import type { Schedule, Step } from "./schedule.js"

/** Sums over a run in which each `while` makes one turn and each `cond` takes its dearer side. */
interface Cost {
  readonly kernels: number
  /** Bytes read and written, each input of a kernel counted once. */
  readonly bytes: number
  readonly flops: number
}

const NOTHING: Cost = { kernels: 0, bytes: 0, flops: 0 }

const plus = (a: Cost, b: Cost, times = 1): Cost => ({
  kernels: a.kernels + b.kernels * times,
  bytes: a.bytes + b.bytes * times,
  flops: a.flops + b.flops * times,
})

type Kernel = Extract<Step, { readonly t: "kernel" }>

const computes = (s: Scalar): boolean => ["unary", "binary", "select", "threefry", "xor16"].includes(s.t)

const kernelFlops = ({ nest }: Kernel): number => {
  let body = 0
  let epilogue = 0
  visit(nest, (s, inEpilogue) => {
    if (computes(s)) inEpilogue ? epilogue++ : body++
  })
  const reduction = nest.reduce === null ? 0 : 1
  return points(extentsOf(nest)) * (body + reduction) + points(nest.domain) * epilogue
}

const scaled = (n: number, unit: string): string => {
  for (const [size, prefix] of [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const)
    if (n >= size) return `${(n / size).toPrecision(3)} ${prefix}${unit}`
  return `${n} ${unit}`
}

const list = (shape: readonly number[]): string => `[${shape.join(", ")}]`

class Explainer {
  readonly lines: string[] = []

  constructor(
    private readonly schedule: Schedule,
    private readonly elementBytes: number,
  ) {}

  private bytes(buffers: readonly number[]): number {
    return buffers.reduce((n, b) => n + sizeOf(this.schedule.buffers[b]?.shape ?? []), 0) * this.elementBytes
  }

  private say(depth: number, line: string): void {
    this.lines.push(`${"  ".repeat(depth)}${line}`)
  }

  steps(steps: readonly Step[], depth: number): Cost {
    return steps.reduce((total, step) => plus(total, this.step(step, depth)), NOTHING)
  }

  private step(step: Step, depth: number): Cost {
    switch (step.t) {
      case "kernel":
        return this.kernel(step, depth)
      case "copy": {
        const bytes = this.bytes([step.from, step.to])
        this.say(depth, `copy %${step.from} -> %${step.to}: ${scaled(bytes, "B")}`)
        return { kernels: 1, bytes, flops: 0 }
      }
      case "routine": {
        const bytes = this.bytes([...step.inputs, ...step.outputs])
        this.say(
          depth,
          `${step.name} ${step.inputs.map((b) => `%${b}`).join(" ")} -> ${step.outputs.map((b) => `%${b}`).join(" ")}: ${scaled(bytes, "B")}`,
        )
        return { kernels: 1, bytes, flops: 0 }
      }
      case "cond": {
        this.say(depth, `if %${step.predicate}:`)
        const yes = this.steps(step.whenTrue.steps, depth + 1)
        this.say(depth, "else:")
        const no = this.steps(step.whenFalse.steps, depth + 1)
        return no.bytes + no.flops > yes.bytes + yes.flops ? no : yes
      }
      case "while": {
        this.say(depth, `while (${step.carries.length} carried):`)
        const condition = this.steps(step.condition, depth + 1)
        this.say(depth, `do, while %${step.predicate}:`)
        return plus(condition, this.steps(step.body, depth + 1))
      }
      case "loop": {
        const order = step.reverse ? " from last to first" : ""
        this.say(
          depth,
          `for ${step.count}${order} (${step.carries.length} carried, ${step.slices.length} read, ${step.stacks.length} stacked):`,
        )
        return plus(NOTHING, this.steps(step.body, depth + 1), step.count)
      }
    }
  }

  private kernel(step: Kernel, depth: number): Cost {
    const { domain, reduce } = step.nest
    const bytes = this.bytes([...step.inputs, step.output])
    const flops = kernelFlops(step)
    const over = reduce === null ? "" : `, ${reduce.indicator === undefined ? reduce.combine : "scatter"} over ${list(reduce.extent)}`
    const reads = step.inputs.length === 0 ? "" : ` of ${step.inputs.map((b) => `%${b}`).join(" ")}`
    this.say(depth, `%${step.output}: ${list(domain)} = ${step.name}${reads}${over}: ${scaled(bytes, "B")}, ${scaled(flops, "flop")}`)
    return { kernels: 1, bytes, flops }
  }
}

/**
 * @param elementBytes 4 or 8, by the target's precision.
 *
 * @example
 * %7: [8, 64] = einsum+add+tanh of %0 %1 %2, sum over [64]: 21.5 kB, 66.6 kflop
 * in all 1 kernel, 21.5 kB moved, 66.6 kflop; at most 2.05 kB beside the inputs
 */
export const explainSchedule = (schedule: Schedule, elementBytes: number): readonly string[] => {
  const explainer = new Explainer(schedule, elementBytes)
  const { kernels, bytes, flops } = explainer.steps(schedule.steps, 0)
  const peak = planMemory(schedule).peak * elementBytes
  const all = `in all ${kernels} kernel${kernels === 1 ? "" : "s"}, ${scaled(bytes, "B")} moved, ${scaled(flops, "flop")}`
  return [...explainer.lines, `${all}; at most ${scaled(peak, "B")} beside the inputs`]
}

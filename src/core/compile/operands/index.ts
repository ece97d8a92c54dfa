/**
 * Operands laid out for vectors. Where a reduction reads each element of an operand often, a copy of it in a better order is
 * made first: in panels (panels.ts), with its border (padded.ts), or with another axis last (aligned.ts). The order of sums
 * stays the same, so values do.
 */
import type { Nest, Scalar } from "../nest.js"
import type { BufferType, Schedule, Step } from "../schedule.js"
import { isDataDependent } from "../substitute.js"
import { aligned } from "./aligned.js"
import type { Change } from "./change.js"
import { copyOf, homeOf, newScope, type Scope } from "./copies.js"
import { loadsOf, replaced } from "./loads.js"
import { padded } from "./padded.js"
import { panels } from "./panels.js"

type Kernel = Extract<Step, { readonly t: "kernel" }>

/** Columns of a panel for vectors of so many lanes: four vectors, which with two rows are a tile in registers. */
const panelColumns = (lanes: number): number => 4 * lanes

/** Turns that a `while` is taken to make. */
const SOME = 4

class Layouts {
  constructor(
    private readonly buffers: BufferType[],
    private readonly lanes: number,
  ) {}

  steps(steps: readonly Step[], scope: Scope): readonly Step[] {
    for (const step of steps) this.step(step, scope)
    return scope.steps
  }

  private step(step: Step, scope: Scope): void {
    switch (step.t) {
      case "kernel":
        scope.steps.push(this.kernel(step, scope))
        scope.made.add(step.output)
        return
      case "copy":
        scope.steps.push(step)
        scope.made.add(step.to)
        return
      case "routine":
        scope.steps.push(step)
        for (const b of step.outputs) scope.made.add(b)
        return
      case "loop": {
        const own = [...step.carries.map((c) => c.current), ...step.slices.map((r) => r.item)]
        const body = this.steps(step.body, newScope(scope, step.count, own))
        scope.steps.push({ ...step, body })
        for (const b of [...step.carries.map((c) => c.result), ...step.stacks.map((r) => r.slab)]) scope.made.add(b)
        return
      }
      case "while": {
        const own = step.carries.map((c) => c.current)
        const condition = this.steps(step.condition, newScope(scope, SOME, own))
        const body = this.steps(step.body, newScope(scope, SOME, own))
        scope.steps.push({ ...step, condition, body })
        for (const { result } of step.carries) scope.made.add(result)
        return
      }
      case "cond": {
        const side = (branch: typeof step.whenTrue) => ({ ...branch, steps: this.steps(branch.steps, newScope(null, 1)) })
        scope.steps.push({ ...step, whenTrue: side(step.whenTrue), whenFalse: side(step.whenFalse) })
        for (const b of step.outputs) scope.made.add(b)
      }
    }
  }

  private kernel(step: Kernel, scope: Scope): Kernel {
    const { nest } = step
    if (nest.reduce === null || nest.reduce.indicator !== undefined || nest.domain.length === 0) return step
    const inputs = [...step.inputs]
    const by = new Map<Scalar, Scalar>()
    for (const load of loadsOf(nest.body)) {
      if (isDataDependent(load)) continue
      const buffer = step.inputs[load.input] as number
      const operand = { load, type: this.buffers[buffer] as BufferType, turns: homeOf(scope, buffer).turns }
      const change: Change | null =
        panels(nest, operand, panelColumns(this.lanes)) ?? padded(nest, operand) ?? aligned(nest, operand, this.lanes)
      if (change === null) continue
      const copy = copyOf(scope, this.buffers, { name: `${change.name} ${step.name}`, buffer, key: change.key, nest: change.nest })
      by.set(load, { t: "load", input: inputs.push(copy) - 1, at: change.at, guards: change.guards })
    }
    return by.size === 0 ? step : { ...step, inputs, nest: { ...nest, body: replaced(nest.body, by) } satisfies Nest }
  }
}

/** The schedule with copies of operands where they pay, for vectors of so many lanes. */
export const layOut = (schedule: Schedule, lanes: number): Schedule => {
  const buffers = [...schedule.buffers]
  const steps = new Layouts(buffers, lanes).steps(schedule.steps, newScope(null, 1, schedule.inputs))
  return { ...schedule, buffers, steps }
}

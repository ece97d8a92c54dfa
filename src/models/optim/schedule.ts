/** Factors that change with the step. */
import type { Tensor } from "../../core/index.js"
import { add, div, full, less, mul, sub, where } from "../../ops/index.js"
import { between, variant, whole } from "../schema/index.js"
import type { Transformation } from "./transformation.js"
import { mapTrees } from "./tree.js"

const steps = whole(0, 2 ** 24)

/** From 0 up over `warmUp` steps, 1 until `hold`, then down in a line to `floor` at `end`, where it stays. */
export interface ScheduleSpec {
  readonly _tag: "scaleBySchedule"
  readonly warmUp: number
  readonly hold: number
  readonly end: number
  readonly floor: number
}

export const scheduleCodec = variant("scaleBySchedule", { warmUp: steps, hold: steps, end: steps, floor: between(0, 1) })

export interface ScheduleState {
  /** Updates made. */
  readonly count: Tensor<[]>
}

const smaller = (a: Tensor<[]>, b: Tensor<[]>): Tensor<[]> => where(less(a, b), a, b) as Tensor<[]>

/**
 * With t updates made before: min((t + 1) / warmUp, 1 - (1 - floor) (t - hold) / (end - hold), 1), at least `floor` once t is past `hold`.
 */
export const factorAt = ({ warmUp, hold, end, floor }: Omit<ScheduleSpec, "_tag">, count: Tensor<[]>): Tensor<[]> => {
  const one = full([], 1) as Tensor<[]>
  const up = warmUp === 0 ? one : (div(add(count, 1) as Tensor<[]>, warmUp) as Tensor<[]>)
  const down = sub(1, mul(sub(count, hold) as Tensor<[]>, (1 - floor) / Math.max(1, end - hold))) as Tensor<[]>
  const late = where(less(down, floor), full([], floor) as Tensor<[]>, down) as Tensor<[]>
  return smaller(smaller(up, late), one)
}

/** Multiplies updates by the factor of the step. */
export const scaleBySchedule = (schedule: Omit<ScheduleSpec, "_tag">): Transformation<ScheduleState, ScheduleSpec> => ({
  spec: { _tag: "scaleBySchedule", ...schedule },
  init: () => ({ count: full([], 0) as Tensor<[]> }),
  update: (updates, { count }) => {
    const factor = factorAt(schedule, count)
    return [
      mapTrees("scaleBySchedule", (u) => mul(u as Tensor, factor as Tensor) as Tensor, updates),
      { count: add(count, 1) as Tensor<[]> },
    ]
  },
})

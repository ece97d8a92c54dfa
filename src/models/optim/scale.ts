/** Updates times a factor: a constant, or one that follows a schedule. */
import type { Tensor } from "../../core/index.js"
import { add, full, mul, zerosLike } from "../../ops/index.js"
import { type Codec, variant } from "../schema/index.js"
import { factorAt, type Schedule, scheduleCodec } from "./schedule.js"
import type { Transformation } from "./transformation.js"
import { mapTrees } from "./tree.js"

/** Updates times the factor of the step, as data. */
export interface ScaleByScheduleSpec {
  readonly _tag: "scaleBySchedule"
  readonly schedule: Schedule
}

/** No updates at all, as data. */
export interface FreezeSpec {
  readonly _tag: "freeze"
}

export const scaleByScheduleCodec = variant("scaleBySchedule", { schedule: scheduleCodec as Codec<Schedule> })
export const freezeCodec = variant("freeze", {})

/** The step that a schedule is at. */
export interface ScheduleState {
  /** Updates made. */
  readonly count: Tensor<[]>
}

/**
 * Multiplies updates by the factor of the step.
 *
 * @example
 * chain(adam({ rate: 4e-4 }), scaleBySchedule(product(warmUp(10_000), exponentialDecay({ every: 100_000, factor: 0.5 }))))
 */
export const scaleBySchedule = (schedule: Schedule): Transformation<ScheduleState, ScaleByScheduleSpec> => ({
  spec: { _tag: "scaleBySchedule", schedule },
  init: () => ({ count: full([], 0) as Tensor<[]> }),
  update: (updates, { count }) => {
    const factor = factorAt(schedule, count)
    return [
      mapTrees("scaleBySchedule", (u) => mul(u as Tensor, factor as Tensor) as Tensor, updates),
      { count: add(count, 1) as Tensor<[]> },
    ]
  },
})

/** No update at all: what is frozen stays as it is. For `byPath`. */
export const freeze: Transformation<null, FreezeSpec> = {
  spec: { _tag: "freeze" },
  init: () => null,
  update: (gradients) => [mapTrees("freeze", zerosLike, gradients), null],
}

/** Schedules: how a factor changes with the step, as data. */
import * as t from "io-ts"
import type { Tensor } from "../../core/index.js"
import { add, cast, cos, div, exp, full, less, mul, sub, where } from "../../ops/index.js"
import { between, type Codec, flag, optional, positive, tagged, variant, whole } from "../schema/index.js"

/** From 0 up to 1 in a line: (t + 1) / steps. */
export interface WarmUp {
  readonly _tag: "warmUp"
  readonly steps: number
}

/** 1 until `from`, then down to `floor` at `to`, where it stays. */
interface Decay {
  readonly from: number
  readonly to: number
  readonly floor: number
}

export interface LinearDecay extends Decay {
  readonly _tag: "linearDecay"
}

export interface CosineDecay extends Decay {
  readonly _tag: "cosineDecay"
}

/** `factor` to the power of t / every; of its whole part only with `staircase`. */
export interface ExponentialDecay {
  readonly _tag: "exponentialDecay"
  readonly every: number
  readonly factor: number
  readonly staircase: boolean
}

/** Schedules that all act. */
export interface Product {
  readonly _tag: "product"
  readonly of: readonly Schedule[]
}

/** A factor of the learning rate by step, as data. */
export type Schedule = WarmUp | LinearDecay | CosineDecay | ExponentialDecay | Product

const step = whole(0, 2 ** 24)
const decay = { from: step, to: step, floor: optional(between(0, 1), 0) }

type Part = Codec<Schedule> & { readonly tag: string }

/** Reads a schedule from outside. */
export const scheduleCodec: Codec<Schedule> = tagged<Schedule>("a schedule", () =>
  [
    variant("warmUp", { steps: step }),
    variant("linearDecay", decay),
    variant("cosineDecay", decay),
    variant("exponentialDecay", { every: positive, factor: positive, staircase: optional(flag, false) }),
    variant("product", { of: t.readonlyArray(scheduleCodec, "a list of schedules") }),
  ].map((part) => part as Part),
)

/**
 * From 0 up to 1 in `steps` steps; the first step has 1 / steps, not 0.
 *
 * @example
 * scaleBySchedule(warmUp(200))
 */
export const warmUp = (steps: number): WarmUp => ({ _tag: "warmUp", steps })

/**
 * 1 until step `from`, then in a line to `floor` (default 0) at step `to`.
 *
 * @example
 * scaleBySchedule(linearDecay({ from: 0, to: 4000 }))
 */
export const linearDecay = ({ from, to, floor = 0 }: Omit<Decay, "floor"> & Partial<Decay>): LinearDecay => ({
  _tag: "linearDecay",
  from,
  to,
  floor,
})

/**
 * 1 until step `from`, then along half a cosine to `floor` (default 0) at step `to` (Loshchilov and Hutter 2017).
 *
 * @example
 * scaleBySchedule(cosineDecay({ from: 200, to: 4000 }))
 */
export const cosineDecay = ({ from, to, floor = 0 }: Omit<Decay, "floor"> & Partial<Decay>): CosineDecay => ({
  _tag: "cosineDecay",
  from,
  to,
  floor,
})

/**
 * factor^(t / every); in steps of `every` with `staircase` (default false).
 *
 * @example
 * scaleBySchedule(exponentialDecay({ every: 1000, factor: 0.5 }))
 */
export const exponentialDecay = ({
  every,
  factor,
  staircase = false,
}: Omit<ExponentialDecay, "_tag" | "staircase"> & { readonly staircase?: boolean }): ExponentialDecay => ({
  _tag: "exponentialDecay",
  every,
  factor,
  staircase,
})

/**
 * The product of schedules.
 *
 * @example
 * product(warmUp(10_000), exponentialDecay({ every: 100_000, factor: 0.5 })) // slot attention's
 */
export const product = (...of: readonly Schedule[]): Product => ({ _tag: "product", of })

const one = () => full([], 1) as Tensor<[]>

const below = (x: Tensor<[]>, limit: number): Tensor<[]> => where(less(x, limit), x, full([], limit) as Tensor<[]>) as Tensor<[]>
const above = (x: Tensor<[]>, limit: number): Tensor<[]> => where(less(x, limit), full([], limit) as Tensor<[]>, x) as Tensor<[]>

/** How far t is on the way from `from` to `to`, in [0, 1]. */
const progress = ({ from, to }: Decay, count: Tensor<[]>): Tensor<[]> =>
  below(above(div(sub(count, from) as Tensor<[]>, Math.max(1, to - from)) as Tensor<[]>, 0), 1)

/**
 * The factor of the step that is made when `count` were made.
 *
 * @example
 * factorAt(warmUp(200), count) // (count + 1) / 200, at most 1
 */
export const factorAt = (schedule: Schedule, count: Tensor<[]>): Tensor<[]> => {
  switch (schedule._tag) {
    case "warmUp":
      return schedule.steps === 0 ? one() : below(div(add(count, 1) as Tensor<[]>, schedule.steps) as Tensor<[]>, 1)
    case "linearDecay":
      return sub(1, mul(progress(schedule, count), 1 - schedule.floor)) as Tensor<[]>
    case "cosineDecay": {
      const half = mul(sub(1, cos(mul(progress(schedule, count), Math.PI))) as Tensor<[]>, 0.5)
      return sub(1, mul(half as Tensor<[]>, 1 - schedule.floor)) as Tensor<[]>
    }
    case "exponentialDecay": {
      // half a step further on before what is past the point is cut off: rounding of the quotient changes no stair
      const turns = schedule.staircase
        ? cast(cast(div(add(count, 0.5) as Tensor<[]>, schedule.every) as Tensor<[]>, "int"), "float")
        : (div(count, schedule.every) as Tensor<[]>)
      return exp(mul(turns, Math.log(schedule.factor)) as Tensor<[]>)
    }
    case "product":
      return schedule.of.reduce((f, part) => mul(f, factorAt(part, count)) as Tensor<[]>, one())
  }
}

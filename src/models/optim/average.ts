/** Averages of the parameters over training (Polyak and Juditsky 1992; Ruppert 1988). */
import { type Tensor, TraceError } from "../../core/index.js"
import { add, div, exp, full, mul, sub, zerosLike } from "../../ops/index.js"
import type { Spec } from "../layers/index.js"
import { fraction, variant } from "../schema/index.js"
import type { Optimiser, Transformation } from "./transformation.js"
import { mapTrees } from "./tree.js"

/** An exponential moving average of the parameters, as data. */
export interface AverageSpec {
  readonly _tag: "keepAverage"
  /** How much of the average stays a step. */
  readonly decay: number
}

export const averageCodec = variant("keepAverage", { decay: fraction })

/** What an average of parameters keeps from step to step. */
export interface AverageState {
  /** Updates made. */
  readonly count: Tensor<[]>
  /** Starts at 0: its bias is taken out when it is read. */
  readonly sum: unknown
}

/**
 * Lets updates pass, and keeps a <- decay a + (1 - decay) (p + update): the exponential moving average of the parameters. It stands last in
 * a chain; `averageOf` reads it.
 *
 * @example
 * const optimiser = chain(adam({ rate: 1e-3 }), keepAverage(0.999))
 * const smooth = averageOf(optimiser, state)
 */
export const keepAverage = (decay: number): Transformation<AverageState, AverageSpec> => ({
  spec: { _tag: "keepAverage", decay },
  init: (params) => ({ count: full([], 0) as Tensor<[]>, sum: mapTrees("keepAverage", zerosLike, params) }),
  update: (updates, { count, sum }, params) => [
    updates,
    {
      count: add(count, 1) as Tensor<[]>,
      sum: mapTrees(
        "keepAverage",
        (p, u, a) => add(mul(a as Tensor, decay), mul(add(p as Tensor, u as Tensor), 1 - decay)) as Tensor,
        params,
        updates,
        sum,
      ),
    },
  ],
})

const isAverage = (spec: Spec): spec is AverageSpec => spec._tag === "keepAverage"

const find = (spec: Spec, state: unknown): { readonly spec: AverageSpec; readonly state: AverageState } | undefined => {
  if (isAverage(spec)) return { spec, state: state as AverageState }
  if (!("of" in spec) || !Array.isArray(spec.of)) return undefined
  return spec.of.map((part, i) => find(part as Spec, (state as readonly unknown[])[i])).find((found) => found !== undefined)
}

/**
 * The average that an optimiser keeps: a / (1 - decay^t), so that the first steps weigh no more than others. Not a number before the first
 * update.
 *
 * @throws TraceError when there is no `keepAverage` in the optimiser.
 *
 * @example
 * const averaged = averageOf<typeof params>(optimiser, state)
 */
export const averageOf = <P = unknown>(optimiser: Pick<Optimiser, "spec">, state: unknown): P => {
  const found = find(optimiser.spec, state)
  if (found === undefined)
    throw new TraceError(
      `averageOf: expected an optimiser with keepAverage in it, found ${optimiser.spec._tag}; end its chain with keepAverage`,
    )
  const { spec, state: kept } = found
  const weight = sub(1, spec.decay === 0 ? full([], 0) : exp(mul(kept.count, Math.log(spec.decay)))) as Tensor
  return mapTrees("averageOf", (a) => div(a as Tensor, weight) as Tensor, kept.sum) as P
}

/** Optimisers from their descriptions. */
import * as t from "io-ts"
import { type Codec, tagged, variant } from "../schema/index.js"
import { type AdamSpec, adam, adamCodec } from "./adam.js"
import { type ChainSpec, chain } from "./chain.js"
import { type ClipSpec, clipByGlobalNorm, clipCodec } from "./clip.js"
import { type ScheduleSpec, scaleBySchedule, scheduleCodec } from "./schedule.js"
import type { Optimiser } from "./transformation.js"

export type OptimiserSpec = AdamSpec | ClipSpec | ScheduleSpec | ChainSpec<OptimiserSpec>

type Part = Codec<OptimiserSpec> & { readonly tag: string }

/** Reads the description of an optimiser from outside. */
export const optimiserCodec: Codec<OptimiserSpec> = tagged<OptimiserSpec>("an optimiser", () => [
  adamCodec as unknown as Part,
  clipCodec as unknown as Part,
  scheduleCodec as unknown as Part,
  chainCodec as unknown as Part,
])

const chainCodec = variant("chain", {
  of: t.readonlyArray(optimiserCodec, "a list of transformations") as unknown as Codec<readonly OptimiserSpec[]>,
})

/** The optimiser that a description describes. */
export const optimiserOf = (spec: OptimiserSpec): Optimiser => {
  // the state of an optimiser is known from its description at run time only
  const any = (made: unknown) => made as Optimiser
  switch (spec._tag) {
    case "adam":
      return any(adam(spec))
    case "clipByGlobalNorm":
      return any(clipByGlobalNorm(spec.limit))
    case "scaleBySchedule":
      return any(scaleBySchedule(spec))
    case "chain":
      return any(chain(...spec.of.map(optimiserOf)))
  }
}

/** Optimisers from their descriptions. */
import * as t from "io-ts"
import { type Codec, record, tagged, variant } from "../schema/index.js"
import { type AdamSpec, type AdamwSpec, adam, adamCodec, adamw, adamwCodec } from "./adam.js"
import { type AverageSpec, averageCodec, keepAverage } from "./average.js"
import { type ByPathSpec, byPath, type Group } from "./by-path.js"
import { type ChainSpec, chain } from "./chain.js"
import { type ClipInfinitySpec, type ClipSpec, clipByGlobalNorm, clipByInfinityNorm, clipCodec, clipInfinityCodec } from "./clip.js"
import { type PlateauSpec, plateauCodec, reduceOnPlateau } from "./plateau.js"
import { type RmspropSpec, rmsprop, rmspropCodec } from "./rmsprop.js"
import { type FreezeSpec, freeze, freezeCodec, type ScaleByScheduleSpec, scaleBySchedule, scaleByScheduleCodec } from "./scale.js"
import { type SgdSpec, sgd, sgdCodec } from "./sgd.js"
import type { Optimiser } from "./transformation.js"
import { addDecayedWeights, type WeightDecaySpec, weightDecayCodec } from "./weight-decay.js"

/** An optimiser as data; `optimiserOf` builds it. */
export type OptimiserSpec =
  | SgdSpec
  | AdamSpec
  | AdamwSpec
  | RmspropSpec
  | ClipSpec
  | ClipInfinitySpec
  | WeightDecaySpec
  | ScaleByScheduleSpec
  | PlateauSpec
  | AverageSpec
  | FreezeSpec
  | ByPathSpec<OptimiserSpec>
  | ChainSpec<OptimiserSpec>

type Part = Codec<OptimiserSpec> & { readonly tag: string }

/** Reads the description of an optimiser from outside. */
export const optimiserCodec: Codec<OptimiserSpec> = tagged<OptimiserSpec>("an optimiser", () =>
  [
    sgdCodec,
    adamCodec,
    adamwCodec,
    rmspropCodec,
    clipCodec,
    clipInfinityCodec,
    weightDecayCodec,
    scaleByScheduleCodec,
    plateauCodec,
    averageCodec,
    freezeCodec,
    byPathCodec,
    chainCodec,
  ].map((part) => part as Part),
)

const listOf = <A>(codec: Codec<A>, name: string) => t.readonlyArray(codec, name)

const chainCodec = variant("chain", { of: listOf(optimiserCodec, "a list of transformations") })
const groupCodec = record({ match: t.string, of: optimiserCodec })
const byPathCodec = variant("byPath", { groups: listOf(groupCodec as Codec<Group<OptimiserSpec>>, "a list of groups { match, of }") })

/**
 * The optimiser that a description describes.
 *
 * @example
 * optimiserOf(adam({ rate: 1e-3 }).spec)
 */
export const optimiserOf = (spec: OptimiserSpec): Optimiser => {
  // the state of an optimiser is known from its description at run time only
  const any = (made: unknown) => made as Optimiser
  switch (spec._tag) {
    case "sgd":
      return any(sgd(spec))
    case "adam":
      return any(adam(spec))
    case "adamw":
      return any(adamw(spec))
    case "rmsprop":
      return any(rmsprop(spec))
    case "clipByGlobalNorm":
      return any(clipByGlobalNorm(spec.limit))
    case "clipByInfinityNorm":
      return any(clipByInfinityNorm(spec.limit))
    case "addDecayedWeights":
      return any(addDecayedWeights(spec.rate))
    case "scaleBySchedule":
      return any(scaleBySchedule(spec.schedule))
    case "reduceOnPlateau":
      return any(reduceOnPlateau(spec))
    case "keepAverage":
      return any(keepAverage(spec.decay))
    case "freeze":
      return any(freeze)
    case "byPath":
      return any(byPath(spec.groups.map(({ match, of }) => ({ match, of: optimiserOf(of) }))))
    case "chain":
      return any(chain(...spec.of.map(optimiserOf)))
  }
}

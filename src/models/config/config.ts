/** Whole training runs as data, a configuration for each family of models. */
import * as t from "io-ts"
import { type Codec, oneOf } from "../schema/index.js"
import { defaultSlateConfig, type SlateConfig, slateConfigCodec } from "./slate.js"
import { defaultConfig, type SlotAutoencoderConfig, slotAutoencoderConfigCodec } from "./slot-autoencoder.js"

/** A whole training run as data: everything that changes what a run gives. */
export type Config = SlotAutoencoderConfig | SlateConfig

/** The name of a family of models. */
export type Family = Config["family"]

/** Configurations in which nothing is set but the family. */
export const defaultConfigs: { readonly [F in Family]: Extract<Config, { readonly family: F }> } = {
  slotAutoencoder: defaultConfig,
  slate: defaultSlateConfig,
}

/** Names of the families; the first is meant where none is named. */
export const families = ["slotAutoencoder", "slate"] as const satisfies readonly Family[]

/** Reads the name of a family. */
export const familyCodec: Codec<Family> = oneOf(...families)

const isRecord = (u: unknown): u is { readonly family?: unknown } => typeof u === "object" && u !== null && !Array.isArray(u)

/** What a configuration from outside calls its family. */
export const familyOf = (u: unknown): unknown => (isRecord(u) ? (u.family ?? families[0]) : families[0])

/** Reads a configuration of the family that it names; what is left out has its default, what is not known is refused. */
export const configCodec: Codec<Config> = new t.Type<Config, Config, unknown>(
  'a record such as { "steps": 1000 }',
  (u): u is Config => slotAutoencoderConfigCodec.is(u) || slateConfigCodec.is(u),
  (u, c) => {
    const family = familyCodec.validate(familyOf(u), t.appendContext(c, "family", familyCodec))
    if (family._tag === "Left") return family
    return family.right === "slate" ? slateConfigCodec.validate(u, c) : slotAutoencoderConfigCodec.validate(u, c)
  },
  t.identity,
)

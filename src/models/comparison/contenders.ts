/** Who is compared: configurations that differ by a value or two, each with several seeds. */
import { createHash } from "node:crypto"
import * as E from "fp-ts/lib/Either.js"
import { shown } from "../../core/index.js"
import { parseSetting, type Setting } from "../config/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import { nearest } from "../schema/index.js"
import { variantNames } from "../slot-attention/index.js"
import { partTexts } from "./variant-texts.js"

/** A configuration by what is set in it beyond what all have. */
export interface Contender {
  readonly name: string
  readonly settings: readonly Setting[]
}

/** A contender with a seed, and the folder of its run within that of the comparison. */
export interface Entrant {
  readonly contender: Contender
  readonly seed: number
  readonly folder: string
}

/** A text as a part of a folder's name; where characters had to go, a digest of the whole keeps it apart from all other texts. */
const folderPart = (text: string): string => {
  const plain = text.replace(/[^A-Za-z0-9._-]+/g, "-").slice(0, 60)
  return plain === text ? text : `${plain}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`
}

const part = (text: string): E.Either<DecodeError, Setting> => {
  if (text.includes("=")) return parseSetting(text)
  const found = variantNames.find((name) => name === text)
  return found === undefined
    ? E.left(
        decodeError(
          `--variants: expected how the gradient passes the refinements (${variantNames.join(", ")}) or KEY=VALUE, found ${shown(text)}; did you mean ${nearest(text, variantNames)}?`,
        ),
      )
    : E.right({ name: "model.adjoint", value: found })
}

const contender = (text: string): E.Either<DecodeError, Contender> => {
  const settings: Setting[] = []
  for (const one of partTexts(text)) {
    const read = part(one)
    if (E.isLeft(read)) return read
    if (read.right.name === "seed")
      return E.left(
        decodeError(
          `--variants: ${shown(text)} sets the seed, but every variant is trained with each seed of --seeds; give it there, such as --seeds 5,6`,
        ),
      )
    settings.push(read.right)
  }
  return E.right({ name: text, settings })
}

const doubled = (texts: readonly string[]): string | undefined => texts.find((text, i) => texts.indexOf(text) !== i)

/**
 * Everybody who is compared: each of the variants with each of the seeds. A variant is the name of an adjoint, a setting, or several
 * of them with a plus between. The folder of an entrant follows from its variant and its seed alone.
 *
 * @example
 * entrants(["oneStep+model.iterations=3", "unrolled"], [0, 1]) // right of four
 */
export const entrants = (variants: readonly string[], seeds: readonly number[]): E.Either<DecodeError, readonly Entrant[]> => {
  if (variants.length < 2)
    return E.left(decodeError(`--variants: expected at least two, divided by commas, found ${shown(variants.join())}`))
  const twice = doubled(variants) ?? doubled(seeds.map(String))
  if (twice !== undefined) return E.left(decodeError(`${shown(twice)} is there twice; name each variant and each seed once`))
  const all: Entrant[] = []
  for (const text of variants) {
    const one = contender(text)
    if (E.isLeft(one)) return one
    for (const seed of seeds) all.push({ contender: one.right, seed, folder: `${folderPart(text)}-seed-${seed}` })
  }
  return E.right(all)
}

/** What each entrant is trained by. */
import * as E from "fp-ts/lib/Either.js"
import { shown } from "../../core/index.js"
import { type Config, decodeConfig, type Setting } from "../config/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import type { Entrant } from "./contenders.js"

/** An entrant with its whole configuration. */
export interface Configured {
  readonly entrant: Entrant
  readonly config: Config
}

/**
 * Entrants with their configurations: what all have in common, what the variant sets, and the seed. `Left` names the variant that has a
 * wrong one, or that would make no step: there is no curve of it.
 *
 * @example
 * E.map(([first]) => first?.config.seed)(entrantConfigs(entrants, [{ name: "steps", value: 100 }]))
 */
export const entrantConfigs = (
  entrants: readonly Entrant[],
  settings: readonly Setting[],
): E.Either<DecodeError, readonly Configured[]> => {
  const all: Configured[] = []
  for (const entrant of entrants) {
    const { contender, seed } = entrant
    const config = decodeConfig({}, [...settings, ...contender.settings, { name: "seed", value: seed }])
    if (E.isLeft(config)) return E.left(decodeError(`variant ${shown(contender.name)}: ${config.left.message}`))
    if (config.right.steps < 1)
      return E.left(
        decodeError(`variant ${shown(contender.name)}: config.steps: expected at least 1 to compare, found ${config.right.steps}`),
      )
    all.push({ entrant, config: config.right })
  }
  return E.right(all)
}

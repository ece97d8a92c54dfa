/** Some of a function's inputs. */
import type { Values } from "../run.js"

/** Marks inputs, in their order. */
export type Mask = readonly boolean[]

/** All ways to choose at least one of the places that `of` marks. */
export const subsets = (of: Mask): readonly Mask[] =>
  of
    .reduce<readonly Mask[]>(
      (all, may) =>
        all.flatMap((m) =>
          may
            ? [
                [...m, false],
                [...m, true],
              ]
            : [[...m, false]],
        ),
      [[]],
    )
    .filter((m) => m.some(Boolean))

/** `x` with the inputs of the mask replaced, in order. */
export const replaced = (x: Values, mask: Mask, by: Values): Values => {
  let next = 0
  return x.map((a, i) => (mask[i] ? (by[next++] as Float64Array) : a))
}

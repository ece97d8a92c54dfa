/** z <- f(z). */
import type { Algorithm } from "./algorithm.js"
import { transient } from "./course.js"

type Nothing = Record<string, never>

export const picardAlgorithm: Algorithm<Nothing> = {
  needs: [],
  recovers: false,
  patience: transient,
  init: (z) => ({ state: {}, ask: { at: z } }),
  step: (state, { f }) => ({ state, ask: { at: f } }),
}

/** z <- f(z). */
import type { Algorithm } from "./algorithm.js"

type Nothing = Record<string, never>

export const picardAlgorithm: Algorithm<Nothing> = {
  needs: [],
  recovers: false,
  patience: () => 64,
  init: (z) => ({ state: {}, ask: { at: z } }),
  step: (state, { f }) => ({ state, ask: { at: f } }),
}

/**
 * Large convolutions with stride 1 by Winograd's filters (matrices.ts): 36 products of matrices for tiles of 6 x 6 places, in
 * place of 25 (5 x 5) or 9 (3 x 3) for every place: 2.8 and 4 times fewer multiplications. Forward, to the input (a convolution
 * with the kernel turned around) and to the kernel. Image by image, so that what is between the steps stays in the caches.
 *
 * Bound. Rounding differs from the plain sum's: in float32 the error of a result is below 2e-5 of the largest one, in float64 below
 * 1e-13 (held in test/core/compile/winograd.test.ts; seen are 4e-6 to 1e-5, the plain sum's is 1e-6). The places of a tile are added to
 * one another, so a number that isn't finite reaches all results of the tiles that hold it, not only those whose window does.
 */
import type { Schedule, Step } from "../schedule.js"
import { Builder, type Kernel } from "./builder.js"
import { forward } from "./forward.js"
import { windowFor } from "./matrices.js"
import { type Convolution, convolutionOf } from "./recognise.js"
import { toKernel } from "./to-kernel.js"

/** Channels and features from which products outweigh transforms. */
const CHANNELS = 16
/** Multiplications of a convolution that is worth the steps. */
const WORK = 2 ** 24
/** How many times fewer multiplications are worth it. */
const GAIN = 1.7

/** What the filters save: multiplications of the plain sum by theirs. */
const gain = (c: Convolution, extents: readonly number[]): number => {
  const { size, directions } = c
  const window = windowFor(size)
  // a tile has so many places of the result, or of the images that a kernel's gradient sums over
  const step = window + 1 - size
  return directions.reduce((product, { output }) => {
    const places = extents[output] as number
    return (product * (places * size)) / (Math.ceil(places / step) * window)
  }, 1)
}

const isWorthIt = (c: Convolution, extents: readonly number[], least: number): boolean => {
  const wide = [c.channel, c.feature].every((v) => (extents[v] as number) >= CHANNELS)
  const work = extents.reduce((n, d) => n * d, 1)
  return c.size >= 3 && c.size <= 5 && wide && work >= least && gain(c, extents) >= GAIN
}

const rewriteSteps = (b: Builder, steps: readonly Step[], least: number): readonly Step[] =>
  steps.flatMap((step): readonly Step[] => {
    switch (step.t) {
      case "kernel":
        return rewriteKernel(b, step, least)
      case "loop":
        return [{ ...step, body: rewriteSteps(b, step.body, least) }]
      case "while":
        return [{ ...step, condition: rewriteSteps(b, step.condition, least), body: rewriteSteps(b, step.body, least) }]
      case "cond": {
        const side = (branch: typeof step.whenTrue) => ({ ...branch, steps: rewriteSteps(b, branch.steps, least) })
        return [{ ...step, whenTrue: side(step.whenTrue), whenFalse: side(step.whenFalse) }]
      }
      default:
        return [step]
    }
  })

const rewriteKernel = (b: Builder, step: Kernel, least: number): readonly Step[] => {
  const found = convolutionOf(step.nest)
  if (found === null) return [step]
  const extents = [...step.nest.domain, ...(step.nest.reduce?.extent ?? [])]
  if (!isWorthIt(found, extents, least)) return [step]
  return (found.toKernel ? toKernel : forward)(b, step, found, extents)
}

/** The schedule with convolutions of at least so many multiplications by Winograd's filters. */
export const winograd = (schedule: Schedule, least = WORK): Schedule => {
  const b = new Builder(schedule.buffers)
  const steps = rewriteSteps(b, schedule.steps, least)
  return { ...schedule, buffers: b.buffers, steps }
}

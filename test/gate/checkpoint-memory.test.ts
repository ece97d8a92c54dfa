/**
 * Peak memory of the gradient of a scan, by the memory plan, in units of one state.
 *
 * Theory. The cell has k contractions. Reverse mode keeps, for each of T turns, the carry and the k results of contractions (what is
 * cheap is made again): k + 1 states a turn. A checkpointed cell keeps the carry alone: 1 a turn, a factor of k + 1 less. A scan of
 * sqrt(T) checkpointed segments of sqrt(T) turns keeps sqrt(T) carries, and while one segment is run backwards its sqrt(T) (k + 1):
 * (k + 2) sqrt(T) in all (Griewank and Walther 2008, section 12.3). What a turn needs beside is the same for all lengths.
 */
import { describe, expect, it } from "vitest"
import { checkpointed, k, peak, plain, segmented } from "./scans.js"

/** States that 192 more turns cost: from 64 to 256, whose roots are whole. */
const growth = (f: typeof plain) => peak(f(256)) - peak(f(64))

describe("peak memory of a scan's gradient", () => {
  it("plain: k + 1 states a turn", () => expect(growth(plain)).toBe(192 * (k + 1)))

  it("checkpointed: one state a turn, a factor of k + 1 less", () => expect(growth(checkpointed)).toBe(192))

  it("in checkpointed segments: (k + 2) states a turn of the root of the length", () => expect(growth(segmented)).toBe((16 - 8) * (k + 2)))

  it("the factor shows in the whole peak", () => {
    const [a, b, c] = [peak(plain(256)), peak(checkpointed(256)), peak(segmented(256))]
    // what does not grow is less than six times what one plain turn keeps
    expect(b).toBeLessThan(256 + 6 * (k + 1))
    expect(a / b).toBeGreaterThan(0.9 * (k + 1))
    expect(a / c).toBeGreaterThan((0.75 * 256 * (k + 1)) / (16 * (k + 2)))
  })
})

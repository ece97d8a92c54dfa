import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { formatDuration, formatProgress, progressWriter } from "../../../src/models/progress/index.js"

const full = {
  step: 1200,
  steps: 20000,
  loss: 0.042137,
  fgAri: 0.8716,
  residual: 0.000312,
  spectralRadius: 0.9134,
  stepsPerSecond: 7.4,
  secondsLeft: 2541,
}

describe("formatProgress", () => {
  test("all fields", () => {
    expect(formatProgress(full)).toBe(
      "step  1200/20000   6%  loss 0.04214  FG-ARI 0.872  residual 3.1e-4  radius 0.913  7.4 steps/s  42m 21s left",
    )
  })
  test("unknown fields are left out, and what is not finite is shown", () => {
    expect(formatProgress({ step: 3 })).toBe("step 3")
    expect(formatProgress({ step: 3, loss: Number.NaN, residual: Number.POSITIVE_INFINITY })).toBe("step 3  loss NaN  residual Infinity")
    expect(formatProgress({ step: 0, steps: 0, loss: 0 })).toBe("step 0/0  loss 0")
    expect(formatProgress({ step: 1, loss: 123456, stepsPerSecond: 0.0123 })).toBe("step 1  loss 1.2e+5  0.0123 steps/s")
  })
  test("steps of another name", () => {
    expect(formatProgress({ step: 32, steps: 320, unit: "image", stepsPerSecond: 8 })).toBe("image  32/320  10%  8 images/s")
  })
  test("drops whole fields from the end to fit", () => {
    expect(formatProgress(full, 60)).toBe("step  1200/20000   6%  loss 0.04214  FG-ARI 0.872")
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 150 }), (width) => {
        const line = formatProgress(full, width)
        expect(line.length).toBeLessThanOrEqual(width)
        expect(formatProgress(full).startsWith(line)).toBe(true)
        expect(line).toMatch(/^[ -~]*$/)
      }),
    )
  })
  test("is at 100% only when all steps are done", () => {
    expect(formatProgress({ step: 19999, steps: 20000 })).toContain(" 99%")
    expect(formatProgress({ step: 20000, steps: 20000 })).toContain("100%")
  })
})

test.each([
  [0, "0s"],
  [59.4, "59s"],
  [59.6, "1m 00s"],
  [185, "3m 05s"],
  [7625, "2h 07m"],
  [349_200, "4d 01h"],
  [-3, "0s"],
  [Number.POSITIVE_INFINITY, "?"],
])("formatDuration(%d) = %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text)
})

describe("progressWriter", () => {
  const setUp = (isTTY: boolean, columns?: number) => {
    const clock = { time: 100 }
    const out: string[] = []
    const writer = progressWriter({ stream: { write: (text) => out.push(text), isTTY, columns }, now: () => clock.time })
    return { clock, out, writer }
  }

  test("in a log: a line every five seconds, the last one always", () => {
    const { clock, out, writer } = setUp(false)
    for (let step = 0; step <= 120; step++) {
      writer.update({ step, steps: 120, loss: 1 / (step + 1) })
      clock.time += 0.125
    }
    writer.end()
    writer.update({ step: 999 })
    writer.end()
    expect(out.every((line) => line.endsWith("\n") && !line.includes("\r"))).toBe(true)
    expect(out.map((line) => /step +(\d+)/.exec(line)![1])).toEqual(["0", "40", "80", "120"])
    expect(out[1]).toContain("8 steps/s")
    expect(out[1]).toContain("10s left")
    expect(out[3]).toContain("0s left")
  })

  test("on a terminal: one line, rewritten, cut to its width, ended once", () => {
    const { clock, out, writer } = setUp(true, 30)
    for (let step = 0; step < 10; step++) {
      writer.update({ ...full, step })
      clock.time += 0.0625
    }
    writer.note("saved")
    writer.update({ ...full, step: 10 })
    writer.end()
    const all = out.join("")
    expect(all.split("\n")).toHaveLength(3)
    expect(out.filter((text) => text.startsWith("\rstep"))).toHaveLength(6)
    expect(all).toContain("\rsaved\x1b[K\n")
    for (const text of out) expect(text.replaceAll("\x1b[K", "").trim().length).toBeLessThanOrEqual(29)
  })

  test("nothing told, nothing written", () => {
    const { out, writer } = setUp(true)
    writer.end()
    expect(out).toEqual([])
  })

  test("speed follows the last half minute, and a step back starts it afresh", () => {
    const { clock, out, writer } = setUp(false)
    const run = (from: number, to: number, seconds: number) => {
      for (let step = from; step <= to; step++) {
        writer.update({ step })
        clock.time += seconds
      }
    }
    run(0, 100, 1)
    run(101, 600, 0.1)
    expect(out[out.length - 1]).toMatch(/(9\.\d+|10) steps\/s/)
    run(50, 60, 2)
    expect(out[out.length - 1]).toContain("0.5 steps/s")
  })
})

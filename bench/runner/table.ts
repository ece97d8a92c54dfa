/** What was measured, for people. */
import type { Measured, Times } from "./measure.js"

/** GF/s of a workload that has a number of flops. */
export const rate = ({ workload }: Measured, { medianMs }: Times): number | null =>
  workload.kind === "kernel" && workload.flops !== null ? workload.flops / medianMs / 1e6 : null

/** The subject's speed over a peer's: above 1 it is faster. Null where one of them has no time. */
export const ratio = ({ times }: Measured, subject: string, peer: string): number | null => {
  const [own, other] = [times.find((t) => t.engine === subject), times.find((t) => t.engine === peer)]
  return own === undefined || other === undefined ? null : other.medianMs / own.medianMs
}

const digits = (x: number): string => (x >= 100 ? x.toFixed(0) : x.toPrecision(3))

/** A block of lines a workload: one an engine, with Stillpoint's speed over it. */
export const lines = (measured: Measured, subject: string): readonly string[] => {
  const { workload, times, left, disagreements, helped } = measured
  const row = (t: Times): string => {
    const gflops = rate(measured, t)
    const speed = t.engine === subject ? null : ratio(measured, subject, t.engine)
    return [
      `  ${t.engine.padEnd(16)}`,
      `${digits(t.medianMs).padStart(9)} ms`,
      gflops === null ? " ".repeat(14) : `${digits(gflops).padStart(9)} GF/s`,
      `iqr ${(100 * t.spread).toFixed(0).padStart(3)} %`,
      `first ${digits(t.firstMs).padStart(7)} ms`,
      `${t.rounds} x ${t.calls}`.padStart(9),
      speed === null ? "" : `${subject} is ${speed.toFixed(2)}x`,
    ].join("  ")
  }
  return [
    workload.id,
    ...times.map(row),
    ...disagreements.map(
      (d) => `  ${d.engines[1]} DISAGREES with ${d.engines[0]}: ${d.distance.toExponential(1)} of the root mean square; not timed`,
    ),
    ...helped.map(({ engine, how }) => `  ${engine.padEnd(16)}  * ${how}`),
    ...left.map(({ engine, why }) => `  ${engine.padEnd(16)}  - (${why})`),
  ]
}

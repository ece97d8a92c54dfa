/** From values to places on an axis, with ticks at round numbers. */
import { number, powerOfTen } from "./text.js"

export interface Tick {
  /** Where on the axis, 0 to 1. */
  readonly at: number
  readonly label: string
}

export interface Scale {
  /** Place of a value on the axis, 0 to 1; `undefined` when it has none. */
  readonly place: (value: number) => number | undefined
  readonly ticks: readonly Tick[]
}

/** The round step (1, 2 or 5 times a power of ten) that divides `span` into about `wanted` parts. */
const roundStep = (span: number, wanted: number): number => {
  const power = 10 ** Math.floor(Math.log10(span / wanted))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => span / step <= wanted + 0.5) ?? 10 * power
}

/** The largest value that axes reach to: spans and their steps stay finite. */
const LARGEST = 1e307
const bounded = (value: number): number => Math.min(LARGEST, Math.max(-LARGEST, value))

const clampedPlace = (at: number): number => Math.min(1, Math.max(0, at))

/** A linear axis from `least` to `greatest`. `round` widens the ends to ticks. */
export const linearScale = (least: number, greatest: number, wanted: number, round: boolean): Scale => {
  const [low, high] = [bounded(least), bounded(greatest)]
  // a difference in the last digits, or one near the smallest number, is no span: it has no steps that could be counted
  if (!(high - low > Math.max(1e-300, 1e-9 * Math.max(Math.abs(low), Math.abs(high))))) {
    const pad = Math.abs(low) * 0.1 || 1
    return linearScale(low - pad, low + pad, wanted, round)
  }
  const step = roundStep(high - low, wanted)
  const first = round ? Math.floor(low / step + 1e-9) : low / step
  const last = round ? Math.ceil(high / step - 1e-9) : high / step
  const ticks: Tick[] = []
  for (let i = Math.ceil(first - 1e-9); i <= last + 1e-9; i++) {
    const value = Number((i * step).toPrecision(12))
    ticks.push({ at: clampedPlace((i - first) / (last - first)), label: number(value) })
  }
  return { place: (value) => (Number.isFinite(value) ? clampedPlace((value / step - first) / (last - first)) : undefined), ticks }
}

/** A logarithmic axis over whole decades, or over 1, 2, 5, 10 where there is less than one and a half. Values up to 0 have no place. */
export const logScale = (low: number, high: number, wanted: number): Scale => {
  const [from, to] = [Math.log10(low), Math.log10(high)]
  const marks: { log: number; label: string }[] = []
  if (to - from < 1.5) {
    for (let power = Math.floor(from) - 1; power <= Math.ceil(to); power++) {
      for (const factor of [1, 2, 5])
        marks.push({ log: power + Math.log10(factor), label: number(Number((factor * 10 ** power).toPrecision(3))) })
    }
  } else {
    const every = Math.max(1, Math.ceil((Math.ceil(to) - Math.floor(from)) / wanted))
    for (let power = Math.floor(from / every) * every; power <= Math.ceil(to / every) * every; power += every) {
      marks.push({ log: power, label: Math.abs(power) <= 2 ? number(10 ** power) : powerOfTen(power) })
    }
  }
  const first = Math.max(...marks.map(({ log }) => log).filter((log) => log <= from + 1e-9))
  const last = Math.min(...marks.map(({ log }) => log).filter((log) => log >= to - 1e-9 && log > first))
  const place = (log: number) => clampedPlace((log - first) / (last - first))
  return {
    place: (value) => (value > 0 && Number.isFinite(value) ? place(Math.log10(value)) : undefined),
    ticks: marks.filter(({ log }) => log >= first - 1e-9 && log <= last + 1e-9).map(({ log, label }) => ({ at: place(log), label })),
  }
}

/** One line about a training run. Pure: no clock, no stream. */

/** Where a run is. Numbers that are unknown are left out; a value that is not finite is shown as it is. */
export interface Progress {
  /** Steps done. */
  readonly step: number
  /** Steps in all. */
  readonly steps?: number | undefined
  /** What a step is called. Default `step`. */
  readonly unit?: string | undefined
  /** The loss, in its own unit. */
  readonly loss?: number | undefined
  /** Foreground ARI of the last evaluation, at most 1. */
  readonly fgAri?: number | undefined
  /** Relative residual of the fixed point, the worst of the batch. */
  readonly residual?: number | undefined
  /** Estimated spectral radius of the step's Jacobian; below 1 the fixed point attracts. */
  readonly spectralRadius?: number | undefined
  readonly stepsPerSecond?: number | undefined
  readonly secondsLeft?: number | undefined
}

/** A number in few characters: four significant digits, or an exponent where that is shorter. */
const short = (value: number): string => {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(1)
  return String(Number(value.toPrecision(4)))
}

/**
 * A duration in its two largest units: `42s`, `3m 05s`, `2h 07m`, `4d 01h`. Rounded to a second; `?` when it is not finite.
 *
 * @example
 * formatDuration(125) // "2m 05s"
 */
export const formatDuration = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return "?"
  const whole = Math.max(0, Math.round(seconds))
  const [minutes, hours, days] = [Math.floor(whole / 60), Math.floor(whole / 3600), Math.floor(whole / 86400)]
  const two = (value: number) => String(value).padStart(2, "0")
  if (days > 0) return `${days}d ${two(hours % 24)}h`
  if (hours > 0) return `${hours}h ${two(minutes % 60)}m`
  return minutes > 0 ? `${minutes}m ${two(whole % 60)}s` : `${whole}s`
}

const fields = (p: Progress): readonly string[] => {
  const unit = p.unit ?? "step"
  const steps = p.steps === undefined ? `${unit} ${p.step}` : `${unit} ${String(p.step).padStart(String(p.steps).length)}/${p.steps}`
  const share = p.steps !== undefined && p.steps > 0 ? ` ${String(Math.floor((100 * p.step) / p.steps)).padStart(3)}%` : ""
  const field = (name: string, value: number | undefined, show: (value: number) => string) =>
    value === undefined ? [] : [`${name} ${show(value)}`]
  return [
    `${steps}${share}`,
    ...field("loss", p.loss, short),
    ...field("FG-ARI", p.fgAri, (value) => value.toFixed(3)),
    ...field("residual", p.residual, (value) => (Number.isFinite(value) ? value.toExponential(1) : String(value))),
    ...field("radius", p.spectralRadius, (value) => value.toFixed(3)),
    ...(p.stepsPerSecond === undefined ? [] : [`${short(Number(p.stepsPerSecond.toPrecision(3)))} ${unit}s/s`]),
    ...(p.secondsLeft === undefined ? [] : [`${formatDuration(p.secondsLeft)} left`]),
  ]
}

/**
 * The line: `step  1200/20000   6%  loss 0.0421  FG-ARI 0.872  residual 3.1e-4  radius 0.913  7.4 steps/s  42m 21s left`.
 * Plain ASCII. Where `width` characters don't hold every field, whole fields are left out from the end.
 *
 * @param width default: no limit
 *
 * @example
 * formatProgress({ step: 1200, steps: 20_000, loss: 0.0421 }) // "step  1200/20000   6%  loss 0.0421"
 */
export const formatProgress = (progress: Progress, width = Number.POSITIVE_INFINITY): string => {
  const [first = "", ...rest] = fields(progress)
  let line = first
  for (const field of rest) {
    if (line.length + 2 + field.length > width) break
    line += `  ${field}`
  }
  return line.slice(0, width)
}

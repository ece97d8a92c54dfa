/** Writes progress to a terminal (one line, rewritten) or to a log (a line now and then). */
import { formatProgress, type Progress } from "./format.js"

/** The part of `process.stderr` that is used. */
export interface ProgressStream {
  readonly write: (text: string) => unknown
  /** Whether a line can be rewritten. */
  readonly isTTY?: boolean | undefined
  /** Width of the terminal in characters. */
  readonly columns?: number | undefined
}

/** Where and how often progress is written. */
export interface ProgressOptions {
  /** Where to write, usually `process.stderr`. */
  readonly stream: ProgressStream
  /** Least seconds between two lines in a log. Default 5. */
  readonly logEvery?: number
  /** Least seconds between two rewritings on a terminal. Default 0.1. */
  readonly rewriteEvery?: number
  /** A clock in seconds that never goes back. Default `performance.now() / 1000`. */
  readonly now?: () => number
}

/** Writes progress as it is told of it. */
export interface ProgressWriter {
  /**
   * Tells where the run is. Cheap: most calls write nothing. Steps a second (over the last 30 seconds or so) and the time left are worked out
   * from the calls when `progress` does not give them.
   */
  readonly update: (progress: Progress) => void
  /** Writes a line of its own above the progress line. */
  readonly note: (text: string) => void
  /** Shows the last update if it wasn't yet, and ends the line. Nothing is written afterwards. */
  readonly end: () => void
}

/** Seconds over which speed is averaged. */
const memory = 30

/** A speedometer: a moving window of (time, step) marks, at most two a second. */
const speedometer = () => {
  const marks: { time: number; step: number }[] = []
  return (time: number, step: number): number | undefined => {
    const last = marks[marks.length - 1]
    if (last !== undefined && step < last.step) marks.length = 0 // a run that went back to a checkpoint starts afresh
    if (last === undefined || time - last.time >= 0.5) marks.push({ time, step })
    while (marks.length > 2 && time - marks[1]!.time > memory) marks.shift()
    const first = marks[0]
    return first === undefined || time <= first.time || step <= first.step ? undefined : (step - first.step) / (time - first.time)
  }
}

/**
 * A progress writer. It holds no timer: it writes when it is told something.
 *
 * @example
 * const progress = progressWriter({ stream: process.stderr })
 * progress.update({ step: 1200, steps: 20_000, loss: 0.0421 })
 * progress.end()
 */
export const progressWriter = (options: ProgressOptions): ProgressWriter => {
  const { stream, logEvery = 5, rewriteEvery = 0.1, now = () => performance.now() / 1000 } = options
  const terminal = stream.isTTY === true
  const speed = speedometer()
  let written = Number.NEGATIVE_INFINITY
  let waiting: Progress | undefined
  let open = false // whether the terminal's last line is a progress line
  let ended = false

  const show = (progress: Progress, time: number): void => {
    if (terminal) stream.write(`\r${formatProgress(progress, Math.max(20, (stream.columns ?? 80) - 1))}\x1b[K`)
    else stream.write(`${formatProgress(progress)}\n`)
    open = terminal
    written = time
    waiting = undefined
  }

  const update = (progress: Progress): void => {
    if (ended) return
    const time = now()
    const stepsPerSecond = progress.stepsPerSecond ?? speed(time, progress.step)
    const left =
      progress.steps === undefined || stepsPerSecond === undefined
        ? undefined
        : Math.max(0, progress.steps - progress.step) / stepsPerSecond
    waiting = { ...progress, stepsPerSecond, secondsLeft: progress.secondsLeft ?? left }
    if (time - written >= (terminal ? rewriteEvery : logEvery)) show(waiting, time)
  }

  const note = (text: string): void => {
    if (ended) return
    stream.write(open ? `\r${text}\x1b[K\n` : `${text}\n`)
    open = false
    if (terminal) written = Number.NEGATIVE_INFINITY // the next update puts the progress line back at once
  }

  const end = (): void => {
    if (ended) return
    if (waiting !== undefined) show(waiting, now())
    if (open) stream.write("\n")
    ended = true
  }

  return { update, note, end }
}

/** The time of each step of a program, summed over its runs. */
export class Profile {
  private readonly milliseconds: Float64Array
  private readonly calls: Float64Array
  private runs = 0
  private last = 0

  constructor(steps: number) {
    this.milliseconds = new Float64Array(steps)
    this.calls = new Float64Array(steps)
  }

  /** Charges step n with the time since the step before. */
  readonly mark = (n: number): void => {
    const now = performance.now()
    this.milliseconds[n] = (this.milliseconds[n] as number) + now - this.last
    this.calls[n] = (this.calls[n] as number) + 1
    this.last = now
  }

  readonly timed =
    (run: (arena: number) => number) =>
    (arena: number): number => {
      this.runs++
      this.last = performance.now()
      return run(arena)
    }

  /** A description with the times of a run, on average. */
  lines(description: readonly string[]): readonly string[] {
    const all = this.milliseconds.reduce((sum, ms) => sum + ms, 0)
    const runs = Math.max(1, this.runs)
    const line = (text: string, n: number): string => {
      const ms = this.milliseconds[n] as number
      const calls = (this.calls[n] as number) / runs
      return calls === 0
        ? text
        : `${text}: ${(ms / runs).toFixed(3)} ms, ${((100 * ms) / all).toFixed(1)} %${calls === 1 ? "" : ` in ${calls} calls`}`
    }
    return [...description.map(line), `a run: ${(all / runs).toFixed(3)} ms, mean of ${this.runs}`]
  }
}

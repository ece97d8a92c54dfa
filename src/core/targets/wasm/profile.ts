/** The time of each step of a program, summed over its runs. */
export class Profile {
  private readonly milliseconds: Float64Array
  private readonly calls: Float64Array
  private runs = 0
  /** After the last step: results that are copied to where they are given out. */
  private rest = 0
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
      const code = run(arena)
      this.rest += performance.now() - this.last
      return code
    }

  /** A description with the times of a run, on average. */
  lines(description: readonly string[]): readonly string[] {
    const { runs, rest } = this
    if (runs === 0) return [...description, "no times: not run yet"]
    const all = this.milliseconds.reduce((sum, ms) => sum + ms, rest)
    // a coarse clock may have seen nothing
    const time = (ms: number): string => `${(ms / runs).toFixed(3)} ms, ${(all === 0 ? 0 : (100 * ms) / all).toFixed(1)} %`
    const line = (text: string, n: number): string => {
      const calls = (this.calls[n] as number) / runs
      if (calls === 0) return text
      return `${text}: ${time(this.milliseconds[n] as number)}${calls === 1 ? "" : ` in ${Number(calls.toFixed(2))} calls`}`
    }
    return [...description.map(line), `after the last step: ${time(rest)}`, `a run: ${(all / runs).toFixed(3)} ms, mean of ${runs}`]
  }
}

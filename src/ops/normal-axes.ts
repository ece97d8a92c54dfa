import { TraceError } from "../core/index.js"

/** Axes counted from 0, ascending, each once; negative ones count from the last. */
export const normalAxes = (name: string, rank: number, axes: readonly number[] | undefined): readonly number[] => {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i)
  const normal = axes.map((a) => (a < 0 ? a + rank : a))
  normal.forEach((a, i) => {
    if (!Number.isInteger(a) || a < 0 || a >= rank)
      throw new TraceError(`${name}: axis ${axes[i]} does not exist; the operand has ${rank} axes`)
    if (normal.indexOf(a) !== i) throw new TraceError(`${name}: axis ${axes[i]} is named twice`)
  })
  return [...normal].sort((a, b) => a - b)
}

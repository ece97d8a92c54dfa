/** Tables of figures as lines of text. */
import type { MetricTable } from "../models/index.js"

/** A whole number is shown whole where its column says nothing of digits. */
const cell = (value: number | null, digits: number | undefined): string => {
  if (value === null) return "-"
  if (digits !== undefined) return value.toFixed(digits)
  return Number.isSafeInteger(value) ? String(value) : value.toPrecision(4)
}

/** A line of names, then a line a row; numbers stand under the ends of their names. */
export const tableLines = ({ title, columns, rows }: MetricTable): readonly string[] => {
  const widths = columns.map(({ name }) => Math.max(name.length, 7) + 2)
  const left = Math.max(title.length, ...rows.map(({ name }) => name.length))
  return [
    `${title.padEnd(left)}${columns.map(({ name }, i) => name.padStart(widths[i] as number)).join("")}`,
    ...rows.map(({ name, values }) => {
      const cells = values.map((value, i) => cell(value, columns[i]?.digits).padStart(widths[i] as number))
      return `${name.padEnd(left)}${cells.join("")}`
    }),
  ]
}

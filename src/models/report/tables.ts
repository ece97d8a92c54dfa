/** Headline numbers, metric tables and settings. */
import { TraceError } from "../failure.js"
import { escaped, fixed, number } from "./text.js"
import type { Fact, MetricTable } from "./types.js"

/** The few numbers that matter, in large type. */
export const renderHeadline = (facts: readonly Fact[]): string =>
  `<dl class="headline">${facts
    .map(
      ({ label, value, note }) =>
        `<div><dt>${escaped(label)}</dt><dd>${escaped(typeof value === "number" ? number(value) : value)}${note === undefined ? "" : `<small>${escaped(note)}</small>`}</dd></div>`,
    )
    .join("")}</dl>`

/** The best finite value of a column; `undefined` where there is nothing to choose from. */
const bestOf = (table: MetricTable, column: number): number | undefined => {
  if (table.columns[column]!.better === "neither") return undefined
  const values = table.rows
    .map(({ values }) => values[column])
    .filter((value): value is number => typeof value === "number" && Number.isFinite(value))
  if (values.length < 2) return undefined
  return table.columns[column]!.better === "higher" ? Math.max(...values) : Math.min(...values)
}

/** Runs and baselines side by side, the best of each column in bold. */
export const renderTable = (table: MetricTable): string => {
  for (const { name, values } of table.rows) {
    if (values.length !== table.columns.length) {
      throw new TraceError(
        `report: row "${name}" of table "${table.title}" needs ${table.columns.length} values, one a column, found ${values.length}`,
      )
    }
  }
  const best = table.columns.map((_, c) => bestOf(table, c))
  const heads = table.columns.map(({ name, better }) => {
    const arrow = `<span class="better" title="${better} is better">${better === "higher" ? "↑" : "↓"}</span>`
    return `<th scope="col">${escaped(name)}${better === "neither" ? "" : ` ${arrow}`}</th>`
  })
  const rows = table.rows.map(({ name, note, values, ours }) => {
    const cells = values.map((value, c) => {
      if (value === null) return `<td class="none">–</td>`
      const digits = table.columns[c]!.digits
      const text = escaped(digits === undefined ? number(value) : fixed(value, digits))
      return `<td>${value === best[c] ? `<b>${text}</b>` : text}</td>`
    })
    return `<tr${ours === true ? ' class="ours"' : ""}><th scope="row">${escaped(name)}${note === undefined ? "" : `<small>${escaped(note)}</small>`}</th>${cells.join("")}</tr>`
  })
  return `<div class="wide"><table class="metrics"><caption>${escaped(table.title)}</caption><thead><tr><td></td>${heads.join("")}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>
${table.note === undefined ? "" : `<p class="note">${escaped(table.note)}</p>`}`
}

/** Settings by name. */
export const renderConfig = (config: Readonly<Record<string, string | number | boolean | null>>): string =>
  `<dl class="config">${Object.entries(config)
    .map(
      ([name, value]) =>
        `<div><dt>${escaped(name)}</dt><dd>${escaped(typeof value === "number" ? number(value, 6) : String(value))}</dd></div>`,
    )
    .join("")}</dl>`

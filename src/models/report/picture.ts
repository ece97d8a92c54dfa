/** A chart as a picture of its own, an SVG file with title, legend and colours in it, for pages that are no report. */
import { TraceError } from "../failure.js"
import { described, height, plotOf, width } from "./chart.js"
import { chartStyle, colours, fonts } from "./style.js"
import { escaped } from "./text.js"
import type { Chart } from "./types.js"

const margin = 16
const size = { title: 15, text: 12 }
const rowHeight = 18

/** Width of a text, as most system fonts have it. */
const widthOf = (text: string, points = size.text): number => text.length * points * 0.55

/** Things of a width each, put into rows of the picture: the row and the place of each. */
const inRows = (widths: readonly number[], gap: number): readonly { readonly x: number; readonly row: number }[] => {
  const places: { readonly x: number; readonly row: number }[] = []
  let [x, row] = [0, 0]
  for (const w of widths) {
    if (x > 0 && x + w > width) [x, row] = [0, row + 1]
    places.push({ x, row })
    x += w + gap
  }
  return places
}

const rowsOf = (places: readonly { readonly row: number }[]): number => (places.at(-1)?.row ?? -1) + 1

/** A text in lines that fit. */
const linesOf = (text: string, points: number): readonly string[] => {
  const words = text.split(" ")
  const places = inRows(
    words.map((word) => widthOf(word, points)),
    widthOf(" ", points),
  )
  return Array.from({ length: rowsOf(places) }, (_, row) => words.filter((_, i) => places[i]?.row === row).join(" "))
}

/** Sizes and weights of what a report's page says in HTML. */
const style = `${colours}
text { font-family: ${fonts} } .card { fill: var(--card); stroke: var(--line) } .title { fill: var(--ink); font-size: ${size.title}px; font-weight: 620 }
.words { fill: var(--soft); font-size: ${size.text}px } .key { stroke: var(--c); stroke-width: 3; stroke-linecap: round } .key.dashed { stroke-dasharray: 4 5 }
${chartStyle}`

/**
 * A chart as the text of an SVG file that stands alone, on a card of its own, in the reader's light or dark colours.
 *
 * @throws TraceError when x and y of a series differ in length, or no value is finite.
 *
 * @example
 * const svg = renderPicture({
 *   title: "Loss",
 *   xLabel: "step",
 *   yLabel: "mean squared error",
 *   series: [{ name: "training", x: [0, 1, 2], y: [1, 0.5, 0.3] }],
 * })
 * await writeFileAtomic("loss.svg", new TextEncoder().encode(svg))()
 */
export const renderPicture = (chart: Chart): string => {
  const plot = plotOf(chart)
  if (plot === null) throw new TraceError(`report: chart "${chart.title}" has no finite values`)
  // bold letters are wider
  const title = linesOf(chart.title, size.title * 1.1)
  const note = chart.note === undefined ? [] : linesOf(chart.note, size.text)
  const keys = inRows(
    chart.series.map(({ name }) => 24 + widthOf(name)),
    18,
  )
  const noteAt = margin + size.title + title.length * rowHeight
  const keysAt = noteAt + note.length * rowHeight + 4
  const plotAt = keysAt + rowsOf(keys) * rowHeight - 4
  const said = [
    ...title.map((line, row) => ["title", line, margin + size.title + row * rowHeight] as const),
    ...note.map((line, row) => ["words", line, noteAt + row * rowHeight] as const),
  ].map(([kind, line, y]) => `<text class="${kind}" x="0" y="${y}">${escaped(line)}</text>`)
  const legend = chart.series.map(({ name, dashed }, s) => {
    const { x, row } = keys[s] as { readonly x: number; readonly row: number }
    const y = keysAt + row * rowHeight
    return `<g class="s${s % 8}"><line class="key${dashed === true ? " dashed" : ""}" x1="${x.toFixed(1)}" x2="${(x + 16).toFixed(1)}" y1="${y - 4}" y2="${y - 4}"/><text class="words" x="${(x + 24).toFixed(1)}" y="${y}">${escaped(name)}</text></g>`
  })
  const whole = [width + 2 * margin, plotAt + height + margin] as const
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${whole[0]}" height="${whole[1]}" viewBox="${-margin} 0 ${whole[0]} ${whole[1]}" role="img" aria-label="${described(chart)}">
<style>${style}</style>
<rect class="card" x="${0.5 - margin}" y="0.5" width="${whole[0] - 1}" height="${whole[1] - 1}" rx="10"/>
${[...said, ...legend].join("\n")}
<g transform="translate(0 ${plotAt})">${plot}</g>
</svg>
`
}

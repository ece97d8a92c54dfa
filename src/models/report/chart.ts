/** A line chart as inline SVG, with its legend as HTML. Colours come from the page's style sheet, so both themes work. */
import { TraceError } from "../failure.js"
import { type Point, pathOf, pointsOf, smoothed } from "./curve.js"
import { linearScale, logScale, type Scale } from "./scale.js"
import { escaped, number } from "./text.js"
import type { Chart, Series } from "./types.js"

export const [width, height] = [560, 270]
const edge = { left: 58, right: 14, top: 10, bottom: 40 }
const plotWidth = width - edge.left - edge.right
const plotHeight = height - edge.top - edge.bottom

/** Points that are few enough to be marked one by one, and so many that a thick line would be a blot. */
const marked = 40
const dense = 400

const check = (chart: Chart, { name, x, y, low, high }: Series): void => {
  const lengths = [y, low ?? y, high ?? y].map((values) => values.length)
  if (lengths.some((length) => length !== x.length)) {
    throw new TraceError(
      `report: series "${name}" of chart "${chart.title}" has ${x.length} x values but ${lengths.find((n) => n !== x.length)} y values`,
    )
  }
}

const extent = (values: Iterable<number>): readonly [number, number] | undefined => {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return low <= high ? [low, high] : undefined
}

/** A vertical position, with the scale's 0 at the bottom. */
const yOf = (at: number): number => edge.top + (1 - at) * plotHeight
const xOf = (at: number): number => edge.left + at * plotWidth

const axes = (chart: Chart, x: Scale, y: Scale): string => {
  const rows = y.ticks.map(
    ({ at, label }) =>
      `<line class="grid" x1="${edge.left}" x2="${width - edge.right}" y1="${yOf(at).toFixed(1)}" y2="${yOf(at).toFixed(1)}"/>` +
      `<text class="tick" text-anchor="end" x="${edge.left - 8}" y="${(yOf(at) + 3.5).toFixed(1)}">${escaped(label)}</text>`,
  )
  const columns = x.ticks.map(
    ({ at, label }) =>
      `<line class="axis" x1="${xOf(at).toFixed(1)}" x2="${xOf(at).toFixed(1)}" y1="${height - edge.bottom}" y2="${height - edge.bottom + 4}"/>` +
      `<text class="tick" text-anchor="middle" x="${xOf(at).toFixed(1)}" y="${height - edge.bottom + 17}">${escaped(label)}</text>`,
  )
  return `${rows.join("")}<line class="axis" x1="${edge.left}" x2="${width - edge.right}" y1="${height - edge.bottom}" y2="${height - edge.bottom}"/>${columns.join("")}
<text class="name" text-anchor="middle" x="${edge.left + plotWidth / 2}" y="${height - 5}">${escaped(chart.xLabel)}</text>
<text class="name" text-anchor="middle" transform="translate(13 ${edge.top + plotHeight / 2}) rotate(-90)">${escaped(chart.yLabel)}</text>`
}

/** Axes and series as elements of an SVG of `width` by `height`, the first series on top; null where no value is finite. */
export const plotOf = (chart: Chart): string | null => {
  for (const series of chart.series) check(chart, series)
  const log = chart.yScale === "log"
  const visible = (value: number) => Number.isFinite(value) && (!log || value > 0)
  const ordinates = function* () {
    for (const { y, low, high } of chart.series)
      for (const values of [y, low ?? [], high ?? []]) for (let i = 0; i < values.length; i++) if (visible(values[i]!)) yield values[i]!
  }
  const abscissae = function* () {
    for (const { x } of chart.series) for (let i = 0; i < x.length; i++) if (Number.isFinite(x[i]!)) yield x[i]!
  }
  const [rangeX, rangeY] = [extent(abscissae()), chart.yRange ?? extent(ordinates())]
  if (rangeX === undefined || rangeY === undefined) return null

  const scaleX = linearScale(rangeX[0], rangeX[1], 6, false)
  const scaleY = log ? logScale(rangeY[0], rangeY[1], 6) : linearScale(rangeY[0], rangeY[1], 5, chart.yRange === undefined)
  const place = ([x, y]: readonly [number, number]): readonly [number, number] => [xOf(scaleX.place(x) ?? 0), yOf(scaleY.place(y) ?? 0)]
  const line = (points: readonly Point[], kind: string): string => `<path class="${kind}" d="${pathOf(points, place)}"/>`
  const weight = chart.smoothing ?? 0

  const drawn = chart.series.map((series, s) => {
    const raw = pointsOf(series.x, series.y, visible)
    const parts: string[] = []
    if (series.low !== undefined && series.high !== undefined) {
      const [low, high] = [pointsOf(series.x, series.low, visible), pointsOf(series.x, series.high, visible)]
      const around = [...high, ...low.toReversed()].filter((point) => point !== undefined)
      parts.push(`<path class="band" d="${pathOf(around, place)}Z"/>`)
    }
    const kind = series.dashed === true ? "line dashed" : "line"
    if (weight > 0) parts.push(line(raw, "line raw"), line(pointsOf(series.x, smoothed(series.y, weight), visible), kind))
    else parts.push(line(raw, raw.length > dense ? `${kind} dense` : kind))
    if (weight === 0 && raw.length <= marked) {
      for (const point of raw) {
        if (point === undefined) continue
        const [x, y] = place(point)
        parts.push(
          `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="2.4"><title>${escaped(`${series.name}: ${number(point[1])} at ${number(point[0])}`)}</title></circle>`,
        )
      }
    }
    return `<g class="s${s % 8}">${parts.join("")}</g>`
  })

  return `${axes(chart, scaleX, scaleY)}${drawn.toReversed().join("")}`
}

/** What a chart shows, for who does not see it. */
export const described = ({ title, xLabel, yLabel, series }: Chart): string =>
  escaped(`${title}: ${yLabel} against ${xLabel}, for ${series.map(({ name }) => name).join(", ")}`)

/** A chart with its title, legend and note. */
export const renderChart = (chart: Chart): string => {
  const plot = plotOf(chart)
  const head = `<figcaption><h3>${escaped(chart.title)}</h3>${chart.note === undefined ? "" : `<p>${escaped(chart.note)}</p>`}</figcaption>`
  if (plot === null) return `<figure class="chart">${head}<p class="empty">nothing to draw: no finite values</p></figure>`
  const weight = chart.smoothing ?? 0
  const legend = chart.series.map(({ name, y, dashed }, s) => {
    const values = weight > 0 ? smoothed(y, weight) : y
    const last = values.length === 0 ? "" : `<b>${escaped(number(values[values.length - 1]!, 3))}</b>`
    return `<li class="s${s % 8}"><i${dashed === true ? ' class="dashed"' : ""}></i>${escaped(name)} ${last}</li>`
  })
  return `<figure class="chart">${head}<ul class="legend">${legend.join("")}</ul>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${described(chart)}">${plot}</svg></figure>`
}

/** A report of a run as one HTML page that needs nothing else: no network, no script, no font. */
import { renderChart } from "./chart.js"
import { renderScenes } from "./scenes.js"
import { style } from "./style.js"
import { renderConfig, renderHeadline, renderTable } from "./tables.js"
import { escaped } from "./text.js"
import type { Chart, ReportData } from "./types.js"

/** What the browser may load: the pictures and the style in the page itself. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

const section = (title: string, body: string): string => `<section><h2>${escaped(title)}</h2>${body}</section>`

const charts = (title: string, all: readonly Chart[] = []): string =>
  all.length === 0 ? "" : section(title, `<div class="charts">${all.map(renderChart).join("\n")}</div>`)

const isEmpty = (value: object | undefined): value is undefined => value === undefined || Object.keys(value).length === 0

/**
 * The page, as text. Any text in `data` is shown as it is, never as markup. Pictures are PNG, curves SVG; it reads well in light and dark
 * and on paper, and opens from a file.
 *
 * @throws TraceError when lengths do not fit: x and y of a series, values and columns of a table, pixels of a scene. The message names it.
 *
 * @example
 * const page = renderReport(assessmentReport(assessment, loaded, "my run"))
 * await writeFileAtomic("report.html", new TextEncoder().encode(page))()
 */
export const renderReport = (data: ReportData): string => {
  const body = [
    `<header><h1>${escaped(data.title)}</h1>${data.summary === undefined ? "" : `<p class="summary">${escaped(data.summary)}</p>`}</header>`,
    isEmpty(data.headline) ? "" : renderHeadline(data.headline),
    isEmpty(data.tables) ? "" : section("Metrics", data.tables.map(renderTable).join("\n")),
    charts("Training", data.curves),
    charts("Convergence", data.convergence),
    isEmpty(data.scenes) ? "" : section("Scenes", renderScenes(data.scenes)),
    isEmpty(data.config) ? "" : section("Configuration", renderConfig(data.config)),
    isEmpty(data.notes) ? "" : section("Notes", `<ul class="notes">${data.notes.map((note) => `<li>${escaped(note)}</li>`).join("")}</ul>`),
  ]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escaped(data.title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body.filter((part) => part !== "").join("\n")}
</main>
</body>
</html>
`
}

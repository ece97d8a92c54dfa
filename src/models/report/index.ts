/** Reports of runs as self-contained HTML pages, charts as pictures. */
export { renderPicture } from "./picture.js"
export { renderReport } from "./report.js"
export { renderSheet, type Tile } from "./sheet.js"
export type { Chart, Fact, MetricTable, ReportData, SceneView, Series } from "./types.js"

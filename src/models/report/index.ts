/** Reports of runs as self-contained HTML pages. */
export { renderReport } from "./report.js"
export type { Chart, Fact, MetricTable, ReportData, SceneView, Series } from "./types.js"

/** The folder of a training run: its lock, its metrics log, its files. */
export { type MetricRecord, type MetricsLog, openMetricsLog, readMetrics } from "./metrics-log.js"
export { openRunFolder, type RunFolder } from "./run-folder.js"

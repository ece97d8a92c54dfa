/** The folder of a training run: its lock, its metrics log, its files. */
export { type MetricRecord, type MetricsLog, openMetricsLog, readMetrics } from "./metrics-log.js"
export { checkpointName, metricsName, openRunFolder, type RunFolder, wrongName } from "./run-folder.js"

/** From a graph to the schedule that a target runs: lowered, fused, and without what nothing needs. */
import type { Graph } from "../graph/graph.js"
import type { Capabilities } from "../targets/target.js"
import { align } from "./align.js"
import { fuse } from "./fuse.js"
import { lowerGraph } from "./lower.js"
import { prune } from "./prune.js"
import type { Schedule } from "./schedule.js"

/** A schedule of `graph` for a target with these capabilities. */
export const buildSchedule = (graph: Graph, capabilities: Capabilities): Schedule => {
  const schedule = prune(fuse(lowerGraph(graph, capabilities), capabilities))
  return capabilities.vectors ? align(schedule) : schedule
}

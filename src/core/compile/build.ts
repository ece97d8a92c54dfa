/** From a graph to the schedule that a target runs: lowered, fused, and without what nothing needs. */
import type { Graph } from "../graph/graph.js"
import type { Capabilities } from "../targets/target.js"
import { fuse } from "./fuse.js"
import { lowerGraph } from "./lower.js"
import { layOut } from "./operands/index.js"
import { prune } from "./prune.js"
import { recompute } from "./recompute.js"
import type { Schedule } from "./schedule.js"
import { winograd } from "./winograd/index.js"

/**
 * A schedule of `graph` for a target with these capabilities: lowered to index notation, fused to kernels, without what no output needs, and
 * with large values that are cheap to make made again in place of being kept.
 *
 * @example
 * const twice = bodyOf("twice", [{ elem: "float", shape: [2] }], ([x]) => [apply1(addOp, null, [x, x])])
 * const few = { scatter: false, partialWrites: false, maxInputs: 8, maxElements: 2 ** 20, routines: false, lanes: 1 }
 * buildSchedule(twice, { precision: "float32", ...few }).steps.length // 1
 */
export const buildSchedule = (graph: Graph, capabilities: Capabilities): Schedule => {
  const schedule = recompute(prune(fuse(lowerGraph(graph, capabilities), capabilities)))
  return capabilities.lanes > 1 ? layOut(winograd(schedule), capabilities.lanes) : schedule
}

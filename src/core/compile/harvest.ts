/**
 * Carries what is emitted inside a program (statuses of solves, taps) out of it, as further outputs. Ops that emit, or whose
 * bodies do, say how in their `harvest` rule; emissions of one site are merged, so that a site is told once whatever loops,
 * branches and copies surround it.
 */
import type { Graph } from "../graph/graph.js"
import { inputTypes } from "../graph/graph.js"
import type { Emission } from "../op.js"
import { apply } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { showType } from "../tensor/types.js"
import { bodyOf } from "../transform/closed-body.js"
import { walk } from "../transform/inline.js"

/** A graph whose emissions are outputs, and what they are. */
export interface Harvested {
  /** The graph, with the tuples of its emissions after its own outputs, flattened in order. */
  readonly graph: Graph
  readonly emissions: readonly Emission[]
}

const known = new WeakMap<Graph, Harvested>()

/**
 * A graph whose emissions are outputs; the graph itself where nothing is emitted. Bodies shared by equations are done once.
 *
 * @example
 * const { graph } = closeExpression([fixedPoint((z) => mul(z, 0.5), tensor(1), anderson())])
 * harvestGraph(graph).emissions.map((e) => e.kind) // ["solve"]
 */
export const harvestGraph = (graph: Graph): Harvested => {
  const before = known.get(graph)
  if (before !== undefined) return before
  const made = graph.equations.some((e) => e.op.harvest?.(e.params) != null) ? harvestEquations(graph) : { graph, emissions: [] }
  known.set(graph, made)
  return made
}

const keyOf = (e: Emission): string => JSON.stringify([e.kind, e.site, e.info, e.types.map(showType)])

interface Gathered {
  readonly emission: Emission
  readonly tuples: (readonly AnyTensor[])[]
}

/** Merged in pairs, so that ten thousand solves of one site make a tree and no chain. */
const mergeAll = ({ emission, tuples }: Gathered): readonly AnyTensor[] => {
  let level = tuples
  while (level.length > 1) {
    const next: (readonly AnyTensor[])[] = []
    for (let i = 0; i + 1 < level.length; i += 2)
      next.push(emission.merge(level[i] as readonly AnyTensor[], level[i + 1] as readonly AnyTensor[]))
    if (level.length % 2 === 1) next.push(level[level.length - 1] as readonly AnyTensor[])
    level = next
  }
  return level[0] as readonly AnyTensor[]
}

const harvestEquations = (graph: Graph): Harvested => {
  const gathered = new Map<string, Gathered>()
  const made = bodyOf("harvest", inputTypes(graph), (args) => {
    const outputs = walk<AnyTensor>(graph, args, (e, inputs) => {
      const rule = e.op.harvest?.(e.params) ?? null
      if (rule === null) return apply(e.op, e.params, inputs)
      const { outputs: own, emitted } = rule.apply(inputs)
      rule.emissions.forEach((emission, i) => {
        const key = keyOf(emission)
        const site = gathered.get(key) ?? { emission, tuples: [] }
        gathered.set(key, site)
        site.tuples.push(emitted[i] as readonly AnyTensor[])
      })
      return own
    })
    return [...outputs, ...[...gathered.values()].flatMap(mergeAll)]
  })
  return { graph: made, emissions: [...gathered.values()].map((g) => g.emission) }
}

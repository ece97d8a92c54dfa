/** Leaves out of a fused schedule what none of its outputs needs: kernels, whole loops and branches, and single carries and stacks of loops. */
import { numberLoads } from "./kernel-form.js"
import type { Schedule, Step } from "./schedule.js"

type Loop = Extract<Step, { readonly t: "loop" | "while" }>
type Cond = Extract<Step, { readonly t: "cond" }>

/** What each buffer is made from, whatever list of steps that stands in. */
const sourcesOf = (steps: readonly Step[], sources: Map<number, readonly number[]>): void => {
  for (const step of steps) {
    switch (step.t) {
      case "kernel":
        sources.set(step.output, step.inputs)
        break
      case "copy":
        sources.set(step.to, [step.from])
        break
      case "routine":
        for (const output of step.outputs) sources.set(output, step.inputs)
        break
      case "cond":
        step.outputs.forEach((output, k) => {
          sources.set(output, [step.predicate, step.whenTrue.results[k] as number, step.whenFalse.results[k] as number])
        })
        sourcesOf(step.whenTrue.steps, sources)
        sourcesOf(step.whenFalse.steps, sources)
        break
      case "while":
      case "loop":
        loopSources(step, sources)
    }
  }
}

const loopSources = (step: Loop, sources: Map<number, readonly number[]>): void => {
  const always = step.t === "while" ? [step.predicate] : []
  for (const { init, current, next, result } of step.carries) {
    sources.set(current, [init, next, ...always])
    sources.set(result, [current])
  }
  if (step.t === "while") {
    sourcesOf(step.condition, sources)
  } else {
    for (const { slab, item } of step.slices) sources.set(item, [slab])
    for (const { slab, item } of step.stacks) sources.set(slab, [item])
  }
  sourcesOf(step.body, sources)
}

/** The steps that outputs need, with the loads of their kernels numbered. */
export const prune = (schedule: Schedule): Schedule => {
  const sources = new Map<number, readonly number[]>()
  sourcesOf(schedule.steps, sources)
  const needed = new Set<number>(schedule.outputs)
  const work = [...needed]
  while (work.length > 0) {
    for (const source of sources.get(work.pop() as number) ?? []) {
      if (needed.has(source)) continue
      needed.add(source)
      work.push(source)
    }
  }
  return { ...schedule, steps: keep(schedule.steps, needed) }
}

const keep = (steps: readonly Step[], needed: ReadonlySet<number>): readonly Step[] =>
  steps.flatMap((step): readonly Step[] => {
    switch (step.t) {
      case "kernel":
        return needed.has(step.output) ? [numberLoads(step)] : []
      case "copy":
        return needed.has(step.to) ? [step] : []
      case "routine":
        return step.outputs.some((b) => needed.has(b)) ? [step] : []
      case "cond":
        return step.outputs.some((b) => needed.has(b)) ? [keepCond(step, needed)] : []
      case "while":
      case "loop":
        return keepLoop(step, needed)
    }
  })

const keepCond = (step: Cond, needed: ReadonlySet<number>): Cond => {
  const live = <T>(list: readonly T[]) => list.filter((_, k) => needed.has(step.outputs[k] as number))
  return {
    ...step,
    whenTrue: { steps: keep(step.whenTrue.steps, needed), results: live(step.whenTrue.results) },
    whenFalse: { steps: keep(step.whenFalse.steps, needed), results: live(step.whenFalse.results) },
    outputs: live(step.outputs),
  }
}

const keepLoop = (step: Loop, needed: ReadonlySet<number>): readonly Step[] => {
  const carries = step.carries.filter((c) => needed.has(c.current))
  const body = keep(step.body, needed)
  if (step.t === "while") return carries.length === 0 ? [] : [{ ...step, carries, condition: keep(step.condition, needed), body }]
  const stacks = step.stacks.filter((r) => needed.has(r.slab))
  const slices = step.slices.filter((r) => needed.has(r.item))
  return carries.length + stacks.length === 0 ? [] : [{ ...step, carries, slices, stacks, body }]
}

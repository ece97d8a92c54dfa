/**
 * When a buffer of a schedule is needed for the last time: after that step its storage is free. A buffer lives in the innermost list of
 * steps around all that mention it, so what a loop body reads from outside lives until the loop is over.
 */
import type { Schedule, Step } from "../../compile/schedule.js"

export interface Lifetimes {
  /** The buffers whose last mention is step `index` of `steps`; outputs of the schedule are in none. */
  readonly after: (steps: readonly Step[], index: number) => readonly number[]
}

/** Step lists from the outermost to the one that mentions a buffer, with the index in each. */
type Path = readonly { readonly steps: readonly Step[]; readonly index: number }[]

/** The buffers that a step itself names, those in its inner lists not included. */
const mentions = (step: Step): readonly number[] => {
  switch (step.t) {
    case "kernel":
      return [...step.inputs, step.output]
    case "copy":
      return [step.from, step.to]
    case "routine":
      return [...step.inputs, ...step.outputs]
    case "loop":
      return [
        ...step.carries.flatMap((c) => [c.init, c.current, c.next, c.result]),
        ...[...step.slices, ...step.stacks].flatMap((r) => [r.slab, r.item]),
      ]
    case "while":
      return [...step.carries.flatMap((c) => [c.init, c.current, c.next, c.result]), step.predicate]
    case "cond":
      return [step.predicate, ...step.outputs, ...step.whenTrue.results, ...step.whenFalse.results]
  }
}

export const innerLists = (step: Step): readonly (readonly Step[])[] => {
  switch (step.t) {
    case "loop":
      return [step.body]
    case "while":
      return [step.condition, step.body]
    case "cond":
      return [step.whenTrue.steps, step.whenFalse.steps]
    default:
      return []
  }
}

/** The innermost common list of two paths, with the later index in it. */
const join = (a: Path, b: Path): Path => {
  const common: { steps: readonly Step[]; index: number }[] = []
  for (let depth = 0; depth < Math.min(a.length, b.length); depth++) {
    const x = a[depth]
    const y = b[depth]
    if (x === undefined || y === undefined || x.steps !== y.steps) break
    common.push({ steps: x.steps, index: Math.max(x.index, y.index) })
    if (x.index !== y.index) break
  }
  return common
}

export const planLifetimes = (schedule: Schedule): Lifetimes => {
  // An input is there before the first step, however deep its only mention is.
  const last = new Map<number, Path>(schedule.inputs.map((buffer) => [buffer, [{ steps: schedule.steps, index: 0 }]]))
  const walk = (steps: readonly Step[], outer: Path): void => {
    steps.forEach((step, index) => {
      const path = [...outer, { steps, index }]
      for (const buffer of mentions(step)) {
        const before = last.get(buffer)
        last.set(buffer, before === undefined ? path : join(before, path))
      }
      for (const inner of innerLists(step)) walk(inner, path)
    })
  }
  walk(schedule.steps, [])
  const after = new Map<readonly Step[], Map<number, number[]>>()
  const kept = new Set(schedule.outputs)
  for (const [buffer, path] of last) {
    const place = path.at(-1)
    if (place === undefined || kept.has(buffer)) continue
    const lists = after.get(place.steps) ?? new Map<number, number[]>()
    after.set(place.steps, lists)
    lists.set(place.index, [...(lists.get(place.index) ?? []), buffer])
  }
  return { after: (steps, index) => after.get(steps)?.get(index) ?? [] }
}

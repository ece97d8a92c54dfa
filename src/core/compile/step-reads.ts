/** What the steps of a schedule read. */
import type { Step } from "./schedule.js"

/** Buffers that a step reads outside of its bodies. */
export const readBy = (step: Step): readonly number[] => {
  switch (step.t) {
    case "kernel":
    case "routine":
      return step.inputs
    case "copy":
      return [step.from]
    case "cond":
      return [step.predicate, ...step.whenTrue.results, ...step.whenFalse.results]
    case "while":
      return [step.predicate, ...step.carries.flatMap((c) => [c.init, c.next])]
    case "loop":
      return [...step.carries.flatMap((c) => [c.init, c.next]), ...step.slices.map((r) => r.slab), ...step.stacks.map((r) => r.item)]
  }
}

/** The steps inside a step, body by body. */
export const bodiesOf = (step: Step): readonly (readonly Step[])[] => {
  switch (step.t) {
    case "cond":
      return [step.whenTrue.steps, step.whenFalse.steps]
    case "while":
      return [step.condition, step.body]
    case "loop":
      return [step.body]
    default:
      return []
  }
}

/** Buffers that a step reads, in its bodies too. */
export const readWithin = (step: Step): readonly number[] => [
  ...readBy(step),
  ...bodiesOf(step).flatMap((steps) => steps.flatMap(readWithin)),
]

/** How much storage a run needs beyond its inputs: the run in miniature, with sizes instead of values. */
import type { Carry, Row, Schedule, Step } from "../../compile/schedule.js"
import { sizeOf } from "../../tensor/types.js"
import type { Lifetimes } from "./lifetimes.js"

interface Storage {
  readonly bytes: number
  holders: number
}

export const peakBytes = (schedule: Schedule, lifetimes: Lifetimes): number => {
  const slots = new Map<number, Storage>()
  let live = 0
  let peak = 0

  const bytesOf = (buffer: number): number => 4 * sizeOf(schedule.buffers[buffer]?.shape ?? [])
  const allocate = (bytes: number): Storage => {
    live += bytes
    peak = Math.max(peak, live)
    return { bytes, holders: 1 }
  }
  const drop = (buffer: number): void => {
    const storage = slots.get(buffer)
    slots.delete(buffer)
    if (storage === undefined) return
    storage.holders -= 1
    if (storage.holders === 0) live -= storage.bytes
  }
  const put = (buffer: number, storage: Storage): void => {
    drop(buffer)
    slots.set(buffer, storage)
  }
  /** All sources are read before any target is written. */
  const shareAll = (pairs: readonly (readonly [number, number])[]): void => {
    const sources = pairs.map(([from]) => slots.get(from))
    for (const storage of sources) if (storage !== undefined) storage.holders += 1
    pairs.forEach(([, to], i) => {
      const storage = sources[i]
      if (storage !== undefined) put(to, storage)
    })
  }
  const turnOver = (carries: readonly Carry[]): void => shareAll(carries.map((c) => [c.next, c.current]))
  const finish = (carries: readonly Carry[]): void => shareAll(carries.map((c) => [c.current, c.result]))
  const begin = (carries: readonly Carry[]): void => shareAll(carries.map((c) => [c.init, c.current]))

  const one = (step: Step): void => {
    switch (step.t) {
      case "kernel":
        put(step.output, allocate(bytesOf(step.output)))
        break
      case "copy":
        shareAll([[step.from, step.to]])
        break
      case "routine":
        for (const output of step.outputs) put(output, allocate(bytesOf(output)))
        break
      case "loop": {
        begin(step.carries)
        for (const { slab } of step.stacks) put(slab, allocate(bytesOf(slab)))
        // Two turns: from the second on, a turn starts with what the one before it left.
        for (let turn = 0; turn < Math.min(2, step.count); turn++) {
          for (const { item } of step.slices as readonly Row[]) put(item, allocate(bytesOf(item)))
          steps(step.body)
          turnOver(step.carries)
        }
        finish(step.carries)
        break
      }
      case "while":
        begin(step.carries)
        for (let turn = 0; turn < 2; turn++) {
          steps(step.condition)
          steps(step.body)
          turnOver(step.carries)
        }
        finish(step.carries)
        break
      case "cond":
        for (const side of [step.whenTrue, step.whenFalse]) {
          steps(side.steps)
          shareAll(side.results.map((result, i) => [result, step.outputs[i] ?? result]))
        }
    }
  }
  const steps = (list: readonly Step[]): void => {
    list.forEach((step, i) => {
      one(step)
      for (const buffer of lifetimes.after(list, i)) drop(buffer)
    })
  }

  for (const input of schedule.inputs) slots.set(input, { bytes: 0, holders: 1 })
  steps(schedule.steps)
  return peak
}

/**
 * A schedule run by its definition, in float64: what compile passes and targets are compared with. It also finds what no
 * schedule may do: read a buffer that was not written, or write one twice in a turn.
 */
import type { Row, Schedule, Step } from "../../src/core/compile/schedule.js"
import { compileNest } from "../../src/core/targets/interpreter/scalar.js"
import { sortRows } from "../../src/core/targets/interpreter/sort.js"

type Memory = Map<number, Float64Array>

const sizeOf = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1)

export const runSchedule = (schedule: Schedule, inputs: readonly Float64Array[]): readonly Float64Array[] => {
  const memory: Memory = new Map()
  const read = (b: number): Float64Array => {
    const data = memory.get(b)
    if (data === undefined) throw new Error(`buffer ${b} is read before it is written`)
    return data
  }
  const write = (b: number, data: Float64Array) => {
    const type = schedule.buffers[b]
    if (type === undefined) throw new Error(`there is no buffer ${b}`)
    if (memory.has(b)) throw new Error(`buffer ${b} is written twice`)
    if (data.length !== sizeOf(type.shape)) throw new Error(`buffer ${b} of shape [${type.shape}] is written with ${data.length} elements`)
    memory.set(b, data)
  }
  const row = (data: Float64Array, i: number, count: number) => data.subarray((i * data.length) / count, ((i + 1) * data.length) / count)
  /** Runs steps and forgets what they wrote, but for `keep`. */
  const block = (steps: readonly Step[], keep: readonly number[]): readonly Float64Array[] => {
    const before = new Set(memory.keys())
    for (const s of steps) run(s)
    const kept = keep.map(read)
    for (const b of [...memory.keys()]) if (!before.has(b)) memory.delete(b)
    return kept
  }
  const run = (s: Step): void => {
    switch (s.t) {
      case "kernel": {
        const shapes = s.inputs.map((b) => schedule.buffers[b]?.shape ?? [])
        return write(s.output, compileNest(s.nest, shapes)(s.inputs.map(read)))
      }
      case "copy":
        return write(s.to, read(s.from).slice())
      case "routine": {
        const width = schedule.buffers[s.inputs[0] as number]?.shape.at(-1) ?? 1
        sortRows(read(s.inputs[0] as number), width).forEach((data, i) => void write(s.outputs[i] as number, data))
        return
      }
      case "cond": {
        const side = read(s.predicate)[0] !== 0 ? s.whenTrue : s.whenFalse
        const results = block(side.steps, side.results)
        s.outputs.forEach((b, i) => void write(b, (results[i] as Float64Array).slice()))
        return
      }
      case "while": {
        let values = s.carries.map((c) => read(c.init).slice())
        for (;;) {
          s.carries.forEach((c, i) => void write(c.current, values[i] as Float64Array))
          const [predicate] = block(s.condition, [s.predicate])
          if ((predicate as Float64Array)[0] === 0) break
          values = block(
            s.body,
            s.carries.map((c) => c.next),
          ).map((v) => v.slice())
          for (const c of s.carries) memory.delete(c.current)
        }
        for (const c of s.carries) memory.delete(c.current)
        s.carries.forEach((c, i) => void write(c.result, values[i] as Float64Array))
        return
      }
      case "loop": {
        let values = s.carries.map((c) => read(c.init).slice())
        const slabs = s.stacks.map((r) => new Float64Array(sizeOf(schedule.buffers[r.slab]?.shape ?? [])))
        for (let turn = 0; turn < s.count; turn++) {
          const i = s.reverse ? s.count - 1 - turn : turn
          s.carries.forEach((c, k) => void write(c.current, values[k] as Float64Array))
          s.slices.forEach((r: Row) => void write(r.item, row(read(r.slab), i, s.count)))
          const results = block(s.body, [...s.carries.map((c) => c.next), ...s.stacks.map((r) => r.item)]).map((v) => v.slice())
          slabs.forEach((slab, k) => void row(slab, i, s.count).set(results[s.carries.length + k] as Float64Array))
          values = results.slice(0, s.carries.length)
          for (const c of s.carries) memory.delete(c.current)
          for (const r of s.slices) memory.delete(r.item)
        }
        s.carries.forEach((c, k) => void write(c.result, values[k] as Float64Array))
        s.stacks.forEach((r, k) => void write(r.slab, slabs[k] as Float64Array))
        return
      }
    }
  }
  schedule.inputs.forEach((b, i) => void write(b, inputs[i] as Float64Array))
  for (const s of schedule.steps) run(s)
  return schedule.outputs.map(read)
}

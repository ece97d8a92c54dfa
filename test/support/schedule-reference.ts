/**
 * A schedule run by its definition, in float64: what compile passes and targets are compared with. It also finds what no
 * schedule may do: read a buffer that was not written, or write one twice in a turn.
 */
import type { Row, Schedule, Step, Transform } from "../../src/core/compile/schedule.js"
import { compileNest } from "../../src/core/targets/interpreter/scalar.js"
import { sortRows } from "../../src/core/targets/interpreter/sort.js"

type Memory = Map<number, Float64Array>

const sizeOf = (shape: readonly number[]) => shape.reduce((n, d) => n * d, 1)

const transformed = ({ matrix, domain, from, to }: Transform, data: Float64Array, size: number): Float64Array => {
  const out = new Float64Array(size)
  const side = matrix[0]?.length ?? 0
  for (let p = 0; p < sizeOf(domain); p++) {
    let [left, source, target] = [p, from.base, to.base]
    for (let a = domain.length - 1; a >= 0; a--) {
      const index = left % (domain[a] as number)
      left = (left - index) / (domain[a] as number)
      source += index * (from.strides[a] as number)
      target += index * (to.strides[a] as number)
    }
    matrix.forEach((rowOf, r) => {
      matrix.forEach((columnOf, c) => {
        let sum = 0
        for (let i = 0; i < side; i++)
          for (let j = 0; j < side; j++)
            sum += (rowOf[i] as number) * (columnOf[j] as number) * (data[source + i * from.rows + j * from.columns] as number)
        out[target + r * to.rows + c * to.columns] = sum
      })
    })
  }
  return out
}

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
        if (s.name === "transform")
          return write(s.outputs[0], transformed(s.transform, read(s.inputs[0]), sizeOf(schedule.buffers[s.outputs[0]]?.shape ?? [])))
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

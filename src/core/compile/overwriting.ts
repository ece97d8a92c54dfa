/**
 * Which of its inputs a kernel may overwrite with its output: those of which every point reads only the element that it writes. A tile,
 * a vector and a range of a thread then read their elements before they write them, and nothing else reads them after.
 */
import { visit } from "./kernel-form.js"
import type { Ix } from "./nest.js"
import type { BufferType, Step } from "./schedule.js"

type KernelStep = Extract<Step, { readonly t: "kernel" }>

const isOwn = (at: readonly Ix[], domain: readonly number[]): boolean =>
  at.every((ix, axis) => (ix.t === "var" && ix.axis === axis) || (ix.t === "const" && ix.value === 0 && domain[axis] === 1))

/** Of a reduction none: sums in parts are kept in the output before its epilogue reads anything. */
export const overwritable = ({ nest, inputs, output }: KernelStep, buffers: readonly BufferType[]): readonly number[] => {
  if (nest.reduce !== null) return []
  const shape = buffers[output]?.shape.join()
  const candidates = new Set(inputs.filter((id) => buffers[id]?.shape.join() === shape))
  if (candidates.size === 0) return []
  visit(nest, (s) => {
    if (s.t === "load" && !isOwn(s.at, nest.domain)) candidates.delete(inputs[s.input] as number)
  })
  return [...candidates]
}

/** Rearrangements of numbers that libraries want before they start. */
import { type Filled, sizeOf } from "../../workloads/index.js"

/** With axes in another order. */
export const permuted = ({ shape, data }: Filled, order: readonly number[]): Filled => {
  const strides = shape.map((_, i) => sizeOf(shape.slice(i + 1)))
  const to = order.map((axis) => shape[axis] as number)
  const out = new Float32Array(data.length)
  const index = to.map(() => 0)
  for (let place = 0; place < out.length; place++) {
    let from = 0
    for (let i = 0; i < to.length; i++) from += (index[i] as number) * (strides[order[i] as number] as number)
    out[place] = data[from] as number
    for (let i = to.length - 1; i >= 0; i--) {
      index[i] = (index[i] as number) + 1
      if ((index[i] as number) < (to[i] as number)) break
      index[i] = 0
    }
  }
  return { shape: to, data: out }
}

/** Classes as rows with a one. */
export const oneHot = ({ data }: Filled, classes: number): Filled => {
  const out = new Float32Array(data.length * classes)
  for (let i = 0; i < data.length; i++) out[i * classes + (data[i] as number)] = 1
  return { shape: [data.length, classes], data: out }
}

/** 0 where query i sees element j, and a number that softmax makes 0 elsewhere. */
export const causal = (length: number): Filled => {
  const data = new Float32Array(length * length)
  for (let i = 0; i < length; i++) data.fill(-1e9, i * length + i + 1, (i + 1) * length)
  return { shape: [length, length], data }
}

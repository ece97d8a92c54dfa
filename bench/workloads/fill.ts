/** The numbers of a workload's tensors. */
import { normals, uniforms } from "./random.js"
import { type Fill, sizeOf, type TensorSpec, type Tensors, type Workload } from "./spec.js"

export type Numbers = Float32Array | Int32Array

/** A tensor's numbers in row-major order. */
export interface Filled {
  readonly shape: readonly number[]
  readonly data: Numbers
}

/** Largest singular value of a square matrix, by power iteration on A'A. */
const spectralNorm = (a: Float32Array, n: number): number => {
  let x = new Float64Array(n).fill(1)
  let norm = 0
  for (let turn = 0; turn < 500; turn++) {
    const y = new Float64Array(n)
    const z = new Float64Array(n)
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) y[i]! += a[i * n + j]! * x[j]!
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) z[j]! += a[i * n + j]! * y[i]!
    const size = Math.hypot(...z)
    norm = Math.sqrt(size)
    x = z.map((v) => v / size)
  }
  return norm
}

const glorotBound = (shape: readonly number[]): number => {
  const [inputs, outputs] = shape.slice(-2) as [number, number]
  return Math.sqrt(6 / (sizeOf(shape.slice(0, -2)) * (inputs + outputs)))
}

const places = (side: number): Float32Array => {
  const out = new Float32Array(side * side * 4)
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      const [y, x] = [i / (side - 1), j / (side - 1)]
      out.set([y, x, 1 - y, 1 - x], 4 * (i * side + j))
    }
  return out
}

const numbersOf = (name: string, shape: readonly number[], fill: Fill): Numbers => {
  const n = sizeOf(shape)
  const drawn = (next: () => number) => Float32Array.from({ length: n }, next)
  switch (fill.t) {
    case "normal": {
      const normal = normals(name)
      return drawn(() => normal() * fill.deviation)
    }
    case "gumbel": {
      const uniform = uniforms(name)
      // halfway between multiples of 2^-32: never 0
      return drawn(() => -Math.log(-Math.log(uniform() + 2 ** -33)))
    }
    case "glorot": {
      const [uniform, bound] = [uniforms(name), glorotBound(shape)]
      return drawn(() => (2 * uniform() - 1) * bound)
    }
    case "constant":
      return new Float32Array(n).fill(fill.value)
    case "classes": {
      const uniform = uniforms(name)
      return Int32Array.from({ length: n }, () => Math.floor(uniform() * fill.below))
    }
    case "places":
      return places(shape[0] as number)
    case "spectral": {
      const matrix = drawn(normals(name))
      const factor = fill.norm / spectralNorm(matrix, shape[0] as number)
      return matrix.map((x) => x * factor)
    }
  }
}

/** Numbers of every tensor of a list. */
const fill = (family: string, tensors: Tensors): Readonly<Record<string, Filled>> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, fill: how }]: [string, TensorSpec]) => [
      name,
      { shape, data: numbersOf(`${family}/${name}`, shape, how) },
    ]),
  )

/** All numbers that a workload starts from. */
export const numbers = (workload: Workload): Readonly<Record<string, Filled>> =>
  fill(workload.family, workload.kind === "kernel" ? workload.inputs : { ...workload.params, ...workload.data })

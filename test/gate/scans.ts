/** Scans of one cell with k contractions, plain and checkpointed, and the peak memory of their gradients by the memory plan. */
import { planMemory } from "../../src/core/compile/memory.js"
import { buildSchedule, closeBody, harvestGraph, simplifyGraph, type Tensor, type TensorType, valueAndGrad } from "../../src/core/index.js"
import { interpreterCapabilities } from "../../src/core/targets/interpreter/index.js"
import { checkpoint, matmul, scan, square, sum, tanh } from "../../src/ops/index.js"

const [rows, width] = [16, 32]
/** Contractions of the cell. */
export const k = 4
const state: TensorType = { elem: "float", shape: [rows, width] }
const weight: TensorType = { elem: "float", shape: [width, width] }

type Cell = (z: Tensor) => Tensor
const cell =
  (w: Tensor): Cell =>
  (z) => {
    let y = z
    for (let i = 0; i < k; i++) y = tanh(matmul(y, w) as Tensor)
    return y
  }
const turns = (f: Cell, z: Tensor, length: number) => scan((c: Tensor) => [f(c), null] as const, z, null, { length })[0]

export const plain = (T: number) => (w: Tensor, z: Tensor) => turns(cell(w), z, T)
export const checkpointed = (T: number) => (w: Tensor, z: Tensor) => turns(checkpoint(cell(w)), z, T)
export const segmented = (T: number) => (w: Tensor, z: Tensor) => {
  const root = Math.sqrt(T)
  return turns(
    checkpoint((c: Tensor) => turns(cell(w), c, root)),
    z,
    root,
  )
}

/** Peak of value and gradient, in states. */
export const peak = (f: (w: Tensor, z: Tensor) => Tensor): number => {
  const { graph } = closeBody("gate", [weight, state], ([w, z]) => {
    const [value, gradient] = valueAndGrad((v: Tensor) => sum(square(f(v, z as Tensor))))(w as Tensor)
    return [value, gradient as Tensor]
  })
  const schedule = buildSchedule(simplifyGraph(harvestGraph(graph).graph), interpreterCapabilities)
  return planMemory(schedule).peak / (rows * width)
}

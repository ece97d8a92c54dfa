/** Programs of as many ops as asked for, and the times that the passes over them take. */
import {
  buildSchedule,
  closeBody,
  encodeGraph,
  type Graph,
  grad,
  harvestGraph,
  simplifyGraph,
  type Tensor,
  type TensorType,
} from "../../src/core/index.js"
import { capabilitiesOf } from "../../src/core/targets/wasm/session.js"
import { add, matmul, mul, sin, sum, tanh, vmap } from "../../src/ops/index.js"
import { Stopwatch } from "../timing/stopwatch.js"

type Program = (x: Tensor, w: Tensor) => Tensor

const square: TensorType = { elem: "float", shape: [8, 8] }
const WIDTH = 100
const ROWS = 4

/** One op after another, on the one before. */
const chain =
  (ops: number): Program =>
  (x, w) => {
    let z = x
    for (let i = 0; i < ops; i++) z = (i % 2 === 0 ? sin(z) : mul(z, w)) as Tensor
    return z
  }

/** Rows of a hundred nodes, each made of two of the row before and used by two of the row after. */
const shared =
  (ops: number): Program =>
  (x, w) => {
    let row = Array.from({ length: WIDTH }, (_, i) => mul(i % 2 === 0 ? x : w, 1 + i / WIDTH) as Tensor)
    for (let made = 2 * WIDTH; made < ops; made += WIDTH)
      row = row.map((z, i) => (i % 2 === 0 ? add : mul)(z, row[(7 * i + 3) % WIDTH] as Tensor) as Tensor)
    return row.reduce((a, b) => add(a, b) as Tensor)
  }

/** Blocks of a matrix product, a sum and tanh, with one matrix for all. */
const blocks =
  (ops: number): Program =>
  (x, w) => {
    let z = x
    for (let i = 0; i < ops; i += 3) z = tanh(add(matmul(z, w), x)) as Tensor
    return z
  }

export const shapes = { chain, "shared nodes": shared, "matmul, add, tanh": blocks } as const
export type Shape = keyof typeof shapes

export interface Timed {
  readonly ops: number
  /** Milliseconds, in order. */
  readonly passes: Readonly<Record<string, number>>
}

/** The times of every pass over one program. */
export const timeGraph = (shape: Shape, ops: number, before?: () => void): Timed => {
  const watch = new Stopwatch(before)
  const program = shapes[shape](ops)
  const loss = (x: Tensor, w: Tensor) => sum(program(x, w)) as Tensor<[]>
  const close = (types: readonly TensorType[], f: Program): Graph =>
    closeBody("scale", types, ([x, w]) => [f(x as Tensor, w as Tensor)]).graph
  const traced = watch.time("trace", () => close([square, square], loss))
  watch.time("grad", () => close([square, square], (x, w) => grad((v: Tensor) => loss(x, v))(w) as Tensor))
  const rows: TensorType = { elem: "float", shape: [ROWS, ...square.shape] }
  watch.time("vmap", () => close([rows, square], (x, w) => vmap(loss, { in: [0, null] })(x, w) as Tensor))
  const simple = watch.time("simplify", () => simplifyGraph(harvestGraph(traced).graph))
  watch.time("schedule", () => buildSchedule(simple, capabilitiesOf("float32")))
  watch.time("JSON", () => JSON.stringify(encodeGraph(traced)))
  return { ops: traced.equations.length, passes: watch.passes }
}

/** Long programs with many bodies, for the test that every pass over them is linear. */
import { planMemory } from "../../src/core/compile/memory.js"
import {
  buildSchedule,
  closeBody,
  type Graph,
  grad,
  harvestGraph,
  simplifyGraph,
  type Tensor,
  type TensorType,
} from "../../src/core/index.js"
import { interpreterCapabilities } from "../../src/core/targets/interpreter/index.js"
import { fixedPoint, newton } from "../../src/implicit/index.js"
import { add, checkpoint, cond, less, mul, scan, sin, sum, tanh } from "../../src/ops/index.js"

const vector: TensorType = { elem: "float", shape: [2] }

/** A dozen nodes, one of them with a body; no two parts are equal, so nothing is merged. */
const part = (w: Tensor, x: Tensor, i: number): Tensor => {
  const c = 1 + i * 1e-6
  let z = x
  for (let k = 0; k < 4; k++) z = add(mul(z, 0.5 + k * 0.1), mul(w, c)) as Tensor
  // a solve is some hundred nodes when it is lowered: one of them stands for a hundred parts
  if (i % 100 === 7) return fixedPoint((y: Tensor) => tanh(add(mul(y, 0.25), z)) as Tensor, x, newton())
  switch (i % 10) {
    case 5:
      return scan((y: Tensor, _: null) => [tanh(add(mul(y, w), z)) as Tensor, null] as const, x, null, { length: 3 })[0]
    case 0:
      return cond(
        less(sum(z), c),
        () => sin(mul(z, w)) as Tensor,
        () => mul(z, w) as Tensor,
      )
    default:
      return checkpoint((y: Tensor) => tanh(mul(y, w)) as Tensor)(z)
  }
}

const program = (parts: number) => (w: Tensor) => {
  let z = w
  for (let i = 0; i < parts; i++) z = part(w, z, i)
  return sum(z) as Tensor<[]>
}

/** So many implicit layers in a row, each on the one before. */
export const layers = (count: number) => (w: Tensor) => {
  let z = w
  for (let i = 0; i < count; i++) {
    const x = z
    z = fixedPoint((y: Tensor) => tanh(add(mul(y, 0.25 + i * 1e-6), x)) as Tensor, w, newton())
  }
  return sum(z) as Tensor<[]>
}

export interface Timed {
  readonly nodes: number
  /** Milliseconds of each pass, in order. */
  readonly passes: Readonly<Record<string, number>>
}

const close = (f: (w: Tensor) => Tensor): Graph => closeBody("gate", [vector], ([w]) => [f(w as Tensor)]).graph

const stopwatch = () => {
  const passes: Record<string, number> = {}
  const timed = <T>(name: string, pass: () => T): T => {
    const start = performance.now()
    const made = pass()
    passes[name] = performance.now() - start
    return made
  }
  return { passes, timed }
}

/** Traces and differentiates so many implicit layers in a row. */
export const timeLayers = (count: number): Timed => {
  const { passes, timed } = stopwatch()
  timed("trace", () => close(layers(count)))
  const gradient = timed("differentiate", () => close((w) => grad(layers(count))(w) as Tensor))
  return { nodes: gradient.equations.length, passes }
}

/** Traces, differentiates and compiles a program of so many parts. */
export const timePasses = (parts: number): Timed => {
  const { passes, timed } = stopwatch()
  const plain = timed("trace", () => close(program(parts)))
  const gradient = timed("differentiate", () => close((w) => grad(program(parts))(w) as Tensor))
  const harvested = timed("harvest", () => harvestGraph(gradient))
  const simple = timed("simplify", () => simplifyGraph(harvested.graph))
  const schedule = timed("schedule", () => buildSchedule(simple, interpreterCapabilities))
  timed("memory plan", () => planMemory(schedule))
  return { nodes: plain.equations.length, passes }
}

/** The program behind a fixed point: the loop around f, for all rows. */
import { type AnyTensor, bodyOf, type Graph, inline, jvp, outputTypes, type Tensor, type TensorType, zerosOf } from "../core/index.js"
import { any, broadcastTo, cond, eye, full, less, moveAxis, vmap } from "../ops/index.js"
import type { FixedPointParams } from "./fixed-point-params.js"
import { defaultTolerance, type Evaluation, runLoop } from "./loop.js"
import { pack, unpack } from "./pack.js"
import { type Ask, algorithmOf } from "./solvers/index.js"
import type { Method } from "./spec/index.js"

const DEFAULT_EVALUATIONS = 256

/** A count of applications, where the method fixes one. */
export const fixedCount = (method: Method): number | null => {
  switch (method._tag) {
    case "iterate":
      return method.count
    case "damped":
    case "perRow":
      return fixedCount(method.of)
    default:
      return null
  }
}

export const lowerFixedPoint = (p: FixedPointParams, inputs: readonly TensorType[]): Graph =>
  bodyOf("fixedPoint", inputs, (args) => {
    const constants = args.slice(0, p.constants.length)
    const init = args.slice(p.constants.length)
    const types = init.map((t) => t.type)
    const n = types.length
    const { rows, solver } = p
    const run = (z: Tensor): { readonly value: Tensor; readonly emitted: readonly AnyTensor[] } => {
      const outs = inline(p.f, [...constants, ...unpack(z, types, rows)])
      return { value: pack(outs.slice(0, n), rows), emitted: outs.slice(n) }
    }
    const algorithm = algorithmOf(solver.method)
    const evaluate = ({ at, along, linearise }: Ask): Evaluation => {
      const { value, emitted } = run(at as Tensor)
      const product = (v: Tensor): Tensor => jvp((z: Tensor) => run(z).value, [at as Tensor], [v])[1]
      const size = at.shape[rows] as number
      // all rows at once along each unit vector: column j of every row's Jacobian
      const columns = (): Tensor => moveAxis(vmap((e: Tensor) => product(broadcastTo(e, at.shape) as Tensor))(eye(size)), 0, -1) as Tensor
      // f sees all rows at once, so the Jacobian is made for all where one asks for it
      const wanted = (by: Tensor): Tensor =>
        cond(any(less(0.5, by)) as Tensor<[], "bool">, columns, () => full([...at.shape, size], 0) as Tensor)
      return {
        f: value,
        emitted,
        ...(algorithm.needs.includes("direction") ? { alongJ: product(along as Tensor) } : {}),
        ...(algorithm.needs.includes("jacobian") ? { jacobian: linearise === undefined ? columns() : wanted(linearise) } : {}),
      }
    }
    const count = fixedCount(solver.method)
    const tolerance = (given: number | undefined) => (given === undefined ? defaultTolerance() : (full([], given) as Tensor<[]>))
    const ended = runLoop(
      {
        algorithm,
        rows,
        evaluate,
        emitted: outputTypes(p.f).slice(n).map(zerosOf),
        atol: tolerance(solver.atol),
        rtol: tolerance(solver.rtol),
        // the n-th iterate is evaluated too, for its residual
        maxEvaluations: count === null ? (solver.maxEvaluations ?? DEFAULT_EVALUATIONS) : count + 1,
        fixedCount: count !== null,
      },
      pack(init, rows),
    )
    return [...unpack(ended.z, types, rows), ended.status, ended.residual, ended.evaluations, ...ended.emitted]
  })

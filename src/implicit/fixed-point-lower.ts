/** The program behind a fixed point: the loop around f, for all rows. */
import { type AnyTensor, bodyOf, type Graph, inline, jvp, outputTypes, type Tensor, type TensorType, zerosOf } from "../core/index.js"
import { any, broadcastTo, cond, eye, full, less, moveAxis, vmap } from "../ops/index.js"
import type { FixedPointParams } from "./fixed-point-params.js"
import { defaultTolerance, type Evaluation, runLoop } from "./loop.js"
import { pack, unpack } from "./pack.js"
import { type Ask, algorithmOf, type Need } from "./solvers/index.js"
import { fixedCount, takesBest } from "./spec/index.js"

const DEFAULT_EVALUATIONS = 256

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
    /** What a solver needs beside f; nothing of it is computed in a turn in which no row wants it. */
    const wanted = (need: Need, { wants }: Ask, shape: readonly number[], made: () => Tensor): Tensor | undefined => {
      if (!algorithm.needs.includes(need)) return undefined
      const flag = wants?.[need]
      return flag === undefined ? made() : cond(any(less(0.5, flag)), made, () => full(shape, 0) as Tensor)
    }
    const evaluate = (ask: Ask): Evaluation => {
      const { at, along } = ask
      const { value, emitted } = run(at as Tensor)
      const product = (v: Tensor): Tensor => jvp((z: Tensor) => run(z).value, [at as Tensor], [v])[1]
      // all rows at once along each unit vector: column j of every row's Jacobian
      const columns = () => vmap((e: Tensor) => product(broadcastTo(e, at.shape) as Tensor))(eye(at.shape[rows] as number)) as Tensor
      const alongJ = wanted("direction", ask, at.shape, () => product(along as Tensor))
      const jacobian = wanted("jacobian", ask, [...at.shape, at.shape[rows] as number], () => moveAxis(columns(), 0, -1) as Tensor)
      return { f: value, emitted, ...(alongJ === undefined ? {} : { alongJ }), ...(jacobian === undefined ? {} : { jacobian }) }
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
        fixedCount: count === null ? null : takesBest(solver.method) ? "best" : "last",
      },
      pack(init, rows),
    )
    return [...unpack(ended.z, types, rows), ended.status, ended.residual, ended.evaluations, ...ended.emitted]
  })

/** The program behind a fixed point: the loop around f, for all rows. */
import {
  type AnyTensor,
  bodyOf,
  flatten,
  type Graph,
  inline,
  jvp,
  outputTypes,
  type Tensor,
  type TensorType,
  unflatten,
  zerosOf,
} from "../core/index.js"
import { any, broadcastTo, cond, eye, full, less, moveAxis, vmap } from "../ops/index.js"
import { type FixedPointParams, givesMemory, partsOfInputs } from "./fixed-point-params.js"
import { defaultTolerance, type Evaluation, runLoop } from "./loop.js"
import { pack, unpack } from "./pack.js"
import { type Algorithm, type Ask, algorithmOf, memoryShape, type Need, type State } from "./solvers/index.js"
import { budgetOf, fixedCount, rowsOf, takesBest } from "./spec/index.js"

export const lowerFixedPoint = (p: FixedPointParams, inputs: readonly TensorType[]): Graph =>
  bodyOf("fixedPoint", inputs, (args) => {
    const { constants, init, earlier } = partsOfInputs(p, args)
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
      // all rows at once along each unit vector: column j of every row's Jacobian. f sees all rows, so it is made for all where one asks
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
        maxEvaluations: budgetOf(solver),
        oneByOne: rowsOf(solver.method) > 0 && count === null,
        fixedCount: count === null ? null : takesBest(solver.method) ? "best" : "last",
        traces: p.traces === true,
        ...(p.resumes
          ? { earlier: { z: pack(earlier.slice(0, n), rows), memory: memoryTree(algorithm, init, rows, earlier.slice(n)) } }
          : {}),
      },
      pack(init, rows),
    )
    return [
      ...unpack(ended.z, types, rows),
      ended.status,
      ended.residual,
      ended.evaluations,
      ...(ended.trace === undefined ? [] : [ended.trace]),
      ...(givesMemory(p) ? flatten("fixedPoint", ended.memory).leaves : []),
      ...ended.emitted,
    ]
  })

const memoryTree = (algorithm: Algorithm, init: readonly AnyTensor[], rows: number, leaves: readonly AnyTensor[]): State =>
  unflatten(memoryShape(algorithm, pack(init, rows).shape[rows] as number).structure, leaves) as State

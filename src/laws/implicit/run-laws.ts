/** How a solve runs: the same bits every time and after storage, one evaluation from its own solution, no absolute threshold. */
import { type AnyTensor, solveStatuses, TraceError } from "../../core/index.js"
import { decodeSolver, type FoundSolve, solverCodec } from "../../implicit/index.js"
import { pullback } from "../function/transforms.js"
import { allOf, fails, holds, vacuous } from "../law.js"
import { same } from "../numbers.js"
import { runnable } from "../run.js"
import { bits, type Check } from "./case.js"
import { rewritten, seeksSolution, where } from "./layer.js"

export const scaleExact: Check = (c) => {
  const pull = runnable(pullback(c.at.fn, c.active))
  const factor = 2 ** c.scale
  const expected = pull.run([...c.at.x, ...c.u]).map((g) => g.map((x) => x * factor))
  const found = pull.run([...c.at.x, ...c.u.map((u) => u.map((x) => x * factor))])
  return allOf(
    expected.map((g, k) => same({ what: `J' (2^${c.scale} u), argument ${k},`, shape: [g.length] }, g, found[k] as Float64Array)),
  )
}

const CONVERGED = solveStatuses.indexOf("Converged")

export const warmStart: Check = (c) => {
  if (!c.solves.every((s) => seeksSolution(s) && !s.inBody)) return vacuous
  return allOf(
    c.solves.map((_, chosen) => {
      let [met, told] = [0, [] as readonly AnyTensor[]]
      const fn = rewritten(c.at.fn, [], (s) => {
        const cold = s.solve()
        const n = s.init.length
        if (met++ === chosen) told = [cold[n] as AnyTensor, s.changed({ init: cold.slice(0, n) }).solve()[n + 2] as AnyTensor]
        return cold
      })
      return where(() => {
        const run = runnable({
          inputs: fn.inputs,
          apply: (args) => {
            met = 0
            fn.apply(args)
            return told
          },
        })
        const [status, evaluations] = run.run(c.at.x) as [Float64Array, Float64Array]
        if (status.some((s) => s !== CONVERGED)) return vacuous
        const most = Math.max(...evaluations)
        return most === 1 ? holds() : fails(`a solve that starts at its own solution takes ${most} evaluations of f, expected 1`)
      })
    }),
  )
}

export const codec: Check = (c) => {
  const throughJson = (s: FoundSolve) => {
    const read = decodeSolver(JSON.parse(JSON.stringify(solverCodec.encode(s.solver))))
    if (read._tag === "Left") throw new TraceError(read.left.message)
    return read.right
  }
  const stored = rewritten(c.at.fn, [], (s) => s.changed({ solver: throughJson(s) }).solve())
  return bits("after its solver was stored and read", runnable(c.at.fn).run(c.at.x), runnable(stored).run(c.at.x))
}

export const determinism: Check = (c) => {
  const pull = () => (c.v.length === 0 || c.u.length === 0 ? [] : runnable(pullback(c.at.fn, c.active)).run([...c.at.x, ...c.u]))
  return allOf([
    bits("traced and run again", runnable(c.at.fn).run(c.at.x), runnable(c.at.fn).run(c.at.x)),
    bits("of the gradient, traced and run again", pull(), pull()),
  ])
}

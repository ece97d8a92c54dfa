/** One function on a target against the interpreter. */
import { closeBody, compile, interpret, type TargetName, type Tensor, type TensorType } from "../core/index.js"
import { allOf, fails, type Verdict } from "./law.js"
import { closeEach, magnitude } from "./numbers.js"
import { precisionOf, roundingBound } from "./rounding-bound.js"
import { type Fn, leaves, type Values, valuesOf } from "./run.js"

/** Numbers in [0, 1) from a seed (Numerical Recipes' generator). */
const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** The values of `fn` at `x` on a target are those of the interpreter, within the bound that rounding allows there. */
export const agrees = async (what: string, fn: Fn, x: Values, target: TargetName, seed: number): Promise<Verdict> => {
  const { graph, captured } = closeBody("laws.targets", fn.inputs, fn.apply)
  const all = [...valuesOf(captured), ...x]
  const exact = interpret(graph, all, { cancelled: false })
  const bounds = roundingBound(graph, all, randomFrom(seed), precisionOf(target))
  const program = compile((...args: readonly Tensor[]) => fn.apply(args) as readonly Tensor[], { target })
  const outcome = await program(...(leaves(fn.inputs, x) as readonly Tensor[]))()
  program.dispose()
  if (outcome._tag === "Left") return fails(`${target}: ${outcome.left.message}`)
  const found = valuesOf(outcome.right as readonly Tensor[])
  const types = graph.outputs.map((v) => graph.types[v] as TensorType)
  return allOf(
    exact.map((e, k) => {
      const place = { what: `${what} ${k} on ${target}`, shape: types[k]?.shape ?? [] }
      return closeEach(place, e, found[k] as Float64Array, magnitude([e], Number.MIN_VALUE), (i) => bounds[k]?.[i] as number)
    }),
  )
}

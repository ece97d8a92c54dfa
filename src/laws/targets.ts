/** One program on several targets. */
import { closeBody, compile, interpret, type TargetName, type Tensor, type TensorType } from "../core/index.js"
import { drawn } from "./arbitraries/draw.js"
import { pullback } from "./function/transforms.js"
import { allOf, fails, holds, type Law, type Verdict } from "./law.js"
import { closeEach, magnitude } from "./numbers.js"
import { precisionOf, roundingBound } from "./rounding-bound.js"
import { type Fn, leaves, type Values, valuesOf } from "./run.js"
import { type ArgumentsOf, type AtPoint, atPoint, inputs, showArguments } from "./tree.js"

interface Case<A> {
  readonly args: A
  readonly at: AtPoint
  readonly u: Values
  readonly seed: number
}

/** Numbers in [0, 1) from a seed (Numerical Recipes' generator). */
const randomFrom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const agrees = async (what: string, fn: Fn, x: Values, target: TargetName, seed: number): Promise<Verdict> => {
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

/**
 * A function and its gradient along a random cotangent give on each target what the float64 interpreter gives, within a bound that is
 * derived for each input from the target's precision and the program's conditioning.
 *
 * @example
 * await laws.check(laws.targets(loss, [{ w: normal([3, 2]) }, normal([4, 3])], ["wasm", "gpu:cpu"]))()
 */
export const targets = <const A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  arguments_: ArgumentsOf<A>,
  names: readonly TargetName[] = ["wasm"],
): Law<Case<A>> => {
  const all = inputs<A>(arguments_)
  const draw = () => all
  return {
    name: `the same on ${names.join(", ")}`,
    theorem: "Rounding moves a result by at most its condition times the unit roundoff (Higham 2002; bound by stochastic arithmetic).",
    arbitrary: drawn((d): Case<A> => {
      const args = d.from(draw)
      const at = atPoint(f as (...a: readonly never[]) => unknown, args)
      const { graph } = closeBody("laws.targets", at.fn.inputs, at.fn.apply)
      const outputs = graph.outputs.map((v) => graph.types[v] as TensorType)
      return { args, at, u: outputs.filter((t) => t.elem === "float").map(d.direction), seed: d.int(0, 0xffff) }
    }),
    show: ({ args }) => showArguments(args),
    check: async ({ at, u, seed }) => {
      const active = at.fn.inputs.map((t) => t.elem === "float")
      const found: Verdict[] = []
      for (const target of names) {
        found.push(await agrees("output", at.fn, at.x, target, seed))
        if (u.length > 0 && active.some(Boolean))
          found.push(await agrees("the gradient to float argument", pullback(at.fn, active), [...at.x, ...u], target, seed))
      }
      return allOf([...found, holds()])
    },
  }
}

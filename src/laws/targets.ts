/** One program on several targets. */
import { closeBody, type TargetName, type TensorType } from "../core/index.js"
import { drawn } from "./arbitraries/draw.js"
import { differentiated } from "./blame/index.js"
import { pullback } from "./function/transforms.js"
import { allOf, holds, type Law, type Verdict } from "./law.js"
import { agrees } from "./on-target.js"
import type { Values } from "./run.js"
import { type ArgumentsOf, type AtPoint, atPoint, inputs, showArguments } from "./tree.js"

interface Case<A> {
  readonly args: A
  readonly at: AtPoint
  readonly u: Values
  readonly seed: number
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
    suspects: ({ at, u }) => [{ ...differentiated(at.fn, at.x, u.length > 0 ? 1 : 0), targets: names }],
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

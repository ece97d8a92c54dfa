/** Two programs for one function. */
import { drawn } from "./arbitraries/draw.js"
import { differentiated } from "./blame/index.js"
import { forwardOf } from "./function/reverse.js"
import { RELATIVE } from "./function/tolerance.js"
import { pullback, pushforward } from "./function/transforms.js"
import { allOf, holds, type Law } from "./law.js"
import { type Fn, runnable, type Values } from "./run.js"
import { type Result, sameResults } from "./same-trees.js"
import { type ArgumentsOf, type AtPoint, atPoint, inputs, showArguments } from "./tree.js"

/** How nearly two functions must agree, and in what. */
export interface SameFunctionOptions {
  /** Relative to the largest element; 0 for the same bits. Default 1e-10, what reordered sums may differ by. */
  readonly tolerance?: number
  /** Whether derivatives, by both modes, are compared too. Default true. */
  readonly derivatives?: boolean
}

interface Case<A> {
  readonly args: A
  readonly one: AtPoint
  readonly other: AtPoint
  readonly v: Values
  readonly u: Values
}

const LIST = { t: "list", items: [] } as const

const resultOf = (at: AtPoint): Result => {
  const f = runnable(at.fn)
  return { structure: at.result(), types: f.outputs, values: f.run(at.x) }
}

const transformed = (fn: Fn, x: Values): Result => {
  const f = runnable(fn)
  return { structure: LIST, types: f.outputs, values: f.run(x) }
}

/**
 * `f` and `g` are one function: same values and, with them, same derivatives along random directions in forward and reverse mode.
 *
 * @example
 * await laws.check(laws.sameFunction((x) => log(softmax(x)), logSoftmax, [normal([4])]))()
 */
export const sameFunction = <const A extends readonly unknown[]>(
  f: (...args: A) => unknown,
  g: (...args: A) => unknown,
  arguments_: ArgumentsOf<A>,
  { tolerance = RELATIVE, derivatives = true }: SameFunctionOptions = {},
): Law<Case<A>> => {
  const all = inputs<A>(arguments_)
  const draw = () => all
  return {
    name: "two programs are one function",
    theorem: "f(x) = g(x) for every x, and so J_f = J_g (extensionality).",
    arbitrary: drawn((d): Case<A> => {
      const args = d.from(draw)
      const [one, other] = [f, g].map((h) => atPoint(h as (...a: readonly never[]) => unknown, args)) as [AtPoint, AtPoint]
      const floats = one.fn.inputs.filter((t) => t.elem === "float")
      return {
        args,
        one,
        other,
        v: floats.map(d.direction),
        u: runnable(one.fn)
          .outputs.filter((t) => t.elem === "float")
          .map(d.direction),
      }
    }),
    show: ({ args }) => showArguments(args),
    suspects: ({ one, other }) => [one, other].map((at) => differentiated(at.fn, at.x, derivatives ? 1 : 0)),
    check: ({ one, other, v, u }) =>
      allOf(
        (function* () {
          yield sameResults("g(x)", resultOf(one), resultOf(other), tolerance)
          if (!derivatives || v.length === 0 || u.length === 0) return yield holds()
          const active = one.fn.inputs.map((t) => t.elem === "float")
          const along = (at: AtPoint) => transformed(pushforward(at.fn, active), [...at.x, ...v])
          if ([one, other].every((at) => forwardOf(at.fn, active) !== null))
            yield sameResults("the derivative of g along a direction", along(one), along(other), tolerance)
          const back = (at: AtPoint) => transformed(pullback(at.fn, active), [...at.x, ...u])
          yield sameResults("the pullback of g", back(one), back(other), tolerance)
        })(),
      ),
  }
}

/** Laws of a user's function that is meant to be linear in its float arguments together. */
import { drawn } from "./arbitraries/draw.js"
import { differentiated } from "./blame/index.js"
import { adjoint } from "./function/dot-product.js"
import type { Mask } from "./function/masks.js"
import { replaced } from "./function/masks.js"
import { forwardOf } from "./function/reverse.js"
import { RELATIVE } from "./function/tolerance.js"
import { pullback } from "./function/transforms.js"
import { type AnyLaw, allOf, type Law, type Verdict, vacuous } from "./law.js"
import { close, inner, magnitude } from "./numbers.js"
import { runnable, type Values } from "./run.js"
import { type ArgumentsOf, type AtPoint, atPoint, inputs, showArguments, showDirection } from "./tree.js"

interface Case<A> {
  readonly args: A
  readonly at: AtPoint
  readonly active: Mask
  readonly y: Values
  readonly u: Values
  readonly a: number
  readonly b: number
}

const combination = (a: number, x: Values, b: number, y: Values): Values =>
  x.map((p, k) => p.map((n, i) => a * n + b * (y[k]?.[i] as number)))

/** f's float outputs at float inputs. */
const floatMap = ({ at, active }: Case<unknown>) => {
  const f = runnable(at.fn)
  const floats = f.outputs.flatMap((t, i) => (t.elem === "float" ? [i] : []))
  return {
    types: floats.map((i) => f.outputs[i] as (typeof f.outputs)[number]),
    run: (x: Values): Values => {
      const all = f.run(replaced(at.x, active, x))
      return floats.map((i) => all[i] as Float64Array)
    },
  }
}

const superposition = (c: Case<unknown>): Verdict => {
  const { types, run } = floatMap(c)
  const x = c.at.x.filter((_, i) => c.active[i])
  const [fx, fy] = [run(x), run(c.y)]
  const found = run(combination(c.a, x, c.b, c.y))
  const tangent = forwardOf(c.at.fn, c.active)?.run([...c.at.x, ...c.y])
  const scale = (Math.abs(c.a) + Math.abs(c.b) + 1) * magnitude([...fx, ...fy], magnitude([...x, ...c.y]))
  const expected = combination(c.a, fx, c.b, fy)
  return allOf(
    (function* () {
      for (let k = 0; k < types.length; k++) {
        const shape = types[k]?.shape ?? []
        yield close({ what: `f(${c.a} x + ${c.b} y)`, shape }, expected[k] as Float64Array, found[k] as Float64Array, scale, RELATIVE)
        if (tangent === undefined) continue
        yield close(
          { what: "the derivative of f along y, against f(y),", shape },
          fy[k] as Float64Array,
          tangent[k] as Float64Array,
          scale,
          RELATIVE,
        )
      }
    })(),
  )
}

/**
 * A function of trees that is linear in all its float arguments together: superposition, its derivative being itself, and its
 * transpose being its adjoint. Tolerances are those of rounding (1e-10 of the size of the terms).
 *
 * @example
 * await laws.check(laws.linear((x) => cumulative(x), [normal([5])]))()
 */
export const linear = <const A extends readonly unknown[]>(f: (...args: A) => unknown, arguments_: ArgumentsOf<A>): readonly AnyLaw[] => {
  const all = inputs<A>(arguments_)
  const draw = () => all
  const arbitrary = drawn((d): Case<A> => {
    const args = d.from(draw)
    const at = atPoint(f as (...a: readonly never[]) => unknown, args)
    const active = at.fn.inputs.map((t) => t.elem === "float")
    return {
      args,
      at,
      active,
      y: at.fn.inputs.filter((_, i) => active[i]).map(d.direction),
      u: runnable(at.fn)
        .outputs.filter((t) => t.elem === "float")
        .map(d.direction),
      a: d.int(-32, 32) / 16,
      b: d.int(-32, 32) / 16,
    }
  })
  const law = (name: string, theorem: string, check: (c: Case<A>) => Verdict): Law<Case<A>> => ({
    name: `linear: ${name}`,
    theorem,
    arbitrary,
    show: ({ args, at, y }) => `x =\n${showArguments(args)}\ny =\n${showDirection(at, y)}`,
    suspects: ({ at }) => [differentiated(at.fn, at.x, 1)],
    check: (c) => (c.y.length === 0 || c.u.length === 0 ? vacuous : check(c)),
  })
  return [
    law(
      "superposition",
      "f(a x + b y) = a f(x) + b f(y), and the derivative of f along y is f(y) (definition of linearity).",
      superposition,
    ),
    law("the transpose is the adjoint", "<u, f(y)> = <f' u, y> (definition of the adjoint; Claerbout 1992).", (c) =>
      adjoint("<u, f(y)>", inner(c.u, floatMap(c).run(c.y)), inner(runnable(pullback(c.at.fn, c.active)).run([...c.at.x, ...c.u]), c.y)),
    ),
  ]
}

/** Laws of the gradient of a user's scalar function of trees. */
import { type Tensor, TraceError } from "../core/index.js"
import { drawn } from "./arbitraries/draw.js"
import { differentiated } from "./blame/index.js"
import { moved } from "./function/difference.js"
import { dotProduct } from "./function/dot-product.js"
import type { Mask } from "./function/masks.js"
import { hessianModes } from "./function/second-order.js"
import { taylor } from "./function/taylor.js"
import { pullback } from "./function/transforms.js"
import { type AnyLaw, fails, type Law, type Verdict, vacuous } from "./law.js"
import { inner } from "./numbers.js"
import { runnable, type Values } from "./run.js"
import { type ArgumentsOf, type AtPoint, atPoint, inputs, showArguments, showDirection } from "./tree.js"

/** Which derivatives of a function are held to the law. */
export interface GradientOptions {
  /** How often the function can be differentiated; 1 leaves the law of second derivatives out. Default 2. */
  readonly order?: 1 | 2
}

interface Case<A> {
  readonly args: A
  readonly at: AtPoint
  readonly active: Mask
  readonly v: Values
  readonly w: Values
}

const ONE = [Float64Array.of(1)]

/** The part of a direction in one leaf. */
const only = (v: Values, k: number): Values => v.map((d, i) => (i === k ? d : d.map(() => 0)))

const taylorCheck = ({ at, active, v }: Case<unknown>): Verdict => {
  const l = runnable(at.fn)
  const along = (d: Values) => (t: number) => l.run(moved(at.x, active, d, t))[0]?.[0] as number
  const gradient = runnable(pullback(at.fn, active)).run([...at.x, ...ONE])
  const verdict = taylor(along(v), inner(gradient, v).value)
  if (verdict.t !== "fails") return verdict
  const paths = at.paths.filter((_, i) => active[i])
  const wrong = v.flatMap((_, k) => {
    const part = taylor(along(only(v, k)), inner(gradient, only(v, k)).value)
    return part.t === "fails" ? [`argument ${paths[k]}`] : []
  })
  return fails(`${verdict.why}${wrong.length === 0 ? "" : `\nthe gradient is wrong in ${wrong.join(", ")}`}`, verdict.error)
}

/**
 * The gradient of a scalar function of trees, on generated arguments: Taylor's theorem along a direction, forward mode against
 * reverse mode, and the symmetry of second derivatives. Whole numbers, truth values and keys among the arguments are held fixed.
 *
 * @example
 * await laws.check(laws.gradient((p, x) => mean(square(matmul(x, p.w))), [{ w: normal([3, 2]) }, normal([4, 3])]))()
 */
export const gradient = <const A extends readonly unknown[]>(
  f: (...args: A) => Tensor<[]>,
  arguments_: ArgumentsOf<A>,
  { order = 2 }: GradientOptions = {},
): readonly AnyLaw[] => {
  const all = inputs<A>(arguments_)
  const draw = () => all
  const arbitrary = drawn((d): Case<A> => {
    const args = d.from(draw)
    const at = atPoint(f as (...a: readonly never[]) => unknown, args)
    const active = at.fn.inputs.map((t) => t.elem === "float")
    const direction = () => at.fn.inputs.filter((_, i) => active[i]).map(d.direction)
    return { args, at, active, v: direction(), w: direction() }
  })
  const law = (name: string, theorem: string, second: boolean, check: (c: Case<A>) => Verdict): Law<Case<A>> => ({
    name: `gradient: ${name}`,
    theorem,
    arbitrary,
    show: ({ args, at, v, w }) =>
      [showArguments(args), "direction v =", showDirection(at, v), ...(second ? ["direction w =", showDirection(at, w)] : [])].join("\n"),
    suspects: ({ at }) => [differentiated(at.fn, at.x, second ? 2 : 1)],
    check: (c) => {
      const [out, ...more] = runnable(c.at.fn).outputs
      if (out === undefined || more.length > 0 || out.elem !== "float" || out.shape.length > 0)
        throw new TraceError("laws.gradient: the function must return one float scalar; reduce it with sum or mean")
      return c.v.length === 0 ? vacuous : check(c)
    },
  })
  const first: readonly AnyLaw[] = [
    law("Taylor", "l(x + h v) - l(x) - h <grad l(x), v> is of the order h^2 (Taylor's theorem).", false, taylorCheck),
    law(
      "forward is reverse",
      "J v = <grad l, v>: forward and reverse mode give one derivative (the dot-product test; Claerbout 1992).",
      false,
      (c) => dotProduct(c.at.fn, c.active, c.at.x, c.v, ONE, "J v by forward mode"),
    ),
  ]
  const hessian = law(
    "Hessian symmetry",
    "v' H w = w' H v, and H w is one vector by all orders of the two modes (Schwarz's theorem).",
    true,
    (c) => hessianModes(c.at.fn, c.active, c.at.x, c.v, c.w, ONE),
  )
  return order === 1 ? first : [...first, hessian]
}

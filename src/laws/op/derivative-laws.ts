/** Laws of derivative rules: jvp, transpose and split of one op. */
import type { AnyOp } from "../../core/index.js"
import { type Draw, drawn } from "../arbitraries/draw.js"
import { derivative } from "../function/difference.js"
import { dotProduct } from "../function/dot-product.js"
import { absentTangent, linearTangent } from "../function/linearity.js"
import type { Mask } from "../function/masks.js"
import { reverseDerivative, reverseHessian } from "../function/reverse.js"
import { hessianModes, tangentAdjoint, tangentDerivative } from "../function/second-order.js"
import { activeTypes, floatOutputs } from "../function/transforms.js"
import { type AnyLaw, allOf, type Law, type Verdict, vacuous } from "../law.js"
import type { Fn, Values } from "../run.js"
import { type Instance, instance, showParts, someFloats, varies } from "./instance.js"

/** An instance, the inputs that vary, two directions and a cotangent. */
interface Case {
  readonly i: Instance
  readonly active: Mask
  readonly v: Values
  readonly w: Values
  readonly u: Values
  readonly a: number
  readonly b: number
  readonly k: number
}

const caseOf =
  (op: AnyOp) =>
  (d: Draw): Case => {
    const i = instance(d, op)
    const active = someFloats(d, i)
    const directions = () => activeTypes(i.fn, active).map(d.direction)
    return {
      i,
      active,
      v: directions(),
      w: directions(),
      u: floatOutputs(i.fn).map(d.direction),
      a: d.int(-32, 32) / 16,
      b: d.int(-32, 32) / 16,
      k: d.int(-60, 60),
    }
  }

const showMask = (m: Mask): string => m.flatMap((a, i) => (a ? [`input ${i}`] : [])).join(", ")

/** The function without the outputs that are constants by definition. */
const measurable = (i: Instance): Fn => ({ inputs: i.fn.inputs, apply: (args) => i.fn.apply(args).filter((_, k) => varies(i, k)) })

export const derivativeLaws = (op: AnyOp): readonly AnyLaw[] => {
  const law = (name: string, theorem: string, shown: readonly ("v" | "w" | "u")[], check: (c: Case) => Verdict): Law<Case> => ({
    name: `${op.name}: ${name}`,
    theorem,
    arbitrary: drawn(caseOf(op)),
    show: (c) => showParts(c.i, { differentiated: showMask(c.active), ...Object.fromEntries(shown.map((n) => [n, c[n]])) }),
    // An op of whole numbers, truth values or keys has no derivative.
    check: (c) => (c.v.length === 0 || c.u.length === 0 ? vacuous : check(c)),
  })
  const forward: readonly AnyLaw[] = [
    law("jvp is the derivative", "J v is the limit of central differences along v (definition of the derivative).", ["v"], (c) =>
      derivative(measurable(c.i), c.active, c.i.x, c.v, c.i.accuracy),
    ),
    law(
      "a derivative is linear",
      "J (a v + b w) = a J v + b J w; J (2^k v) = 2^k J v to the bit; a tangent left out is a zero (linearity of the derivative).",
      ["v", "w"],
      (c) => allOf([linearTangent(c.i.fn, c.active, c.i.x, c.v, c.w, c), absentTangent(c.i.fn, c.active, c.i.x, c.v)]),
    ),
    law(
      "jvp of jvp is the second derivative",
      "x -> J(x) v has the derivative that its central differences show (definition of the derivative).",
      ["v", "w"],
      (c) => tangentDerivative(c.i.fn, c.active, c.i.x, c.v, c.w, c.i.accuracy),
    ),
  ]
  const reverse: readonly AnyLaw[] = [
    law("vjp is the adjoint of jvp", "<u, J v> = <J' u, v> (dot-product test; Claerbout 1992).", ["v", "u"], (c) =>
      dotProduct(c.i.fn, c.active, c.i.x, c.v, c.u),
    ),
    law("vjp of jvp is the adjoint of jvp of jvp", "The dot-product test of x -> J(x) v (the same, one order up).", ["v", "w", "u"], (c) =>
      tangentAdjoint(c.i.fn, c.active, c.i.x, c.v, c.w, c.u),
    ),
    law(
      "the three ways to a Hessian agree",
      "Forward over reverse, reverse over forward and reverse over reverse give one symmetric H (Schwarz).",
      ["v", "w", "u"],
      (c) => hessianModes(c.i.fn, c.active, c.i.x, c.v, c.w, c.u),
    ),
  ]
  const backwards: readonly AnyLaw[] = [
    law("vjp is the derivative", "<J' u, v> is the slope of <u, f> along v (Taylor's theorem).", ["v", "u"], (c) =>
      reverseDerivative(c.i.fn, c.active, c.i.x, c.v, c.u),
    ),
    law(
      "vjp of vjp is the second derivative",
      "x -> J(x)' u has the derivative that its differences show, and H is symmetric (Schwarz).",
      ["v", "w", "u"],
      (c) => reverseHessian(c.i.fn, c.active, c.i.x, c.v, c.w, c.u),
    ),
  ]
  return { both: [...forward, ...reverse], forward, reverse: backwards }[op.modes ?? "both"]
}

/**
 * Levenberg-Marquardt (More 1978) on |g|^2 / 2: the step d with the least |g + G d|^2 + mu |d|^2, G = dg/dz. With A = -G = I - J it
 * is the least squares solution of
 *
 *     [ A         ]       [ g ]
 *     [ sqrt(mu) I ] d  =  [ 0 ],
 *
 * by QR factors: the normal equations would square the condition number. mu is the inverse of the trust (trust.ts), so it falls to 0 as
 * the model proves right, and the steps become Newton's. Also where A is singular there is a step.
 */
import { concat, div, eye, full, lstsq, mul, sqrt } from "../../ops/index.js"
import type { Algorithm, Vector } from "./algorithm.js"
import { type Propose, trustAlgorithm } from "./trust.js"

export const dampedStep: Propose = (a, g, trust) => {
  const n = g.shape[0] as number
  if (n === 0) return { d: g, trust } // there is nothing to factor
  const damping = mul(eye(n), sqrt(div(1, trust))) as Vector
  return { d: lstsq(concat([a, damping], 0), concat([g, full([n], 0)], 0)), trust }
}

export const levenbergMarquardtAlgorithm = (damping: number): Algorithm => trustAlgorithm(1 / damping, dampedStep)

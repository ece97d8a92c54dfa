/** What every law of an implicit layer is tried on, and how two programs are compared. */
import type { FoundSolve } from "../../implicit/index.js"
import type { Mask } from "../function/masks.js"
import { pullback } from "../function/transforms.js"
import { allOf, type Verdict } from "../law.js"
import { close, magnitude, same } from "../numbers.js"
import { type Fn, runnable, type Values } from "../run.js"
import type { AtPoint } from "../tree.js"
import { AGREE, FLOOR } from "./layer.js"

export interface Case<A> {
  readonly args: A
  readonly at: AtPoint
  readonly solves: readonly FoundSolve[]
  readonly active: Mask
  readonly v: Values
  readonly w: Values
  readonly u: Values
  /** An offset of each solve's start. */
  readonly offset: Values
  /** An exponent of two for cotangents. */
  readonly scale: number
  /** A damping. */
  readonly tau: number
}

export type Check = (c: Case<unknown>) => Verdict

export const floatsOf = (fn: Fn, x: Values): Values => {
  const f = runnable(fn)
  const all = f.run(x)
  return all.filter((_, i) => f.outputs[i]?.elem === "float")
}

/** Values, and gradients along u, of two functions of the same arguments. */
export const agree = (what: string, c: Case<unknown>, one: Fn, other: Fn, gradients: boolean): Verdict =>
  allOf(
    (function* () {
      const compare = (part: string, a: Values, b: Values): Verdict =>
        allOf(
          a.map((x, k) =>
            close({ what: `${part} ${k} ${what}`, shape: [x.length] }, x, b[k] as Float64Array, magnitude([...a, ...b], FLOOR), AGREE),
          ),
        )
      yield compare("float output", floatsOf(one, c.at.x), floatsOf(other, c.at.x))
      if (!gradients || c.v.length === 0) return
      const pull = (fn: Fn) => runnable(pullback(fn, c.active)).run([...c.at.x, ...c.u])
      yield compare("the gradient to float argument", pull(one), pull(other))
    })(),
  )

export const bits = (what: string, a: Values, b: Values): Verdict =>
  allOf(a.map((x, k) => same({ what: `output ${k} ${what}`, shape: [x.length] }, x, b[k] as Float64Array)))

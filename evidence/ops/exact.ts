/**
 * Programs that float32 computes without any rounding: additions, products, comparisons and movements whose every value is a float32. Of
 * these a target has to give the very numbers; the rounding bound would let a comparison at a tie go either way.
 */

import { buildSchedule } from "../../src/core/compile/build.js"
import { type Graph, interpret } from "../../src/core/index.js"
import { tightest } from "../../src/core/targets/gpu/modes.js"
import type { Program } from "../targets/runners.js"

/** What no target promises to round correctly, and the constant that is each target's own. */
const inexact = new Set(["exp", "log", "tanh", "sqrt", "sin", "cos", "div", "epsilon"])

const mentions = (data: unknown, seen: Set<object>): boolean => {
  if (typeof data !== "object" || data === null || seen.has(data)) return false
  seen.add(data)
  const { t, fn } = data as { readonly t?: unknown; readonly fn?: unknown }
  const arithmetic = (t === "unary" || t === "binary") && inexact.has(String(fn))
  return arithmetic || t === "epsilon" || Object.values(data).some((part) => mentions(part, seen))
}

const isArithmetic = (graph: Graph): boolean => !mentions(buildSchedule(graph, tightest).steps, new Set())

/** Factors of a product within one kernel may be rounded in between: 24 bits hold the product of four numbers with six. */
const held = (x: number): boolean => Number.isNaN(x) || Math.fround(x) === x

export const isExact = ({ graph, inputs }: Program): boolean => {
  if (!isArithmetic(graph)) return false
  let exact = inputs.every((x) => x.every(held))
  interpret(graph, inputs, {
    cancelled: false,
    rounded: (x) => {
      exact &&= x.every(held)
      return x
    },
  })
  return exact
}

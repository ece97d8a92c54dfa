/** Which arithmetic rounds nothing. */
import { visit } from "../../compile/kernel-form.js"
import type { BinaryFn, Nest, UnaryFn } from "../../compile/nest.js"

const unary: ReadonlySet<UnaryFn> = new Set<UnaryFn>(["neg", "floor", "not", "isFinite"])
const binary: ReadonlySet<BinaryFn> = new Set<BinaryFn>(["max", "min", "less", "lessEqual", "equal", "and", "or"])

/** Whether a nest only moves, compares and chooses numbers, so that what were equal numbers stay so on every target. */
export const roundsNothing = (nest: Nest): boolean => {
  if (nest.reduce !== null && nest.reduce.combine !== "max") return false
  let exact = true
  visit(nest, (s) => {
    if (s.t === "unary") exact &&= unary.has(s.fn)
    else if (s.t === "binary") exact &&= binary.has(s.fn)
  })
  return exact
}

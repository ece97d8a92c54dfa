/** Whose rule an application carries. */
import type { Equation } from "../../core/index.js"
import { type CustomJvpParams, customJvpOp } from "./custom-jvp.js"
import { type CustomVjpParams, customVjpOp } from "./custom-vjp.js"

/**
 * The name of the function whose own rule stands in an application of `customJvp` or `customVjp`; null for other ops.
 *
 * @example
 * customName(equation) // the name given to customJvp, such as "clipped"
 */
export const customName = ({ op, params }: Pick<Equation, "op" | "params">): string | null => {
  if (op === customJvpOp) return (params as CustomJvpParams).name
  return op === customVjpOp ? (params as CustomVjpParams).name : null
}

/** What constructors check of their arguments. */
import { TraceError } from "../../core/index.js"

export const whole = (what: string, n: number, least: number): number => {
  if (!Number.isInteger(n) || n < least) throw new TraceError(`${what}: expected a whole number of at least ${least}, found ${n}`)
  return n
}

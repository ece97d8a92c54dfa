/** What constructors check of their arguments. */
import { TraceError } from "../../core/index.js"

export const whole = (what: string, n: number, least: number): number => {
  if (!Number.isInteger(n) || n < least) throw new TraceError(`${what}: expected a whole number of at least ${least}, found ${n}`)
  return n
}

export const portion = (what: string, x: number): number => {
  if (!(x > 0 && x <= 1)) throw new TraceError(`${what} must lie in (0, 1], found ${x}`)
  return x
}

export const positive = (what: string, x: number): number => {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) throw new TraceError(`${what}: expected a number above 0, found ${x}`)
  return x
}

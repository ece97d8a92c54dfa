/** Whole powers of matrices. */
import { type Tensor, TraceError } from "../../core/index.js"
import { eye } from "../higher.js"
import { broadcastTo } from "../lift.js"
import { matmul } from "../matmul.js"
import { requireSquare } from "./matrices.js"
import { inv } from "./solve.js"

/**
 * A to a whole power, by repeated squaring: about 2 log2 |power| products. Power 0 is the identity; a negative one is a power of
 * the inverse.
 *
 * @throws TraceError for matrices that are not square, or a power that is not whole.
 * @example
 * matrixPower(tensor([[1, 1], [1, 0]]), 10) // [[89, 55], [55, 34]]
 */
export const matrixPower = (a: Tensor, power: number): Tensor => {
  requireSquare("matrixPower", a.type)
  if (!Number.isInteger(power)) throw new TraceError(`matrixPower: expected a whole power, found ${power}`)
  if (power === 0) return broadcastTo(eye(a.shape.at(-1) as number) as Tensor, a.shape) as Tensor
  const base = power < 0 ? inv(a) : a
  const powered = (n: number): Tensor => {
    if (n === 1) return base
    const half = powered(Math.floor(n / 2))
    const square = matmul(half, half) as Tensor
    return n % 2 === 0 ? square : (matmul(square, base) as Tensor)
  }
  return powered(Math.abs(power))
}

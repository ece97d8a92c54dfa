/** Initial values of parameters. Uniform draws only, which every target makes with the same bits. */
import type { Tensor } from "../../core/index.js"
import { div, einsum, full, type Key, mul, norm, scan, sub, uniform, zeros } from "../../ops/index.js"

/** Uniform in [-limit, limit). */
const within = (key: Key, shape: readonly number[], limit: number): Tensor => mul(sub(uniform(key, shape) as Tensor, 0.5), 2 * limit)

/**
 * For weights whose output is not rectified (Glorot and Bengio 2010): uniform in +-sqrt(6 / (in + out)). `inputs` and `outputs` count
 * what a unit sums over and what it feeds.
 *
 * @example
 * glorot(key(0), [784, 10], 784, 10)
 */
export const glorot = (key: Key, shape: readonly number[], inputs: number, outputs: number): Tensor =>
  within(key, shape, Math.sqrt(6 / (inputs + outputs)))

/**
 * For weights in front of a rectifier (He et al. 2015): uniform in +-sqrt(6 / in).
 *
 * @example
 * he(key(0), [784, 64], 784)
 */
export const he = (key: Key, shape: readonly number[], inputs: number): Tensor => within(key, shape, Math.sqrt(6 / inputs))

const turns = 40

/**
 * An orthogonal matrix: the orthogonal factor of the polar decomposition of a random one, as the fixed point of
 * X <- (3 X - X X' X) / 2 (Newton and Schulz; Higham 2008, section 8.3). Singular values below 1 grow by a half a turn, then
 * converge quadratically, so 40 turns do for any draw.
 *
 * @example
 * orthogonal(key(0), 64)
 */
export const orthogonal = (key: Key, size: number): Tensor => {
  const drawn = within(key, [size, size], 1)
  const turn = (x: Tensor): Tensor => mul(sub(mul(x, 3), einsum("ij,jk->ik", einsum("ij,kj->ik", x, x), x)) as Tensor, 0.5)
  const [q] = scan((x: Tensor, _row: null) => [turn(x), null] as const, div(drawn, norm(drawn)) as Tensor, null, { length: turns })
  return q
}

/**
 * All zero.
 *
 * @example
 * none(10) // zeros of shape [10]
 */
export const none = (size: number): Tensor => zeros([size]) as Tensor
/**
 * All one.
 *
 * @example
 * ones(10)
 */
export const ones = (size: number): Tensor => full([size], 1) as Tensor

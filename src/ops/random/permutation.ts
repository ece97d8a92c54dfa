/** Random orders, by sorting on random bits. */
import { type Elem, type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import { cast } from "../cast.js"
import { take } from "../gather.js"
import { iota } from "../iota.js"
import { normalAxes } from "../normal-axes.js"
import { indexAxis } from "../slice-pad.js"
import { sort } from "../sort.js"
import { type Key, randomBits, splitKeys } from "./keys.js"

type Positions = Tensor<Unchecked, "int">

/** The order of 32 random bits an element: stable sorts by the low, then by the high half, each exact in float32. */
const byRandomBits = (k: Key, n: number): Positions => {
  const bits = cast(randomBits(k, [n]), "float")
  const first = sort(indexAxis(bits, -1, 1) as Tensor).positions
  const second = sort(take(indexAxis(bits, -1, 0) as Tensor, first)).positions
  return take(first, second)
}

/**
 * The numbers from 0 to n - 1 in random order, the same as `jax.random.permutation`: sorted by 32 random bits each, in as many
 * rounds as n^3 <= 2^(32 rounds) needs. Elements whose bits agree in all rounds keep their order; the probability that there are any is
 * below 1 / (2 n), and n^2 / 2^33 up to n = 1625, where one round does.
 *
 * @throws TraceError where `n` is no whole number from 0.
 *
 * @example
 * permutation(key(0), 5)
 */
export const permutation = <N extends number>(k: Key, n: N): Tensor<[N], "int"> => {
  if (!Number.isSafeInteger(n) || n < 0) throw new TraceError(`permutation: expected a whole number from 0, found ${n}`)
  // JAX's rule to the letter, so that the number of rounds is the same
  const rounds = Math.ceil((3 * Math.log(Math.max(1, n))) / Math.log(2 ** 32 - 1))
  let order = iota(n) as Positions
  let rest = k
  for (let round = 0; round < rounds; round++) {
    const [next, own] = splitKeys(rest, 2) as [Key, Key]
    order = take(order, byRandomBits(own, n))
    rest = next
  }
  return order as Tensor<[N], "int">
}

/**
 * `x` with the positions of an axis in random order, those of `permutation`; rows stay whole. Differentiable in `x`.
 *
 * @example
 * shuffle(key(0), rows) // of axis 0
 */
export const shuffle = <E extends Elem>(k: Key, x: Tensor<Unchecked, E>, axis = 0): Tensor<Unchecked, E> => {
  const [a] = normalAxes("shuffle", x.shape.length, [axis]) as [number]
  return take(x, permutation(k, x.shape[a] as number) as Positions, a)
}

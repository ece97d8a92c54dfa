/**
 * Random numbers as values: a key is split, never advanced. The bits are JAX's, with `threefry_partitionable` on: element i of
 * a draw is the block at counter i, so any part of a draw can be computed alone and every target draws the same.
 */
import {
  type AnyTensor,
  apply1,
  asNumber,
  axes,
  axis,
  broadcastAlong,
  broadcastFirst,
  constant,
  defineOp,
  literal,
  load,
  type Op,
  physicalShape,
  pointwise,
  type Scalar,
  sameShape,
  showType,
  sizeOf,
  type Tensor,
  type TensorType,
  TraceError,
  type Unchecked,
} from "../../core/index.js"
import { iota } from "../iota.js"
import { reshape } from "../shape.js"
import { indexAxis } from "../slice-pad.js"

/** What random numbers are drawn from: equal keys give equal numbers, so split one for each use. */
export type Key = Tensor<[], "key">

const noTangent = () => [null]

/** Keys [S] and counters int [S] -> keys [S]: the block of each key at each counter, as a new key. */
export const threefryOp: Op<null> = defineOp<null>({
  name: "threefry",
  type: (_params, [k, count]) => {
    const [a, b] = [k as TensorType, count as TensorType]
    if (a.elem !== "key" || b.elem !== "int" || !sameShape(a.shape, b.shape))
      throw new TraceError(`threefry: expected a key and whole numbers of one shape, found ${showType(a)} and ${showType(b)}`)
    return [a]
  },
  jvp: noTangent,
  batch: (_params, inputs, batched, size) => ({
    outputs: [
      apply1(
        threefryOp,
        null,
        inputs.map((t, i) => (batched[i] ? t : broadcastFirst(t, size))),
      ),
    ],
    batched: [true],
  }),
  lower: (_params, _inputs, [out]) => {
    const domain = physicalShape(out as TensorType)
    const rank = domain.length - 1
    const limb = (i: number): Scalar => load(0, [...axes(rank), { t: "const", value: i }])
    return {
      t: "index",
      nests: [
        pointwise(domain, {
          t: "threefry",
          key: [limb(0), limb(1), limb(2), limb(3)],
          count: load(1, axes(rank)),
          limb: asNumber(axis(rank)),
        }),
      ],
    }
  },
  cheap: true,
  example: (choose) => {
    const shape = choose.shape(1)
    return {
      params: null,
      inputs: [
        { elem: "key", shape },
        { elem: "int", shape },
      ],
      domains: [{ t: "key" }, { t: "index", below: 9 }],
    }
  },
})

/** Keys [S] -> int [S, 2]: 32 bits of each (its two words, exclusive or) as a high and a low half of 16 bits. */
export const keyBitsOp: Op<null> = defineOp<null>({
  name: "keyBits",
  type: (_params, [k]) => {
    if ((k as TensorType).elem !== "key") throw new TraceError(`keyBits: expected a key, found ${showType(k as TensorType)}`)
    return [{ elem: "int", shape: [...(k as TensorType).shape, 2] }]
  },
  jvp: noTangent,
  batch: (_params, [k]) => ({ outputs: [apply1(keyBitsOp, null, [k as AnyTensor])], batched: [true] }),
  lower: (_params, _inputs, [out]) => {
    const domain = (out as TensorType).shape
    const rank = domain.length - 1
    const word = (w: number): Scalar => load(0, [...axes(rank), { t: "add", a: axis(rank), b: { t: "const", value: 2 * w } }])
    return { t: "index", nests: [pointwise(domain, { t: "xor16", a: word(0), b: word(1) })] }
  },
  cheap: false,
  example: (choose) => ({ params: null, inputs: [{ elem: "key", shape: choose.shape(1) }], domains: [{ t: "key" }] }),
})

/**
 * The key of a seed, a whole number of at most 53 bits: the same as `jax.random.key(seed)`.
 *
 * @example
 * normal(key(42), [3]) // equal keys give equal numbers, on every target
 */
export const key = (seed: number): Key => {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new TraceError(`key: expected a whole number from 0 to 2^53 - 1, found ${seed}`)
  const [high, low] = [Math.floor(seed / 2 ** 32), seed % 2 ** 32]
  const limbs = [high, low].flatMap((w) => [Math.floor(w / 65536), w % 65536])
  return constant({ elem: "key", shape: [] }, Float64Array.from(limbs)) as Key
}

/**
 * The key for one whole number: `foldIn(k, i)` is `split(k, n)[i]` for every n above i. A number below zero stands for the one 2^32
 * further, as in JAX.
 *
 * @throws TraceError for a number that is not whole or does not fit 32 bits.
 * @example
 * foldIn(key(42), step) // a key for every step
 */
export const foldIn = (k: Key, data: number | Tensor<[], "int">): Key =>
  apply1(threefryOp, null, [k, typeof data === "number" ? int32(data) : data]) as Key

const int32 = (n: number) => {
  // `| 0` keeps the whole numbers of 32 bits, and no others
  if ((n | 0) !== n) throw new TraceError(`foldIn: expected a whole number from -2^31 to 2^31 - 1, found ${n}`)
  return literal(n, "int")
}

/**
 * `n` keys that are independent of each other and of `k`, as an array of keys.
 *
 * @example
 * split(key(42), 8) // a tensor of 8 keys, for vmap
 */
export const split = <N extends number>(k: Key, n: N): Tensor<[N], "key"> =>
  apply1(threefryOp, null, [broadcastAlong(k, [n], []), iota(n)]) as Tensor<[N], "key">

/**
 * `n` keys as separate values.
 *
 * @example
 * const [forWeights, forNoise] = splitKeys(key(42), 2)
 */
export const splitKeys = (k: Key, n: number): readonly Key[] => {
  const keys = split(k, n)
  return Array.from({ length: n }, (_, i) => indexAxis(keys, 0, i) as Key)
}

/**
 * 32 random bits an element, as int [...shape, 2]: high and low halves of 16 bits (exact on targets of float32).
 *
 * @example
 * randomBits(key(42), [4]) // int[4, 2]
 */
export const randomBits = (k: Key, shape: readonly number[]): Tensor<Unchecked, "int"> =>
  reshape(apply1(keyBitsOp, null, [split(k, sizeOf(shape))]) as Tensor<Unchecked, "int">, [...shape, 2])

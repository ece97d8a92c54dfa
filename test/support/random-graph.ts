/** Random well-typed programs: a tape of choices, which fast-check shrinks, is read as a graph over a pool of values. */

import * as fc from "fast-check"
import {
  type AnyTensor,
  bodyOf,
  type Graph,
  inputTypes,
  physicalShape,
  sizeOf,
  type Tensor,
  type TensorType,
} from "../../src/core/index.js"
import type { Unchecked } from "../../src/index.js"
import {
  add,
  and,
  broadcastTo,
  cast,
  checkpoint,
  concat,
  cond,
  div,
  einsum,
  exp,
  expandAxis,
  iota,
  less,
  max,
  mul,
  neg,
  pad,
  permute,
  reshape,
  scan,
  scatterAdd,
  sin,
  slice,
  sort,
  sub,
  sum,
  take,
  tanh,
  where,
  whileLoop,
} from "../../src/ops/index.js"

export interface RandomProgram {
  readonly graph: Graph
  readonly inputs: readonly Float64Array[]
}

class Tape {
  private next = 0
  constructor(private readonly choices: readonly number[]) {}
  /** A whole number below n; 0 when the tape has ended. */
  below(n: number): number {
    return (this.choices[this.next++] ?? 0) % n
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }
}

type Pool = Tensor[]

const rank = (x: Tensor) => x.shape.length

/** Brings a value to a shape by summing or broadcasting. */
const like = (x: Tensor, shape: readonly number[]): Tensor => {
  if (x.shape.join() === shape.join()) return x
  const total = rank(x) === 0 ? x : (sum(x) as Tensor)
  return broadcastTo(total, shape) as Tensor
}

const indices = (t: Tape, n: number, x: Tensor): Tensor<Unchecked, "int"> => {
  const base = iota(n) as Tensor<Unchecked, "int">
  // some outside of the range
  if (t.below(2) === 0) return sub(mul(base as unknown as Tensor, 2), 1) as unknown as Tensor<Unchecked, "int">
  return cast(mul(like(x, [n]), 2), "int") as Tensor<Unchecked, "int">
}

const grow = (t: Tape, pool: Pool, depth: number): Tensor => {
  // mostly what was made last, so that chains grow
  const x = t.below(3) === 0 ? t.pick(pool) : (pool.at(-1) as Tensor)
  const y = t.pick(pool)
  const axis = rank(x) === 0 ? 0 : t.below(rank(x))
  switch (t.below(24)) {
    case 0:
      return add(x, like(y, x.shape)) as Tensor
    case 1:
      return mul(x, like(y, x.shape)) as Tensor
    case 2:
      return sub(like(y, x.shape), mul(x, x)) as Tensor
    case 3:
      return tanh(x)
    case 4:
      return sin(add(x, 0.5))
    case 5:
      return neg(div(x, add(mul(x, x), 1) as Tensor) as Tensor)
    case 6:
      return where(less(x, like(y, x.shape)), x, mul(x, 0.25))
    case 7:
      return rank(x) === 0 ? x : (sum(x, [axis]) as Tensor)
    case 8:
      return rank(x) === 0 ? exp(neg(x)) : (max(x, [axis]) as Tensor)
    case 9:
      return rank(x) > 2 ? x : (broadcastTo(x, [1 + t.below(3), ...x.shape]) as Tensor)
    case 10:
      return permute(
        x,
        x.shape.map((_, i) => x.shape.length - 1 - i),
      ) as Tensor
    case 11:
      return reshape(x, [sizeOf(x.shape)]) as Tensor
    case 12: {
      const n = sizeOf(x.shape)
      return n % 2 === 0 ? (reshape(x, [2, n / 2]) as Tensor) : n % 3 === 0 ? (reshape(x, [n / 3, 3]) as Tensor) : x
    }
    case 13:
      return rank(x) === 0 ? x : slice(x, { start: x.shape.map((d) => t.below(d)), stride: x.shape.map(() => 1 + t.below(2)) })
    case 14:
      return pad(
        x,
        x.shape.map(() => [t.below(2), t.below(2)] as const),
      ) as Tensor
    case 15:
      return rank(x) === 0 ? x : concat([x, mul(x, 0.5)], axis)
    case 16:
      return rank(x) === 2 ? einsum("ij,kj->ik", x, tanh(x)) : einsum("i,j->ij", reshape(x, [-1]) as Tensor, reshape(x, [-1]) as Tensor)
    case 17:
      return rank(x) === 0 ? x : take(x, indices(t, 3, y), axis)
    case 18:
      return rank(x) === 0 ? x : scatterAdd(x, indices(t, x.shape[0] as number, y), 1 + t.below(4))
    case 19:
      return rank(x) === 0 ? x : sort(x, axis).values
    case 20: {
      const mask = less(expandAxis(iota(3), 0) as unknown as Tensor, expandAxis(iota(2), 1) as unknown as Tensor)
      return where(and(mask, mask), like(x, [2, 3]), 0)
    }
    default:
      return depth > 1 ? tanh(like(y, x.shape)) : control(t, pool, x, y, depth)
  }
}

const block = (t: Tape, pool: Pool, steps: number, depth: number): Tensor => {
  const own = [...pool]
  for (let i = 0; i < steps; i++) own.push(bounded(grow(t, own, depth)))
  return own.at(-1) as Tensor
}

/** Programs stay small. */
const bounded = (x: Tensor): Tensor => (sizeOf(x.shape) > 64 ? (sum(x) as Tensor) : x)

const control = (t: Tape, pool: Pool, x: Tensor, y: Tensor, depth: number): Tensor => {
  const steps = 1 + t.below(4)
  const inner = (own: readonly Tensor[]) => block(t, [...own, ...pool], steps, depth + 1)
  switch (t.below(5)) {
    case 0: {
      const rows = rank(y) === 0 ? (broadcastTo(y, [2]) as Tensor) : y
      const [end, stacked] = scan(
        (c: Tensor, r: Tensor) => {
          const z = inner([c, r])
          return [tanh(like(z, c.shape)), t.below(3) === 0 ? c : z] as const
        },
        x,
        rows,
        { reverse: t.below(2) === 0 },
      )
      return t.below(2) === 0 ? end : bounded(stacked)
    }
    case 1: {
      // carries that change places
      const [a, , n] = whileLoop(
        ([, , k]: readonly [Tensor, Tensor, Tensor<[]>]) => less(k, 3),
        ([a, b, k]: readonly [Tensor, Tensor, Tensor<[]>]) =>
          [t.below(2) === 0 ? b : tanh(like(inner([a, b]), x.shape)), a, add(k, 1)] as const,
        [x, like(y, x.shape), sum(mul(x, 0)) as Tensor<[]>] as const,
      )
      return add(a, like(n, x.shape)) as Tensor
    }
    case 2:
      return cond(
        less(like(y, []), 0.1) as Tensor<[], "bool">,
        () => like(inner([x]), x.shape),
        () => like(inner([y]), x.shape),
      )
    default:
      return checkpoint((a: Tensor) => inner([a]))(x)
  }
}

export const randomProgram: fc.Arbitrary<RandomProgram> = fc
  .tuple(fc.array(fc.nat({ max: 1000 }), { minLength: 20, maxLength: 300, size: "max" }), fc.integer({ min: 1, max: 24 }))
  .map(([choices, steps]) => {
    const t = new Tape(choices)
    const shapes = [[2, 3], [3], []]
    const types = shapes.map((shape): TensorType => ({ elem: "float", shape }))
    const graph = bodyOf("random", types, (args) => {
      const pool = [...(args as unknown as readonly Tensor[])]
      for (let i = 0; i < steps; i++) pool.push(bounded(grow(t, pool, 0)))
      return [pool.at(-1), t.pick(pool), t.pick(pool), pool.at(-1)] as readonly AnyTensor[]
    })
    const inputs = inputTypes(graph).map((type) => Float64Array.from({ length: sizeOf(physicalShape(type)) }, () => (t.below(41) - 20) / 8))
    return { graph, inputs }
  })

/**
 * A family of problems that one compiled program serves, and its twin in plain numbers. The map is
 *
 *     f(z) = s g(W z / s + c) + s d,
 *
 * with any matrix W and a unit s, so that A = diag(g') W and the gradient to d is s times the adjoint state.
 */
import type { Tensor } from "../../src/index.js"
import { add, div, einsum, mul } from "../../src/ops/index.js"
import type { Pointwise } from "./maps.js"
import type { Random } from "./random.js"

/** How the rows of a problem are solved: there is one; the solver separates them; each is a solve of its own under vmap. */
export type Batching = "one" | "perRow" | "vmap"

export interface Shape {
  readonly batching: Batching
  readonly rows: number
  readonly n: number
}

/** The parameters in the language; `c`, `d`, `start`, `u` have rows in front unless the batching is "one". */
export interface Parameters {
  readonly W: Tensor
  readonly s: Tensor
  readonly c: Tensor
  readonly d: Tensor
  readonly start: Tensor
  /** The cotangent of z. */
  readonly u: Tensor
}
export type Numbers = { readonly [K in keyof Parameters]: Float64Array }

export const mapOf =
  (g: Pointwise, { W, s, c, d }: Pick<Parameters, "W" | "s" | "c" | "d">) =>
  (z: Tensor): Tensor => {
    const product = z.shape.length === 1 ? einsum("ij,j->i", W, div(z, s)) : einsum("ij,bj->bi", W, div(z, s))
    return add(mul(g.of(add(product, c) as Tensor), s), mul(d, s)) as Tensor
  }

export interface Limits {
  readonly epsilon: number
  /** Units lie in 10^-decades to 10^decades. */
  readonly decades: number
  readonly round: (x: number) => number
}
export const limits: Readonly<Record<"float64" | "float32", Limits>> = {
  float64: { epsilon: 2 ** -52, decades: 30, round: (x) => x },
  float32: { epsilon: 2 ** -23, decades: 12, round: Math.fround },
}

/** A matrix with something wrong with it: no contraction, exactly or nearly singular I - W, far from normal, or nothing at all. */
const matrix = (r: Random, n: number): Float64Array => {
  const size = r.pick([0.3, 0.8, 1, 1.5, 4])
  const w = r.list(n * n, () => r.between(-size, size))
  const kind = r.below(7)
  if (kind === 0) for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) w[i * n + j] = i === j ? 1 : 0
  // two unknowns of which one repeats the other; a first unknown that is nearly free
  if (kind === 1 && n > 1) for (let j = 0; j < n; j++) w[n + j] = (w[j] as number) + (j === 1 ? 1 : 0) - (j === 0 ? 1 : 0)
  if (kind === 2) for (let j = 0; j < n; j++) w[j] = j === 0 ? 1 - 10 ** -r.between(4, 17) : 0
  if (kind === 3) for (let i = 0; i + 1 < n; i++) w[i * n + i + 1] = r.between(-1e3, 1e3)
  if (kind === 4) w.fill(0)
  return w
}

/** Numbers that now and then are none. */
const spoilt = (r: Random, x: Float64Array, chance: number): Float64Array => {
  if (x.length > 0 && r.chance(chance)) x[r.below(x.length)] = r.pick([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  return x
}

export const drawNumbers = (r: Random, { rows, n }: Shape, { decades, round }: Limits): Numbers => {
  const unit = r.chance(0.5) ? 1 : 10 ** r.between(-decades, decades)
  const s = Float64Array.of(round(r.chance(0.1) ? -unit : unit))
  const cotangent = r.chance(0.5) ? 1 : 10 ** r.between(-decades / 2, decades / 2)
  const far = r.pick([0, 1, 1, 10, 1e3])
  const all: Numbers = {
    W: spoilt(r, matrix(r, n), 0.01),
    s,
    c: spoilt(
      r,
      r.list(rows * n, () => r.between(-1.5, 2)),
      0.08,
    ),
    d: spoilt(
      r,
      r.list(rows * n, () => r.between(-1, 1)),
      0.02,
    ),
    start: spoilt(
      r,
      r.list(rows * n, () => (s[0] as number) * r.between(-far, far)),
      0.05,
    ),
    u: r.list(rows * n, () => cotangent * r.between(-1, 1)),
  }
  for (const x of Object.values(all)) for (let i = 0; i < x.length; i++) x[i] = round(x[i] as number)
  return all
}

/** A number and how far rounding may move it. */
export interface Bounded {
  readonly value: number
  readonly bound: number
}

/** What functions and sums of a few terms may lose, in units of the last place. */
const LAST_PLACES = 64

/** The largest change of `f` where its argument moves by h. */
const moved = (f: (x: number) => number, x: number, h: number): number =>
  Math.max(...[x - h, x + h].map((y) => Math.abs(f(y) - f(x))).map((e) => (Number.isNaN(e) ? Number.POSITIVE_INFINITY : e)))

const argument = (p: Numbers, z: Float64Array, row: number, i: number, epsilon: number): Bounded => {
  const n = z.length
  let [value, size] = [p.c[row * n + i] as number, Math.abs(p.c[row * n + i] as number)]
  for (let j = 0; j < n; j++) {
    const term = (p.W[i * n + j] as number) * ((z[j] as number) / (p.s[0] as number))
    value += term
    size += Math.abs(term)
  }
  return { value, bound: LAST_PLACES * epsilon * size }
}

/** g at x, or within rounding of it where it is finite only there: at the edge of what it is defined on, what is computed may be either. */
const finiteNear = (g: Pointwise, x: number, h: number): number => [x, x + h, x - h].map(g.at).find(Number.isFinite) ?? g.at(x)

/** f of one row's state. */
export const valueAt = (g: Pointwise, p: Numbers, z: Float64Array, row: number, epsilon: number): readonly Bounded[] => {
  const s = p.s[0] as number
  return Array.from(z, (_, i) => {
    const { value: x, bound: h } = argument(p, z, row, i, epsilon)
    const offset = s * (p.d[row * z.length + i] as number)
    const scaled = s * finiteNear(g, x, h)
    const value = scaled + offset
    const bound = Math.abs(s) * moved(g.at, x, h) + LAST_PLACES * epsilon * (Math.abs(scaled) + Math.abs(offset))
    return { value, bound }
  })
}

/** A' v at one row's state. */
export const transposedAt = (
  g: Pointwise,
  p: Numbers,
  z: Float64Array,
  v: readonly number[],
  row: number,
  epsilon: number,
): readonly Bounded[] => {
  const n = z.length
  const slopes = Array.from(z, (_, i) => {
    const { value: x, bound: h } = argument(p, z, row, i, epsilon)
    return { value: g.slope(x), bound: moved(g.slope, x, h) + LAST_PLACES * epsilon * Math.abs(g.slope(x)) }
  })
  return Array.from(z, (_, j) => {
    let [value, bound] = [0, 0]
    for (let i = 0; i < n; i++) {
      const w = (p.W[i * n + j] as number) * (v[i] as number)
      const slope = slopes[i] as Bounded
      value += w * slope.value
      bound += Math.abs(w) * (slope.bound + LAST_PLACES * epsilon * Math.abs(slope.value))
    }
    return { value, bound }
  })
}

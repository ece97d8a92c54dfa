/**
 * sin and cos in float64, after fdlibm, for an element and for a vector of two with the same bits: three parts of pi/2 for
 * moderate arguments, an exact reduction for large ones and for those next to a multiple of pi/2.
 */
import { bind, call, f64, get, i32, i64, polynomial } from "./assembly.js"
import { type Code, F64, type Fn, I32, I64, type ModuleBuilder } from "./emitter.js"
import { type Kit, scalar64 } from "./kits.js"
import { reduceExactly } from "./reduction.js"

/** cos x = sin(x + pi/2): how many right angles to add. */
export const turns = { sin: 0, cos: 1 } as const
export type Turns = (typeof turns)[keyof typeof turns]

/** sin of y + rest, both within pi/4 of 0. */
const sinNear = (k: Kit, f: Fn, y: Code, rest: Code, z: Code): Code => {
  const p = polynomial(
    k,
    z,
    [
      8.33333333332248946124e-3, -1.98412698298579493134e-4, 2.75573137070700676789e-6, -2.50507602534068634195e-8,
      1.58969099521155010221e-10,
    ].map(k.f),
  )
  const cube = bind(f, k.float, k.mul(z, y))
  const tail = k.sub(k.mul(z, k.sub(k.mul(k.f(0.5), rest), k.mul(cube, p))), rest)
  return k.sub(y, k.sub(tail, k.mul(cube, k.f(-1.66666666666666324348e-1))))
}

const cosNear = (k: Kit, f: Fn, y: Code, rest: Code, z: Code): Code => {
  const p = polynomial(
    k,
    z,
    [
      4.16666666666666019037e-2, -1.38888888888741095749e-3, 2.48015872894767294178e-5, -2.75573143513906633035e-7,
      2.0875723212981748279e-9, -1.13596475577881948265e-11,
    ].map(k.f),
  )
  const half = bind(f, k.float, k.mul(k.f(0.5), z))
  const w = bind(f, k.float, k.sub(k.f(1), half))
  const small = k.sub(k.mul(z, k.mul(z, p)), k.mul(y, rest))
  return k.add(w, k.add(k.sub(k.sub(k.f(1), w), half), small))
}

/** sin(r + n pi/2) by the last two bits of n, which pick one of sin r and cos r, and the sign. */
export const inQuadrant = (k: Kit, n: Code, sin: Code, cos: Code): Code => {
  const isEven = k.equalInt(k.and(n, k.i(1n)), k.i(0n))
  return k.fromBits(k.xor(k.bits(k.pick(isEven, sin, cos)), k.shl(k.shr(n, 1), 63)))
}

const sineOf = (k: Kit, f: Fn, y: Code, rest: Code, n: Code): Code => {
  const z = bind(f, k.float, k.mul(y, y))
  return inQuadrant(k, n, sinNear(k, f, y, rest, z), cosNear(k, f, y, rest, z))
}

/** sin and cos of any float64 by exact reduction, as the indices of two functions. */
export const exactTrigonometry = (m: ModuleBuilder): { readonly sin: number; readonly cos: number } => {
  const reduction = reduceExactly(m)
  // sin(x + turns pi/2)
  const sine = m.fn([F64, I32], [F64], (f) => {
    const [y, rest, n] = [f.local(F64), f.local(F64), f.local(I32)]
    call(reduction, get(0))(f)
    f.set(n)
    f.set(rest)
    f.set(y)
    const quadrant = bind(f, I64, i64.extend(i32.add(get(n), get(1))))
    sineOf(scalar64, f, get(y), get(rest), quadrant)(f)
  })
  const ofFinite = (turns: Turns): number =>
    m.fn([F64], [F64], (f) => {
      f64.lt(f64.abs(get(0)), f64.const(Infinity))(f)
      f.if(
        F64,
        () => {
          const size = call(sine, f64.abs(get(0)), i32.const(turns))
          if (turns === 0) f64.mul(size, f64.copysign(f64.const(1), get(0)))(f)
          else size(f)
        },
        () => f.f64(NaN),
      )
    })
  return { sin: ofFinite(turns.sin), cos: ofFinite(turns.cos) }
}

/** sin(x + turns pi/2), by `exact` where an element is above 10^6 or next to a multiple of pi/2. Error below 0.8 ulp (0.74 seen). */
export const sine64 = (k: Kit, f: Fn, x: Code, turns: Turns, exact: Code): Code => {
  const rounder = 1.5 * 2 ** 52 + turns
  const t = bind(f, k.float, k.add(k.mul(x, k.f(6.3661977236758138e-1)), k.f(rounder)))
  const n = bind(f, k.float, k.sub(t, k.f(rounder)))
  // 33 bits of pi/2, 33 more, and the rest: products of the first two with n below 2^20 are exact
  const head = bind(f, k.float, k.sub(x, k.mul(n, k.f(1.57079632673412561417))))
  const w = bind(f, k.float, k.mul(n, k.f(6.0771005063039659766e-11)))
  const r = bind(f, k.float, k.sub(head, w))
  const lost = bind(f, k.float, k.sub(k.mul(n, k.f(2.02226624879595063154e-21)), k.sub(k.sub(head, r), w)))
  const y = bind(f, k.float, k.sub(r, lost))
  const isModerate = k.lessEqual(k.abs(x), k.f(1e6))
  // only multiples other than 0 cancel digits
  const isApart = k.lessEqual(k.mul(k.atMost(k.abs(n), k.f(1)), k.f(2 ** -20)), k.abs(y))
  return (g) => {
    k.all(k.both(isModerate, isApart))(g)
    g.if(
      k.float,
      () => {
        const rest = bind(g, k.float, k.sub(k.sub(r, y), lost))
        sineOf(k, g, y, rest, k.bits(t))(g)
      },
      () => exact(g),
    )
  }
}

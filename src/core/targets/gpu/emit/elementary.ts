/**
 * Elementary functions in float32 arithmetic, as statements: what GPUs and gpu.js offer loses all digits in places (tanh of a small or
 * of a large number, sin of a large one), so these are range-reduced polynomials (coefficients of the Cephes library), without bit
 * tricks, which no mode has. A NaN goes through every one of them.
 */

import { choice } from "./choice.js"
import type { Define } from "./source.js"

/** The name of a number that must not be written as a literal, since compilers fold it wrongly: it arrives as an argument. */
export type Special = (value: number) => string

/** The largest float32. */
export const largestFloat = 3.4028234663852886e38

const horner = (define: Define, x: string, coefficients: readonly string[]): string => {
  const [first = "0.0", ...rest] = coefficients
  return rest.reduce((sum, c) => define(`${sum} * ${x} + ${c}`), first)
}

/** `2^n y` for a whole `n` below the sum of the powers, by exact multiplications. */
const scaleByPower = (define: Define, y: string, n: string, powers: readonly number[]): string => {
  let value = y
  let left = n
  for (const power of powers) {
    value = choice(define, `${left} >= ${power}.0`, `${value} * ${2 ** power}.0`, value)
    if (power > 1) left = choice(define, `${left} >= ${power}.0`, `${left} - ${power}.0`, left)
  }
  return value
}

/** `exp(x) = 2^k m` with whole `k` and `m` in [0.7, 1.5). */
const splitExp = (define: Define, x: string): { readonly k: string; readonly m: string } => {
  const k = define(`Math.floor(${x} * 1.44269504 + 0.5)`)
  const high = define(`${x} - ${k} * 0.693359375`)
  const r = define(`${high} + ${k} * 0.00021219444`)
  const p = horner(define, r, ["0.00019875691", "0.0013981999", "0.0083334519", "0.0416657959", "0.166666655", "0.5"])
  return { k, m: define(`${p} * (${r} * ${r}) + ${r} + 1.0`) }
}

/** Results below 2^-125 are 0. */
export const exp = (define: Define, special: Special, x: string): string => {
  const { k, m } = splitExp(define, x)
  const small = define(`${m} * 2.3509887016445750e-38`) // 2^-125
  const n = define(`${k} + 125.0`)
  const y = scaleByPower(define, small, n, [64, 64, 64, 32, 16, 8, 4, 2, 1])
  return choice(define, `${x} > 88.7228394`, special(Number.POSITIVE_INFINITY), choice(define, `${x} < -86.6433975`, "0.0", y))
}

export const log = (define: Define, special: Special, x: string): string => {
  // A number below the smallest normal one is first scaled up, then everything below 1: `y` is at least 1.
  const isTiny = `${x} < 1.17549435e-38`
  const normal = choice(define, isTiny, `${x} * 16777216.0`, x)
  const e0 = choice(define, isTiny, "(-24.0)", "0.0")
  let y = choice(define, `${normal} < 1.0`, `${normal} * 85070591730234615865843651857942052864.0`, normal) // 2^126
  let e = choice(define, `${normal} < 1.0`, `${e0} - 126.0`, e0)
  for (const step of [64, 32, 16, 8, 4, 2, 1]) {
    const bound = `${2 ** step}.0`
    const reached = choice(define, `${y} >= ${bound}`, "1.0", "0.0")
    y = choice(define, `${reached} === 1.0`, `${y} * ${2 ** -step}`, y)
    e = define(`${e} + ${reached} * ${step}.0`)
  }
  const upper = choice(define, `${y} > 1.41421356`, "1.0", "0.0")
  const f = choice(define, `${upper} === 1.0`, `${y} * 0.5 - 1.0`, `${y} - 1.0`)
  const k = define(`${e} + ${upper}`)
  const p = horner(define, f, [
    "0.070376836",
    "(-0.11514610)",
    "0.11676998",
    "(-0.12420141)",
    "0.14249323",
    "(-0.16668057)",
    "0.20000714",
    "(-0.24999994)",
    "0.33333331",
  ])
  const z = define(`${f} * ${f}`)
  const low = define(`${p} * ${f} * ${z} - ${k} * 0.00021219444`)
  const tail = define(`${low} - 0.5 * ${z}`)
  const result = define(`${f} + ${tail} + ${k} * 0.693359375`)
  const positive = choice(define, `${x} <= ${special(largestFloat)}`, result, x)
  return choice(define, `${x} > 0.0`, positive, choice(define, `${x} === 0.0`, special(Number.NEGATIVE_INFINITY), special(Number.NaN)))
}

export const tanh = (define: Define, x: string): string => {
  const a = define(`Math.abs(${x})`)
  const z = define(`${x} * ${x}`)
  const p = horner(define, z, ["(-0.0057049887)", "0.020638908", "(-0.053739715)", "0.13331442", "(-0.33333282)"])
  const near = define(`${p} * ${z} * ${x} + ${x}`)
  const clamped = choice(define, `${a} > 10.0`, "20.0", `${a} + ${a}`)
  const { k, m } = splitExp(define, clamped)
  const e = scaleByPower(define, m, k, [16, 8, 4, 2, 1])
  const far = define(`1.0 - 2.0 / (${e} + 1.0)`)
  return choice(define, `${a} < 0.625`, near, choice(define, `${x} < 0.0`, `-${far}`, far))
}

/** Sine and cosine of what is left of `x` after whole quarter turns, and how many of these (mod 4) there were. */
const quarterTurns = (define: Define, x: string): { readonly turn: string; readonly sin: string; readonly cos: string } => {
  const j = define(`Math.floor(${x} * 0.636619772 + 0.5)`)
  const r1 = define(`${x} - ${j} * 1.5703125`)
  const r2 = define(`${r1} - ${j} * 0.00048375129`)
  const r = define(`${r2} - ${j} * 7.54978995e-8`)
  const z = define(`${r} * ${r}`)
  const s = horner(define, z, ["(-0.00019515296)", "0.0083321608", "(-0.16666655)"])
  const c = horner(define, z, ["0.000024433157", "(-0.0013887316)", "0.041666646"])
  return {
    turn: define(`${j} - 4.0 * Math.floor(${j} * 0.25)`),
    sin: define(`${s} * ${z} * ${r} + ${r}`),
    cos: define(`${c} * ${z} * ${z} - 0.5 * ${z} + 1.0`),
  }
}

const byTurn = (define: Define, turn: string, [a, b, c, d]: readonly [string, string, string, string]): string =>
  choice(define, `${turn} < 1.0`, a, choice(define, `${turn} < 2.0`, b, choice(define, `${turn} < 3.0`, c, d)))

/** Good to about 5e4; beyond, digits are lost in proportion. */
export const sin = (define: Define, x: string): string => {
  const { turn, sin: s, cos: c } = quarterTurns(define, x)
  return byTurn(define, turn, [s, c, `-${s}`, `-${c}`])
}

export const cos = (define: Define, x: string): string => {
  const { turn, sin: s, cos: c } = quarterTurns(define, x)
  return byTurn(define, turn, [c, `-${s}`, `-${c}`, s])
}

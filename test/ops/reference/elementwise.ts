/** Ops that work point by point. */
import { map, type Nd } from "./nd.js"
import { one, type References } from "./reference.js"

const points = (f: (...xs: readonly number[]) => number) => one((_params, ...inputs: readonly Nd[]) => map(f, ...inputs))
const truth = (b: boolean) => (b ? 1 : 0)

/** The Taylor series of erf; its terms cancel, so it is good to 1e-11 for |x| <= 4. */
const errorFunction = (x: number): number => {
  let term = x
  let sum = 0
  for (let n = 0; n < 120; n++) {
    sum += term / (2 * n + 1)
    term *= -(x * x) / (n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

/** Where an increasing function has a value, between -3 and 3. */
const bisect = (f: (x: number) => number, y: number): number => {
  let [lo, hi] = [-3, 3]
  for (let k = 0; k < 60; k++) {
    const middle = (lo + hi) / 2
    if (f(middle) < y) lo = middle
    else hi = middle
  }
  return (lo + hi) / 2
}

export const arithmetic: References = {
  add: points((a, b) => (a as number) + (b as number)),
  sub: points((a, b) => (a as number) - (b as number)),
  mul: points((a, b) => (a as number) * (b as number)),
  div: points((a, b) => (a as number) / (b as number)),
  neg: points((a) => -(a as number)),
}

export const elementary: References = {
  exp: points((a) => Math.exp(a as number)),
  log: points((a) => Math.log(a as number)),
  tanh: points((a) => Math.tanh(a as number)),
  sqrt: points((a) => Math.sqrt(a as number)),
  sin: points((a) => Math.sin(a as number)),
  cos: points((a) => Math.cos(a as number)),
}

const logistic = (a: number) => (a < 0 ? Math.exp(a) / (1 + Math.exp(a)) : 1 / (1 + Math.exp(-a)))
const softplus = (a: number) => Math.max(a, 0) + Math.log1p(Math.exp(-Math.abs(a)))

export const functions: References = {
  expm1: points((a) => Math.expm1(a as number)),
  log1p: points((a) => Math.log1p(a as number)),
  exp2: points((a) => 2 ** (a as number)),
  sinh: points((a) => Math.sinh(a as number)),
  cosh: points((a) => Math.cosh(a as number)),
  asinh: points((a) => Math.asinh(a as number)),
  acosh: points((a) => Math.acosh(a as number)),
  atanh: points((a) => Math.atanh(a as number)),
  asin: points((a) => Math.asin(a as number)),
  acos: points((a) => Math.acos(a as number)),
  atan: points((a) => Math.atan(a as number)),
  atan2: points((a, b) => Math.atan2(a as number, b as number)),
  pow: points((a, b) => (a as number) ** (b as number)),
  floor: points((a) => Math.floor(a as number)),
  maximum: points((a, b) => Math.max(a as number, b as number)),
  erf: points((a) => errorFunction(a as number)),
  erfc: points((a) => 1 - errorFunction(a as number)),
  erfInv: points((a) => bisect(errorFunction, a as number)),
  sigmoid: points((a) => logistic(a as number)),
  softplus: points((a) => softplus(a as number)),
  relu: points((a) => Math.max(a as number, 0)),
  logaddexp: points((a, b) => (a as number) + softplus((b as number) - (a as number))),
}

export const compare: References = {
  less: points((a, b) => truth((a as number) < (b as number))),
  lessEqual: points((a, b) => truth((a as number) <= (b as number))),
  equal: points((a, b) => truth(a === b)),
  and: points((a, b) => truth(a === 1 && b === 1)),
  or: points((a, b) => truth(a === 1 || b === 1)),
  not: points((a) => truth(a === 0)),
  isFinite: points((a) => truth(Number.isFinite(a))),
  // keys have limbs on a last axis that the predicate has not
  select: one((_params, c, a, b) => {
    const [x, y, p] = [a as Nd, b as Nd, c as Nd]
    const limbs = x.data.length / Math.max(1, p.data.length)
    return { shape: x.shape, data: x.data.map((n, i) => (p.data[Math.floor(i / limbs)] === 0 ? (y.data[i] as number) : n)) }
  }),
}

export const cast: References = {
  cast: one(({ to }: { readonly to: string }, x) =>
    map((n) => (to === "int" ? Math.trunc(n as number) : to === "bool" ? truth(n !== 0) : (n as number)), x as Nd),
  ),
  stopGradient: one((_params, x) => x as Nd),
  toldFinite: one((_params, x) => x as Nd),
  tap: (_params, inputs) => inputs,
}

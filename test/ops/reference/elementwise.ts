/** Ops that work point by point. */
import { map, type Nd } from "./nd.js"
import { one, type References } from "./reference.js"

const points = (f: (...xs: readonly number[]) => number) => one((_params, ...inputs: readonly Nd[]) => map(f, ...inputs))
const truth = (b: boolean) => (b ? 1 : 0)

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
  tap: (_params, inputs) => inputs,
}

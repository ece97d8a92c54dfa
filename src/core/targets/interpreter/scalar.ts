/** A nest as a plain loop over closures, in float64. Slow, short, and the oracle of every test. */
import type { BinaryFn, Guard, Ix, Nest, Scalar, UnaryFn } from "../../compile/nest.js"
import { sizeOf } from "../../tensor/types.js"
import { sharedIn } from "./shared.js"
import { threefryLimb } from "./threefry.js"

/** Loop variables, operands and the reduced value while a nest runs. */
interface Point {
  readonly v: number[]
  inputs: readonly Float64Array[]
  acc: number
  /** Differs from one evaluation to the next. */
  turn: number
}
type At = (p: Point) => number
type Holds = (p: Point) => boolean

type UnaryOf = (a: At) => At
type BinaryOf = (a: At, b: At) => At

/** A closure each, so that an operation costs one call. */
const unaryFns: Readonly<Record<UnaryFn, UnaryOf>> = {
  neg: (a) => (p) => -a(p),
  exp: (a) => (p) => Math.exp(a(p)),
  log: (a) => (p) => Math.log(a(p)),
  tanh: (a) => (p) => Math.tanh(a(p)),
  sqrt: (a) => (p) => Math.sqrt(a(p)),
  sin: (a) => (p) => Math.sin(a(p)),
  cos: (a) => (p) => Math.cos(a(p)),
  floor: (a) => (p) => Math.floor(a(p)),
  not: (a) => (p) => (a(p) === 0 ? 1 : 0),
  isFinite: (a) => (p) => (Number.isFinite(a(p)) ? 1 : 0),
}

const binaryFns: Readonly<Record<BinaryFn, BinaryOf>> = {
  add: (a, b) => (p) => a(p) + b(p),
  sub: (a, b) => (p) => a(p) - b(p),
  mul: (a, b) => (p) => a(p) * b(p),
  div: (a, b) => (p) => a(p) / b(p),
  max: (a, b) => (p) => Math.max(a(p), b(p)),
  min: (a, b) => (p) => Math.min(a(p), b(p)),
  rem: (a, b) => (p) => {
    const [x, y] = [a(p), b(p)]
    return x - y * Math.floor(x / y)
  },
  less: (a, b) => (p) => (a(p) < b(p) ? 1 : 0),
  lessEqual: (a, b) => (p) => (a(p) <= b(p) ? 1 : 0),
  equal: (a, b) => (p) => (a(p) === b(p) ? 1 : 0),
  and: (a, b) => (p) => (a(p) !== 0 && b(p) !== 0 ? 1 : 0),
  or: (a, b) => (p) => (a(p) !== 0 || b(p) !== 0 ? 1 : 0),
}

/** What is known while the expressions of one nest are compiled: shapes of operands, and which scalars are used more than once. */
interface Scope {
  readonly shapes: Shapes
  readonly shared: ReadonlySet<Scalar>
  readonly done: Map<Scalar, At>
}

const compileIx = (ix: Ix, scope: Scope): At => {
  switch (ix.t) {
    case "const":
      return () => ix.value
    case "var":
      return (p) => p.v[ix.axis] as number
    case "add": {
      const a = compileIx(ix.a, scope)
      const b = compileIx(ix.b, scope)
      return (p) => a(p) + b(p)
    }
    case "mul": {
      const a = compileIx(ix.a, scope)
      return (p) => a(p) * ix.by
    }
    case "div": {
      const a = compileIx(ix.a, scope)
      return (p) => Math.floor(a(p) / ix.by)
    }
    case "mod": {
      const a = compileIx(ix.a, scope)
      return (p) => {
        const n = a(p)
        return n - ix.by * Math.floor(n / ix.by)
      }
    }
    case "value":
      return compileScalar(ix.of, scope)
  }
}

const compileGuards = (guards: readonly Guard[], scope: Scope): Holds => {
  const tests = guards.map((g): Holds => {
    const ix = compileIx(g.ix, scope)
    if (g.t === "range")
      return (p) => {
        const n = ix(p)
        return g.lo <= n && n < g.hi
      }
    return (p) => ix(p) % g.by === 0
  })
  return (p) => tests.every((t) => t(p))
}

type Shapes = readonly (readonly number[])[]

/** An affine index as a constant and a coefficient a variable, or null. */
const affine = (ix: Ix): Map<number, number> | null => {
  switch (ix.t) {
    case "const":
      return new Map([[-1, ix.value]])
    case "var":
      return new Map([[ix.axis, 1]])
    case "add": {
      const a = affine(ix.a)
      const b = affine(ix.b)
      if (a === null || b === null) return null
      for (const [k, n] of b) a.set(k, (a.get(k) ?? 0) + n)
      return a
    }
    case "mul": {
      const a = affine(ix.a)
      if (a !== null) for (const [k, n] of a) a.set(k, n * ix.by)
      return a
    }
    default:
      return null
  }
}

/** The flat offset of a load. */
const compileOffset = (at: readonly Ix[], shape: readonly number[], scope: Scope): At => {
  let stride = 1
  const strides = shape.map(() => 0)
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride
    stride *= shape[i] as number
  }
  let flat: Ix = { t: "const", value: 0 }
  at.forEach((ix, i) => {
    flat = { t: "add", a: flat, b: { t: "mul", a: ix, by: strides[i] as number } }
  })
  const terms = affine(flat)
  if (terms === null) return compileIx(flat, scope)
  const constant = terms.get(-1) ?? 0
  const variables = [...terms].filter(([k, n]) => k >= 0 && n !== 0)
  const [first, second] = variables
  if (first === undefined) return () => constant
  const [k0, n0] = first
  if (second === undefined) return (p) => constant + (p.v[k0] as number) * n0
  const [k1, n1] = second
  if (variables.length === 2) return (p) => constant + (p.v[k0] as number) * n0 + (p.v[k1] as number) * n1
  return (p) => {
    let n = constant
    for (let i = 0; i < variables.length; i++) {
      const [k, by] = variables[i] as [number, number]
      n += (p.v[k] as number) * by
    }
    return n
  }
}

/** The value of this turn, computed when it is first asked for. */
const oncePerTurn = (f: At): At => {
  let turn = -1
  let value = 0
  return (p) => {
    if (turn !== p.turn) {
      value = f(p)
      turn = p.turn
    }
    return value
  }
}

const compileScalar = (s: Scalar, scope: Scope): At => {
  if (!scope.shared.has(s)) return compileOperation(s, scope)
  const known = scope.done.get(s) ?? oncePerTurn(compileOperation(s, scope))
  scope.done.set(s, known)
  return known
}

const compileOperation = (s: Scalar, scope: Scope): At => {
  switch (s.t) {
    case "lit":
      return () => s.value
    case "epsilon":
      return () => Number.EPSILON
    case "load": {
      const offset = compileOffset(s.at, scope.shapes[s.input] as readonly number[], scope)
      if (s.guards.length === 0) return (p) => (p.inputs[s.input] as Float64Array)[offset(p)] as number
      const holds = compileGuards(s.guards, scope)
      return (p) => (holds(p) ? ((p.inputs[s.input] as Float64Array)[offset(p)] as number) : 0)
    }
    case "ix":
      return compileIx(s.ix, scope)
    case "unary":
      return unaryFns[s.fn](compileScalar(s.a, scope))
    case "binary":
      return binaryFns[s.fn](compileScalar(s.a, scope), compileScalar(s.b, scope))
    case "select": {
      const c = compileScalar(s.c, scope)
      const a = compileScalar(s.a, scope)
      const b = compileScalar(s.b, scope)
      return (p) => (c(p) !== 0 ? a(p) : b(p))
    }
    case "guarded": {
      const holds = compileGuards(s.guards, scope)
      const a = compileScalar(s.a, scope)
      return (p) => (holds(p) ? a(p) : 0)
    }
    case "threefry": {
      const key = s.key.map((k) => compileScalar(k, scope)) as [At, At, At, At]
      const count = compileScalar(s.count, scope)
      const limb = compileScalar(s.limb, scope)
      return (p) => threefryLimb(key[0](p), key[1](p), key[2](p), key[3](p), count(p), limb(p))
    }
    case "xor16": {
      const a = compileScalar(s.a, scope)
      const b = compileScalar(s.b, scope)
      return (p) => a(p) ^ b(p)
    }
    case "acc":
      return (p) => p.acc
  }
}

/** Moves loop variables from `from` on to the next point of `extent`, the last one fastest; after the last point they are 0 again. */
const step = (v: number[], from: number, extent: readonly number[]): void => {
  for (let i = extent.length - 1; i >= 0; i--) {
    const next = (v[from + i] as number) + 1
    if (next < (extent[i] as number)) {
      v[from + i] = next
      return
    }
    v[from + i] = 0
  }
}

/** A nest ready to run on operands of the shapes given. */
export const compileNest = (nest: Nest, shapes: Shapes): ((inputs: readonly Float64Array[]) => Float64Array) => {
  const { domain, reduce } = nest
  // A body and its epilogue are evaluated at different points, so neither keeps a value for the other.
  const scopeOf = (root: Scalar): Scope => ({ shapes, shared: sharedIn(root), done: new Map() })
  const body = compileScalar(nest.body, scopeOf(nest.body))
  const size = sizeOf(domain)
  const rank = domain.length
  const p: Point = { v: Array.from({ length: rank + (reduce?.extent.length ?? 0) }, () => 0), inputs: [], acc: 0, turn: 0 }
  const { v } = p
  const ran = (inputs: readonly Float64Array[], at: At): Float64Array => {
    const out = new Float64Array(size)
    p.inputs = inputs
    for (let n = 0; n < size; n++) {
      p.turn++
      out[n] = at(p)
      step(v, 0, domain)
    }
    // values are not kept alive by a program that may run again
    p.inputs = []
    return out
  }
  if (reduce === null) return (inputs) => ran(inputs, body)
  const { indicator, extent } = reduce
  const epilogue = nest.epilogue === null ? null : compileScalar(nest.epilogue, scopeOf(nest.epilogue))
  const equals = indicator === undefined ? null : compileIx(indicator.equals, { shapes, shared: new Set(), done: new Map() })
  const isOn = (): boolean => equals === null || indicator === undefined || equals(p) === v[indicator.axis]
  const sum = reduce.combine === "sum"
  const terms = sizeOf(extent)
  return (inputs) =>
    ran(inputs, () => {
      let acc = sum ? 0 : Number.NEGATIVE_INFINITY
      for (let k = 0; k < terms; k++) {
        p.turn++
        if (isOn()) {
          const x = body(p)
          acc = sum ? acc + x : Math.max(acc, x)
        }
        step(v, rank, extent)
      }
      if (epilogue === null) return acc
      p.acc = acc
      p.turn++
      return epilogue(p)
    })
}

/**
 * Where a nest reads. A load whose guards hold must lie inside its operand: the interpreter would read a neighbour or nothing, a
 * kernel foreign memory. This walks index expressions point by point, and shares no code with the interpreter.
 */
import { type Guard, type Ix, type Nest, physicalShape, type Scalar, type TensorType } from "../../core/index.js"
import type { Values } from "../run.js"

const floorMod = (n: number, by: number) => ((n % by) + by) % by

interface Reader {
  readonly shapes: readonly (readonly number[])[]
  readonly data: Values
}

class Outside extends Error {}

const evalIx = (ix: Ix, v: readonly number[], r: Reader): number => {
  switch (ix.t) {
    case "const":
      return ix.value
    case "var":
      return v[ix.axis] as number
    case "add":
      return evalIx(ix.a, v, r) + evalIx(ix.b, v, r)
    case "mul":
      return evalIx(ix.a, v, r) * ix.by
    case "div":
      return (evalIx(ix.a, v, r) - floorMod(evalIx(ix.a, v, r), ix.by)) / ix.by
    case "mod":
      return floorMod(evalIx(ix.a, v, r), ix.by)
    case "value":
      return read(ix.of, v, r)
  }
}

const holds = (g: Guard, v: readonly number[], r: Reader): boolean => {
  const n = evalIx(g.ix, v, r)
  return g.t === "range" ? n >= g.lo && n < g.hi : floorMod(n, g.by) === 0
}

/** Checks one load, and gives what it reads: an index that depends on data needs it. */
const checkLoad = (s: Extract<Scalar, { t: "load" }>, v: readonly number[], r: Reader): number => {
  if (!s.guards.every((g) => holds(g, v, r))) return 0
  const shape = r.shapes[s.input]
  if (shape === undefined) throw new Outside(`a load of operand ${s.input}, which does not exist`)
  if (shape.length !== s.at.length) throw new Outside(`a load with ${s.at.length} indices of an operand [${shape.join(", ")}]`)
  let flat = 0
  s.at.forEach((ix, axis) => {
    const [n, d] = [evalIx(ix, v, r), shape[axis] as number]
    if (!(Number.isInteger(n) && n >= 0 && n < d))
      throw new Outside(`at point [${v.join(", ")}], a load of operand ${s.input} at index ${n} of axis ${axis} of [${shape.join(", ")}]`)
    flat = flat * d + n
  })
  return (r.data[s.input] as Float64Array)[flat] as number
}

/** The value of an index given by data: a load or a constant, which is all that a data-dependent index is made of. */
const read = (s: Scalar, v: readonly number[], r: Reader): number => {
  if (s.t === "load") return checkLoad(s, v, r)
  if (s.t === "lit") return s.value
  if (s.t === "ix") return evalIx(s.ix, v, r)
  throw new Outside(`an index that is computed by "${s.t}"; an index is a load, a constant or a loop variable`)
}

/** All loads of a scalar expression at one point, each part once. Sides of a select that are not taken obey their guards too. */
const visitAll = (root: Scalar, v: readonly number[], r: Reader): void => {
  const seen = new Set<Scalar>()
  const visit = (s: Scalar): void => {
    if (seen.has(s)) return
    seen.add(s)
    for (const part of partsAt(s, v, r)) visit(part)
  }
  visit(root)
}

/** Checks a load; of anything else, gives the scalars in it that are evaluated at the point. */
const partsAt = (s: Scalar, v: readonly number[], r: Reader): readonly Scalar[] => {
  switch (s.t) {
    case "load":
      checkLoad(s, v, r)
      return []
    case "unary":
      return [s.a]
    case "binary":
    case "xor16":
      return [s.a, s.b]
    case "select":
      return [s.c, s.a, s.b]
    case "guarded":
      return s.guards.every((g) => holds(g, v, r)) ? [s.a] : []
    case "threefry":
      return [...s.key, s.count, s.limb]
    case "lit":
    case "epsilon":
    case "ix":
    case "acc":
      return []
  }
}

const everyPoint = (extent: readonly number[], f: (v: readonly number[]) => void): void => {
  const go = (v: readonly number[]): void => {
    if (v.length === extent.length) return f(v)
    for (let i = 0; i < (extent[v.length] as number); i++) go([...v, i])
  }
  go([])
}

/** The first load outside its operand, in words, or null. */
export const loadOutside = (nest: Nest, inputs: readonly TensorType[], data: Values): string | null => {
  const reader = { shapes: inputs.map(physicalShape), data }
  try {
    everyPoint([...nest.domain, ...(nest.reduce?.extent ?? [])], (v) => {
      visitAll(nest.body, v, reader)
      if (nest.reduce?.indicator !== undefined) evalIx(nest.reduce.indicator.equals, v, reader)
    })
    const { epilogue } = nest
    if (epilogue !== null) everyPoint(nest.domain, (v) => visitAll(epilogue, v, reader))
    return null
  } catch (e) {
    if (e instanceof Outside) return e.message
    throw e
  }
}

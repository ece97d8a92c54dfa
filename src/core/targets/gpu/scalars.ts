/** Walking scalar expressions. */
import type { Guard, Ix, Scalar } from "../../compile/nest.js"

/** The expressions whose values indices need, each once: indices share their parts as expressions do. */
export const valuesIn = (indices: readonly Ix[]): readonly Scalar[] => {
  const seen = new Set<Ix>()
  const values = new Set<Scalar>()
  const work = [...indices]
  for (let ix = work.pop(); ix !== undefined; ix = work.pop()) {
    if (seen.has(ix)) continue
    seen.add(ix)
    if (ix.t === "value") values.add(ix.of)
    else if (ix.t === "add") work.push(ix.a, ix.b)
    else if (ix.t !== "const" && ix.t !== "var") work.push(ix.a)
  }
  return [...values]
}

const guardIndices = (guards: readonly Guard[]): readonly Ix[] => guards.map((guard) => guard.ix)

/** The expressions directly inside one, those in its indices and guards included. */
export const operandsOf = (s: Scalar): readonly Scalar[] => {
  switch (s.t) {
    case "load":
      return valuesIn([...s.at, ...guardIndices(s.guards)])
    case "ix":
      return valuesIn([s.ix])
    case "unary":
      return [s.a]
    case "binary":
    case "xor16":
      return [s.a, s.b]
    case "select":
      return [s.c, s.a, s.b]
    case "guarded":
      return [...valuesIn(guardIndices(s.guards)), s.a]
    case "threefry":
      return [...s.key, s.count, s.limb]
    default:
      return []
  }
}

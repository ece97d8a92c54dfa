/** Walking scalar expressions. */
import type { Ix, Scalar } from "../../compile/nest.js"

/** The expressions whose values an index needs. */
export const valuesOfIx = (ix: Ix): readonly Scalar[] => {
  switch (ix.t) {
    case "value":
      return [ix.of]
    case "add":
      return [...valuesOfIx(ix.a), ...valuesOfIx(ix.b)]
    case "mul":
    case "div":
    case "mod":
      return valuesOfIx(ix.a)
    default:
      return []
  }
}

/** The expressions directly inside one, those in its indices and guards included. */
export const operandsOf = (s: Scalar): readonly Scalar[] => {
  switch (s.t) {
    case "load":
      return [...s.at.flatMap(valuesOfIx), ...s.guards.flatMap((g) => valuesOfIx(g.ix))]
    case "ix":
      return valuesOfIx(s.ix)
    case "unary":
      return [s.a]
    case "binary":
    case "xor16":
      return [s.a, s.b]
    case "select":
      return [s.c, s.a, s.b]
    case "guarded":
      return [...s.guards.flatMap((g) => valuesOfIx(g.ix)), s.a]
    case "threefry":
      return [...s.key, s.count, s.limb]
    default:
      return []
  }
}

/** Which parts of an expression are used more than once. */
import type { Ix, Scalar } from "../../compile/nest.js"

/** What a scalar or an index is made of. */
const partsOf = (x: Scalar | Ix): readonly (Scalar | Ix)[] => {
  switch (x.t) {
    case "add":
    case "binary":
    case "xor16":
      return [x.a, x.b]
    case "mul":
    case "div":
    case "mod":
    case "unary":
      return [x.a]
    case "value":
      return [x.of]
    case "ix":
      return [x.ix]
    case "load":
      return [...x.at, ...x.guards.map((g) => g.ix)]
    case "guarded":
      return [...x.guards.map((g) => g.ix), x.a]
    case "select":
      return [x.c, x.a, x.b]
    case "threefry":
      return [...x.key, x.count, x.limb]
    default:
      return []
  }
}

const OPERATIONS: readonly string[] = ["unary", "binary", "select", "threefry"]

/** Operations that expressions use more than once: each is computed once a turn, or a formula would be computed over and over. */
export const sharedIn = (root: Scalar): ReadonlySet<Scalar> => {
  const shared = new Set<Scalar>()
  const seen = new Set<Scalar | Ix>()
  const stack: (Scalar | Ix)[] = [root]
  for (let x = stack.pop(); x !== undefined; x = stack.pop()) {
    if (!seen.has(x)) {
      seen.add(x)
      stack.push(...partsOf(x))
    } else if (OPERATIONS.includes(x.t)) shared.add(x as Scalar)
  }
  return shared
}

/** Which parts of an expression are used more than once. */
import { type Ix, partsOf, type Scalar } from "../../compile/nest.js"

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

/** Functions of tensors, leaf by leaf over trees. */
import { flatten, type Structure, sameStructure, showStructure, type Tensor, TraceError, unflatten } from "../../core/index.js"
import { abs, add, full, less, max, sqrt, square, sum, where } from "../../ops/index.js"

/** Leaves of a tree of floats. */
const leavesOf = (what: string, tree: unknown): { readonly leaves: readonly Tensor[]; readonly structure: Structure } => {
  const { leaves, structure, paths } = flatten(what, tree)
  const odd = leaves.findIndex((t) => t.type.elem !== "float")
  if (odd >= 0)
    throw new TraceError(
      `${what}: expected floats only, found ${leaves[odd]?.type.elem} at ${paths[odd]}; keep what is not trained out of the parameters`,
    )
  return { leaves: leaves as readonly Tensor[], structure }
}

/**
 * `f` on leaves in the same place of trees of one structure. `what` names the caller in messages.
 *
 * @example
 * mapTrees("average", (a, b) => mul(add(a, b), 0.5), params, others)
 */
export const mapTrees = <P>(what: string, f: (...leaves: readonly Tensor[]) => Tensor, first: P, ...more: readonly unknown[]): P => {
  const one = leavesOf(what, first)
  const others = more.map((tree) => {
    const other = leavesOf(what, tree)
    if (!sameStructure(other.structure, one.structure))
      throw new TraceError(
        `${what}: expected trees of one structure, found ${showStructure(one.structure)} and ${showStructure(other.structure)}; was the optimiser's state made for other parameters?`,
      )
    return other.leaves
  })
  return unflatten(
    one.structure,
    one.leaves.map((leaf, i) => f(leaf, ...others.map((leaves) => leaves[i] as Tensor))),
  ) as P
}

/**
 * Euclidean norm of all numbers of a tree. Its derivative at zero is infinite; nothing here differentiates it.
 *
 * @example
 * globalNorm(gradients) // the root of the sum of squares of all their numbers
 */
export const globalNorm = (tree: unknown): Tensor<[]> =>
  sqrt(
    leavesOf("globalNorm", tree)
      .leaves.map((t) => sum(square(t)))
      .reduce((a, b) => add(a, b)),
  )

/**
 * The largest magnitude of a tree's numbers; 0 of a tree without any.
 *
 * @example
 * infinityNorm(gradients)
 */
export const infinityNorm = (tree: unknown): Tensor<[]> =>
  leavesOf("infinityNorm", tree)
    .leaves.filter((t) => t.shape.every((n) => n > 0))
    .map((t) => max(abs(t)) as Tensor<[]>)
    .reduce((a, b) => where(less(a, b), b, a) as Tensor<[]>, full([], 0) as Tensor<[]>)

/**
 * Repeated application whose reverse mode keeps few states and makes the others again: binomial checkpointing (Griewank and
 * Walther 2000, Algorithm 799), offline, since the number of steps is given.
 *
 * With s snapshots, C(s + r, s) steps can be reversed when no step is made more than r times again. The least number of repeated
 * steps obeys t(l, s) = min over m of m + t(l - m, s - 1) + t(m, s): the first m steps are a `checkpoint` region, which keeps its
 * start alone and is split in the same way when it is made again; the others follow with one snapshot less.
 *
 * The parameters go through the regions beside the state, so that their cotangents are added up step after step, in the order of
 * the plain loop: the gradient is that of `unrolledSteps`, bit for bit. A region that summed its own would add in another order.
 */
import { type AnyTensor, type Closed, TraceError } from "../../core/index.js"
import { checkpoint, pick, place } from "../../ops/index.js"
import { unrolledSteps } from "./unrolled.js"

/** Most steps that can be reversed with `snapshots` states kept and no step made more than `repeats` times again. */
export const reach = (snapshots: number, repeats: number): number => {
  let c = 1
  for (let i = 1; i <= snapshots; i++) c = (c * (repeats + i)) / i
  return Math.round(c)
}

/** How deep regions may lie in one another: each is traced, differentiated and compiled inside the one around it. */
const DEEPEST = 256

/** How often a step is made again at most. */
const repeatsFor = (steps: number, snapshots: number): number => {
  let repeats = 1
  while (reach(snapshots, repeats) < steps) repeats++
  return repeats
}

/** How many of `steps` go into the first region, for the least number of repeated steps in all. */
export const firstPart = (steps: number, snapshots: number): number => {
  if (snapshots === 1) return steps - 1
  const repeats = repeatsFor(steps, snapshots)
  return Math.max(1, repeats < 2 ? 0 : reach(snapshots, repeats - 2), steps - reach(snapshots - 1, repeats))
}

type Leaves = readonly AnyTensor[]

export const checkpointedSteps = (f: Closed, init: Leaves, steps: number, snapshots: number, tau: number): Leaves => {
  if (repeatsFor(steps, snapshots) > DEEPEST) {
    let enough = snapshots
    while (repeatsFor(steps, enough) > DEEPEST) enough++
    throw new TraceError(
      `checkpointed: ${steps} steps with ${snapshots} snapshot${snapshots === 1 ? "" : "s"} would be made again ${repeatsFor(steps, snapshots)} times, one inside the other, at most ${DEEPEST} can be; take ${enough} snapshots or more`,
    )
  }
  const float = f.captured.map((t) => t.type.elem === "float")
  const still = f.captured.filter((_, i) => !float[i])
  const step = (theta: Leaves, z: Leaves): Leaves => {
    const others = place(
      still,
      float.map((yes) => !yes),
      null,
    )
    const captured = place(theta, float, null).map((t, i) => t ?? (others[i] as AnyTensor))
    return unrolledSteps({ ...f, captured }, z, 1, tau)
  }
  const run = (count: number, kept: number, theta: Leaves, z: Leaves): readonly [Leaves, Leaves] => {
    let at: readonly [Leaves, Leaves] = [theta, z]
    let [left, free] = [count, kept]
    while (left > 1) {
      const [first, own] = [firstPart(left, free), free]
      at = checkpoint((theta: Leaves, z: Leaves) => run(first, own, theta, z))(...at)
      left -= first
      free = Math.max(1, free - 1)
    }
    return left === 0 ? at : [at[0], step(...at)]
  }
  return run(steps, snapshots, pick(f.captured, float), init)[1]
}

/**
 * Which values of a body its linear half gets from the known half, and which it computes again. The inputs of the body and the
 * results of costly ops (contractions, reductions, random bits, routines, solves) are handed on; what is cheap to make from
 * them is made again. So a loop stacks little, and nothing costly runs twice.
 */
import { type AnyTensor, apply, applyOf, indexOf, isTensor, madeAt } from "../../core/index.js"

type Apply = ReturnType<typeof applyOf>

export interface Residuals {
  /** Inputs of the body that are needed. */
  readonly inputs: readonly AnyTensor[]
  /** Results of costly ops that are needed. */
  readonly made: readonly AnyTensor[]
  /** The residuals again, given stand-ins for `inputs` and `made`. */
  readonly rebuild: (standIn: ReadonlyMap<AnyTensor, AnyTensor>) => readonly AnyTensor[]
}

/** Plans for `residuals`, expressions over the body's placeholders `args`. */
export const planResiduals = (residuals: readonly AnyTensor[], args: readonly AnyTensor[]): Residuals => {
  const isInput = new Set(args)
  const inputs = new Set<AnyTensor>()
  const made = new Set<AnyTensor>()
  const again = new Set<Apply>()
  const work = [...residuals]
  while (work.length > 0) {
    const t = work.pop() as AnyTensor
    const a = applyOf(t)
    if (isInput.has(t)) inputs.add(t)
    else if (!a.op.cheap) made.add(t)
    else if (!again.has(a)) {
      again.add(a)
      work.push(...a.inputs)
    }
  }
  const order = [...again].sort((x, y) => x.serial - y.serial)
  const inOrder = (set: ReadonlySet<AnyTensor>) => [...set].sort((x, y) => applyOf(x).serial - applyOf(y).serial || indexOf(x) - indexOf(y))
  return {
    inputs: args.filter((t) => inputs.has(t)),
    made: inOrder(made),
    rebuild: (standIn) => {
      const env = new Map(standIn)
      replay(order, env)
      return residuals.map((t) => {
        const found = env.get(t)
        if (!isTensor(found)) throw new Error("planResiduals: a residual was not rebuilt")
        return found
      })
    },
  }
}

/** Applies again, in order, what is not in `env` yet, and puts it there. */
const replay = (order: readonly Apply[], env: Map<AnyTensor, AnyTensor>): void => {
  for (const a of order) {
    const inputs = a.inputs.map((t) => env.get(t) as AnyTensor)
    const outputs = madeAt(a.line, () => apply(a.op, a.params, inputs))
    for (const t of a.outputs) env.set(t, outputs[indexOf(t)] as AnyTensor)
  }
}

/** Expressions over stand-ins made again, costly ops too: for what a loop's turns share, outside the loop. */
export const remake = (wanted: readonly AnyTensor[], standIn: ReadonlyMap<AnyTensor, AnyTensor>): readonly AnyTensor[] => {
  const env = new Map(standIn)
  const needed = new Set<Apply>()
  const work = [...wanted]
  while (work.length > 0) {
    const t = work.pop() as AnyTensor
    const a = applyOf(t)
    if (env.has(t) || needed.has(a)) continue
    needed.add(a)
    work.push(...a.inputs)
  }
  replay(
    [...needed].sort((x, y) => x.serial - y.serial),
    env,
  )
  return wanted.map((t) => env.get(t) as AnyTensor)
}

/** Whether `t` depends on one of `varying`, the arguments of a body that change from turn to turn. */
export const dependsOn = (t: AnyTensor, varying: ReadonlySet<AnyTensor>, known: Map<Apply, boolean>): boolean => {
  if (varying.has(t)) return true
  // Oldest first by an explicit stack: bodies may be long.
  const stack = [applyOf(t)]
  while (stack.length > 0) {
    const a = stack[stack.length - 1] as Apply
    if (known.has(a)) {
      stack.pop()
      continue
    }
    const open = a.inputs.map(applyOf).filter((b) => !known.has(b))
    if (open.length > 0) stack.push(...open)
    else {
      known.set(a, a.outputs.some((o) => varying.has(o)) || a.inputs.some((i) => known.get(applyOf(i)) === true))
      stack.pop()
    }
  }
  return known.get(applyOf(t)) as boolean
}

/** Drives a solver turn by turn without the loop: what it asks, answered by f, so that its iterates can be seen. */
import { evaluate, jvp, type Tensor, tensor, toArray } from "../../src/core/index.js"
import type { Algorithm, Answer, Ask, State } from "../../src/implicit/solvers/index.js"
import { jacobian, mul } from "../../src/ops/index.js"
import { right } from "./either.js"

export interface Turn {
  /** The point that the solver asked for. */
  readonly at: readonly number[]
  /** Whether it only asked for a product there. */
  readonly probe: boolean
  /** Whether it was given the Jacobian there. */
  readonly linearised: boolean
  /** The solver's state before the answer. */
  readonly state: State
}

const leaf = <T>(tree: T): T => right(evaluate(tree as never)) as T
const list = (t: unknown): readonly number[] => [...toArray(leaf(t) as Tensor)]

/** The first `turns` turns of a solver on f from `start`. */
export const drive = <S extends State>(
  algorithm: Algorithm<S>,
  f: (z: Tensor) => Tensor,
  start: readonly number[],
  turns: number,
  tolerance = 0,
): readonly Turn[] => {
  let { state, ask } = leaf(algorithm.init(tensor(start))) as { readonly state: S; readonly ask: Ask }
  const seen: Turn[] = []
  for (let i = 0; i < turns; i++) {
    const linearised = algorithm.needs.includes("jacobian") && (ask.wants?.jacobian === undefined || list(ask.wants.jacobian)[0] === 1)
    seen.push({ at: list(ask.at), probe: ask.probe !== undefined && list(ask.probe)[0] === 1, linearised, state })
    const answer: Answer = {
      at: ask.at,
      f: f(ask.at),
      tolerance: tensor(tolerance) as Tensor<[]>,
      ...(algorithm.needs.includes("direction") ? { along: ask.along as Tensor, alongJ: jvp(f, [ask.at], [ask.along as Tensor])[1] } : {}),
      // where it was not asked for, as the loop gives it
      ...(algorithm.needs.includes("jacobian") ? { jacobian: mul(jacobian(f)(ask.at) as Tensor, linearised ? 1 : 0) as Tensor } : {}),
    }
    const next = leaf(algorithm.step(state, answer)) as { readonly state: S; readonly ask: Ask }
    state = next.state
    ask = next.ask
  }
  return seen
}

/** The points at which a solver tested its residual, in order. */
export const points = (turns: readonly Turn[]): readonly (readonly number[])[] => turns.filter((t) => !t.probe).map((t) => t.at)

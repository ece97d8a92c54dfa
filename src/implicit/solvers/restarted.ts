/** A method that forgets what it remembers every so many turns, and goes on from the point it was about to ask for. */
import { add, and, full, less, not, where } from "../../ops/index.js"
import type { Algorithm, Beginning, Scalar, State } from "./algorithm.js"
import { withMemory } from "./memory.js"
import { choose } from "./parts.js"

interface Counted {
  readonly [name: string]: State | Scalar
  readonly of: State
  readonly turns: Scalar
}

const begin = ({ state, ask }: Beginning): Beginning<Counted> => ({ state: { of: state, turns: full([], 0) as Scalar }, ask })

export const restartedAlgorithm = (of: Algorithm, every: number): Algorithm<Counted> => ({
  needs: of.needs,
  recovers: of.recovers,
  patience: of.patience,
  init: (z) => begin(of.init(z)),
  ...withMemory(of, ({ of: state }: Counted) => state, begin),
  step: (s, answer) => {
    const next = of.step(s.of, answer)
    const turns = add(s.turns, 1)
    const up = not(less(turns, every))
    // products that are under way are for a step yet to be taken
    const due = next.ask.probe === undefined ? up : and(up, less(next.ask.probe, 0.5))
    const fresh = of.init(next.ask.at)
    return {
      ...next,
      state: { of: choose(due, fresh.state, next.state), turns: where(due, 0, turns) },
      ask: choose(due, fresh.ask, next.ask),
    }
  },
})

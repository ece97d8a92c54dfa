/**
 * A method that extrapolates, guarded: an extrapolated point with too large a residual is refused, and the method starts anew from
 * the point before it with the plain step, which is never refused. With f a contraction the guarded method converges from everywhere,
 * as Picard does (Zhang, O'Donoghue and Boyd 2020).
 */
import { add, and, div, exp, full, less, lessEqual, log, mul, norm, not, or, sub, where, zerosLike } from "../../ops/index.js"
import type { Safeguard } from "../spec/index.js"
import type { Algorithm, Beginning, Scalar, State, Vector } from "./algorithm.js"
import { withMemory } from "./memory.js"
import { choose } from "./parts.js"

interface Guarded {
  readonly [name: string]: State | Scalar | Vector
  readonly of: State
  /** The last accepted point, f there, and the size of its residual. */
  readonly z: Vector
  readonly f: Vector
  readonly size: Scalar
  /** The first residual's size. */
  readonly first: Scalar
  readonly accepted: Scalar
  /** 1 where the point asked for is an extrapolated one. */
  readonly extrapolated: Scalar
  readonly turns: Scalar
}

const number = (x: number) => full([], x) as Scalar
const DECAY = 1.1

/** Before the first turn. */
const begin = ({ state, ask }: Beginning): Beginning<Guarded> => {
  const [z, none] = [ask.at, number(0)]
  return { state: { of: state, z, f: zerosLike(z), size: none, first: none, accepted: none, extrapolated: none, turns: none }, ask }
}

export const safeguardedAlgorithm = (of: Algorithm, { growth, bound }: Safeguard): Algorithm<Guarded> => ({
  needs: of.needs,
  recovers: of.recovers,
  patience: of.patience,
  init: (z) => begin(of.init(z)),
  ...withMemory(of, ({ of: state }: Guarded) => state, begin),
  step: (s, answer) => {
    const found = norm(sub(answer.f, answer.at))
    const first = where(less(0.5, s.turns), s.first, found)
    const allowed = mul(first, div(bound, exp(mul(log(add(s.accepted, 1)), DECAY))))
    // written so that NaN is refused
    const sound = and(lessEqual(found, mul(s.size, growth)), lessEqual(found, allowed))
    const extrapolated = less(0.5, s.extrapolated)
    const refused = and(extrapolated, not(sound))
    const at = choose(refused, s.z, answer.at)
    const f = choose(refused, s.f, answer.f)
    const turn = of.step(choose(refused, of.init(at).state, s.of), { ...answer, at, f })
    // the first step after a start is plain
    const plain = or(refused, less(s.turns, 0.5))
    return {
      ...turn,
      state: {
        of: turn.state,
        z: at,
        f,
        size: where(refused, s.size, found) as Scalar,
        first: first as Scalar,
        accepted: where(and(extrapolated, sound), add(s.accepted, 1), s.accepted) as Scalar,
        extrapolated: where(plain, number(0), number(1)) as Scalar,
        turns: number(1),
      },
    }
  },
})

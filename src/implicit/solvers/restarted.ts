/** A method that forgets what it has gathered after every `every` steps, and goes on from the point where it is. */
import { add, full, less, not, where } from "../../ops/index.js"
import type { Algorithm, Scalar, State } from "./algorithm.js"
import { choose } from "./parts.js"

type Restarted<S> = { readonly of: S; readonly age: Scalar }

export const restartedAlgorithm = <S extends State>(of: Algorithm<S>, every: number): Algorithm<Restarted<S>> => ({
  ...of,
  init: (z) => {
    const { state, ask } = of.init(z)
    return { state: { of: state, age: full([], 0) as Scalar }, ask }
  },
  step: ({ of: state, age }, answer) => {
    const over = not(less(age, every))
    const turn = of.step(choose(over, of.init(answer.at).state, state), answer)
    return { ...turn, state: { of: turn.state, age: where(over, full([], 1) as Scalar, add(age, 1) as Scalar) } }
  },
})

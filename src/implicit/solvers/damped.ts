/** A method on (1 - tau) z + tau f(z). The loop's residual is that of f: a damped displacement would look converged too soon. */
import { add, eye, mul, sub } from "../../ops/index.js"
import type { Algorithm, State, Vector } from "./algorithm.js"

export const dampedAlgorithm = <S extends State>(of: Algorithm<S>, tau: number): Algorithm<S> => ({
  ...of,
  step: (state, answer) => {
    const mix = (z: Vector, f: Vector): Vector => add(z, mul(sub(f, z), tau))
    return of.step(state, {
      ...answer,
      f: mix(answer.at, answer.f),
      // the damped residual is tau times the other, so both meet their tolerance together
      tolerance: mul(answer.tolerance, tau),
      // the derivative of the damped map is (1 - tau) I + tau J
      ...(answer.along === undefined || answer.alongJ === undefined
        ? {}
        : { along: answer.along, alongJ: mix(answer.along, answer.alongJ) }),
      ...(answer.jacobian === undefined ? {} : { jacobian: mix(identityLike(answer.jacobian), answer.jacobian) }),
    })
  },
})

const identityLike = (m: Vector): Vector => eye(m.shape[0] as number)

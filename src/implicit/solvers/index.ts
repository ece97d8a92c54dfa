/** From a method as data to its algorithm. */
import type { Method } from "../spec/index.js"
import type { Algorithm } from "./algorithm.js"
import { andersonAlgorithm } from "./anderson.js"
import { bisectionAlgorithm } from "./bisection.js"
import { broydenAlgorithm } from "./broyden.js"
import { chebyshevAlgorithm } from "./chebyshev.js"
import { chordAlgorithm } from "./chord.js"
import { dampedAlgorithm } from "./damped.js"
import { definedAlgorithm } from "./defined.js"
import { doglegAlgorithm } from "./dogleg.js"
import { levenbergMarquardtAlgorithm } from "./levenberg-marquardt.js"
import { newtonAlgorithm } from "./newton.js"
import { krylovAlgorithm } from "./newton-krylov.js"
import { picardAlgorithm } from "./picard.js"
import { polishAlgorithm } from "./polish.js"
import { pseudoTransientAlgorithm } from "./pseudo-transient.js"
import { relayAlgorithm } from "./relay.js"
import { restartedAlgorithm } from "./restarted.js"
import { safeguardedAlgorithm } from "./safeguarded.js"

export type { Algorithm, Answer, Ask, Beginning, Memory, Need, Scalar, State, Turn, Vector } from "./algorithm.js"
export { bicgstabAlgorithm } from "./bicgstab.js"
export { cgAlgorithm, normalCgAlgorithm } from "./conjugate-gradients.js"
export { after, beginning, type Course, type Visit, wrong } from "./course.js"
export { badDefinition, register } from "./defined.js"
export { solveDense } from "./lu.js"
export { memoryShape } from "./memory.js"
export { choose } from "./parts.js"
export type { Pairs } from "./secant-memory.js"
export { krylovAlgorithm }

/** Anderson with what guards it: a refused point empties the window too, so the safeguard stands outside. */
const accelerated = ({ memory, mixing, ridge = 0, restart, safeguard }: Extract<Method, { readonly _tag: "anderson" }>): Algorithm => {
  const plain = andersonAlgorithm(memory, mixing, ridge)
  const restarted: Algorithm = restart === undefined ? plain : restartedAlgorithm(plain, restart)
  return safeguard === undefined ? restarted : safeguardedAlgorithm(restarted, safeguard)
}

/** What a method does. */
export const algorithmOf = (method: Method): Algorithm => {
  switch (method._tag) {
    case "picard":
    case "iterate":
      return picardAlgorithm
    case "anderson":
      return accelerated(method)
    case "broyden":
      return broydenAlgorithm(method.memory, method.lineSearch, method.update ?? "good")
    case "chebyshev":
      return chebyshevAlgorithm(method.low, method.high)
    case "newton":
      return newtonAlgorithm(method.lineSearch ?? false)
    case "chord":
      return chordAlgorithm(method.rate)
    case "pseudoTransient":
      return pseudoTransientAlgorithm(method.delta)
    case "levenbergMarquardt":
      return levenbergMarquardtAlgorithm(method.damping)
    case "dogleg":
      return doglegAlgorithm(method.radius)
    case "bisection":
      return bisectionAlgorithm(method.low, method.high, method.expand)
    case "newtonKrylov":
      return krylovAlgorithm(method.memory, false)
    case "damped":
      return dampedAlgorithm(algorithmOf(method.of), method.tau)
    // what these say is for the loop
    case "perRow":
    case "bestSoFar":
      return algorithmOf(method.of)
    case "orElse":
      return relayAlgorithm(algorithmOf(method.first), algorithmOf(method.second), {
        onFailure: true,
        evaluations: method.evaluations ?? null,
      })
    case "andThen":
      return relayAlgorithm(algorithmOf(method.first), algorithmOf(method.second), { onFailure: false, evaluations: method.evaluations })
    case "restarted":
      return restartedAlgorithm(algorithmOf(method.of), method.every)
    case "defined":
      return definedAlgorithm(method)
    case "polish":
      return polishAlgorithm(algorithmOf(method.of), method.steps)
  }
}

/** From a method as data to its algorithm. */
import type { Method } from "../spec/index.js"
import type { Algorithm } from "./algorithm.js"
import { andersonAlgorithm } from "./anderson.js"
import { broydenAlgorithm } from "./broyden.js"
import { dampedAlgorithm } from "./damped.js"
import { definedAlgorithm } from "./defined.js"
import { newtonAlgorithm } from "./newton.js"
import { krylovAlgorithm } from "./newton-krylov.js"
import { picardAlgorithm } from "./picard.js"
import { polishAlgorithm } from "./polish.js"
import { relayAlgorithm } from "./relay.js"
import { restartedAlgorithm } from "./restarted.js"

export type { Algorithm, Answer, Ask, Beginning, Memory, Need, Scalar, State, Turn, Vector } from "./algorithm.js"
export { choose } from "./choose.js"
export { after, beginning, type Course, type Visit, wrong } from "./course.js"
export { badDefinition, register } from "./defined.js"
export { solveDense } from "./lu.js"
export { memoryShape } from "./memory.js"
export { krylovAlgorithm }

/** What a method does. */
export const algorithmOf = (method: Method): Algorithm => {
  switch (method._tag) {
    case "picard":
    case "iterate":
      return picardAlgorithm
    case "anderson":
      return andersonAlgorithm(method.memory, method.mixing)
    case "broyden":
      return broydenAlgorithm(method.memory, method.lineSearch)
    case "newton":
      return newtonAlgorithm
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

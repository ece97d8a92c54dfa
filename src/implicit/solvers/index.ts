/** From a method as data to its algorithm. */
import type { Method } from "../spec.js"
import type { Algorithm } from "./algorithm.js"
import { andersonAlgorithm } from "./anderson.js"
import { broydenAlgorithm } from "./broyden.js"
import { dampedAlgorithm } from "./damped.js"
import { newtonAlgorithm } from "./newton.js"
import { krylovAlgorithm } from "./newton-krylov.js"
import { picardAlgorithm } from "./picard.js"

export type { Algorithm, Answer, Ask, State, Turn } from "./algorithm.js"
export { solveDense } from "./lu.js"
export { krylovAlgorithm }

// The loop handles states of any shape; each algorithm only ever sees its own.
export const algorithmOf = (method: Method): Algorithm => {
  switch (method._tag) {
    case "picard":
    case "iterate":
      return picardAlgorithm as unknown as Algorithm
    case "anderson":
      return andersonAlgorithm(method.memory, method.mixing) as unknown as Algorithm
    case "broyden":
      return broydenAlgorithm(method.memory, method.lineSearch) as unknown as Algorithm
    case "newton":
      return newtonAlgorithm as unknown as Algorithm
    case "newtonKrylov":
      return krylovAlgorithm(method.memory, false) as unknown as Algorithm
    case "damped":
      return dampedAlgorithm(algorithmOf(method.of), method.tau)
    case "perRow":
      return algorithmOf(method.of)
  }
}

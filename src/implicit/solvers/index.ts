/** From a method as data to its algorithm. */
import type { Method } from "../spec/index.js"
import type { Algorithm } from "./algorithm.js"
import { andersonAlgorithm } from "./anderson.js"
import { broydenAlgorithm } from "./broyden.js"
import { dampedAlgorithm } from "./damped.js"
import { newtonAlgorithm } from "./newton.js"
import { krylovAlgorithm } from "./newton-krylov.js"
import { picardAlgorithm } from "./picard.js"

export type { Algorithm, Answer, Ask, Need, State, Turn } from "./algorithm.js"
export { bicgstabAlgorithm } from "./bicgstab.js"
export { cgAlgorithm, normalCgAlgorithm } from "./conjugate-gradients.js"
export { solveDense } from "./lu.js"
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
    case "perRow":
      return algorithmOf(method.of)
  }
}

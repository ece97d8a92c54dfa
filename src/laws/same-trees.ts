/** Comparing the values of two functions of trees, leaf by leaf. */
import { type Structure, sameStructure, sameType, showStructure, showType, type TensorType } from "../core/index.js"
import { allOf, fails, holds, type Verdict } from "./law.js"
import { close, magnitude, same } from "./numbers.js"
import type { Values } from "./run.js"

export interface Result {
  readonly structure: Structure
  readonly types: readonly TensorType[]
  readonly values: Values
}

/** `tolerance` is relative to the largest element of either side; 0 asks for the same bits (but for the sign of zeros). */
export const sameResults = (what: string, expected: Result, found: Result, tolerance: number): Verdict => {
  if (!sameStructure(expected.structure, found.structure))
    return fails(`${what} is a tree ${showStructure(found.structure)}, expected ${showStructure(expected.structure)}`)
  return allOf(
    (function* () {
      for (let k = 0; k < expected.types.length; k++) {
        const [e, f] = [expected.types[k] as TensorType, found.types[k] as TensorType]
        if (!sameType(e, f)) return yield fails(`leaf ${k} of ${what} is ${showType(f)}, expected ${showType(e)}`)
        const [a, b] = [expected.values[k] as Float64Array, found.values[k] as Float64Array]
        const place = { what: expected.types.length === 1 ? what : `leaf ${k} of ${what}`, shape: e.shape }
        yield tolerance === 0 || e.elem !== "float" ? same(place, a, b) : close(place, a, b, magnitude([a, b]), tolerance)
      }
      yield holds()
    })(),
  )
}

/** Values of a program on a target, all leaves in a row. */
import { compile, flatten, type TargetName, type Tensor, toArray } from "../../src/core/index.js"
import { right } from "./either.js"

/** Targets that run everywhere, with the rounding of their arithmetic. */
export const exactTargets = [
  ["interpreter", 2 ** -52],
  ["wasm", 2 ** -23],
  ["wasm:f64", 2 ** -52],
] as const satisfies readonly (readonly [TargetName, number])[]

export const numbersOn = async (target: TargetName, program: () => unknown): Promise<readonly number[]> =>
  flatten("numbersOn", right(await compile(program, { target })()())).leaves.flatMap((t) => [...toArray(t as Tensor)])

/** A tensor of the shape given, for tests of types only: nothing is made. */
import type { Tensor } from "../../src/index.js"

export declare const named: <const S extends readonly (number | string)[]>(shape: S) => Tensor<{ -readonly [K in keyof S]: S[K] }>

/** Drawing step by step, where what is drawn next depends on what was drawn before; it shrinks (fast-check's `gen`). */
import * as fc from "fast-check"
import type { Choices, Domain, TensorType } from "../../core/index.js"
import { elements } from "./element.js"

/** A source of choices and of tensors' numbers: what a generator of one's own is given. */
export interface Draw extends Choices {
  /** The numbers of a tensor, from a domain. */
  readonly values: (type: TensorType, domain: Domain) => Float64Array
  /** Multiples of 1/16 in [-1, 1]; whole numbers, truth values and keys have none. */
  readonly direction: (type: TensorType) => Float64Array
  /** A value of any arbitrary. `builder` must be one function for all draws, so that a draw can be replayed while shrinking. */
  readonly from: fc.GeneratorValue
}

const integer = (min: number, max: number) => fc.integer({ min, max })
const UNIT = { t: "unit" } as const

const drawOf = (g: fc.GeneratorValue): Draw => {
  const int = (lo: number, hi: number): number => g(integer, lo, hi)
  return {
    int,
    bool: () => g(fc.boolean),
    shape: (rank) => Array.from({ length: int(0, rank) }, () => int(1, 4)),
    values: (type, domain) => g(elements, type, domain),
    direction: (type) => g(elements, type, UNIT),
    from: g,
  }
}

/** What is made is a value like any other. fast-check 4.10 would clone it for each run, and loses members of a tuple when it does. */
const sealed = <A>(value: A): A => (typeof value === "object" && value !== null ? Object.preventExtensions(value) : value)

/**
 * Everything that `build` can make from its draws.
 *
 * @example
 * drawn((d) => [d.int(1, 3), d.int(1, 3)])
 */
export const drawn = <A>(build: (d: Draw) => A): fc.Arbitrary<A> => fc.gen().map((g) => sealed(build(drawOf(g))))

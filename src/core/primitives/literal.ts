/** Scalars that are part of a program's structure: numbers written in it, and the target's machine epsilon. */
import { lit, pointwise } from "../compile/build-nest.js"
import { TraceError } from "../errors.js"
import { defineOp, type Op } from "../op.js"
import { apply1 } from "../tensor/apply.js"
import type { Tensor } from "../tensor/shape-types.js"
import { type Elem, physicalShape } from "../tensor/types.js"

const noInputs = (name: string) => (): never => {
  throw new TraceError(`${name} has no inputs, so no rule of this kind`)
}

interface LiteralParams {
  readonly value: number
  readonly elem: Elem
}

const literalOp: Op<LiteralParams> = defineOp<LiteralParams>({
  name: "literal",
  type: ({ elem }) => [{ elem, shape: [] }],
  jvp: noInputs("literal"),
  batch: noInputs("literal"),
  lower: ({ value, elem }) => ({ t: "index", nests: [pointwise(physicalShape({ elem, shape: [] }), lit(value))] }),
  cheap: true,
  example: (choose) => ({ params: { value: choose.int(-9, 9) / 4, elem: "float" }, inputs: [], domains: [] }),
})

const epsilonOp: Op<null> = defineOp<null>({
  name: "epsilon",
  type: () => [{ elem: "float", shape: [] }],
  jvp: noInputs("epsilon"),
  batch: noInputs("epsilon"),
  lower: () => ({ t: "index", nests: [pointwise([], { t: "epsilon" })] }),
  cheap: true,
  example: () => ({ params: null, inputs: [], domains: [] }),
})

/**
 * A scalar that is part of the program's structure, not data: transforms know its value, and graphs are stored with it.
 *
 * @example
 * evaluate(literal(2)) // right(2)
 */
export const literal = <E extends Elem = "float">(value: number, elem: E = "float" as E): Tensor<[], E> =>
  apply1(literalOp, { value, elem }, []) as Tensor<[], E>

/**
 * The machine epsilon of the target that runs the program (2^-52 on the interpreter, 2^-23 in float32), so that tolerances
 * can be written once.
 *
 * @example
 * evaluate(epsilon()) // right(2.220446049250313e-16)
 */
export const epsilon = (): Tensor<[]> => apply1(epsilonOp, null, []) as Tensor<[]>

/** Addition of equal shapes: what cotangents are gathered with. */
import { binary } from "../compile/build-nest.js"
import type { Op } from "../op.js"
import { apply1 } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { elementwise } from "./elementwise.js"
import { isZero } from "./zero.js"

/** The op behind `add`, on equal shapes; cotangents of a value that is used twice meet in it. */
export const addOp: Op<null, 2, 1> = elementwise({
  name: "add",
  inputs: [
    ["float", "int"],
    ["float", "int"],
  ],
  agree: [0, 1],
  output: 0,
  scalar: ([a, b]) => binary("add", a, b),
  jvp: (_inputs, _output, [da, db]) => addTangents(da, db),
  transpose: (_params, _inputs, [a, b], [ct]) => [a ? ct : null, b ? ct : null],
  // x + 0 = x except for x = -0, where it is +0: zeros that stand for absent terms are not signed.
  simplify: ([a, b]) => (isZero(b) ? a : isZero(a) ? b : null),
  domains: [{ t: "real" }, { t: "real" }],
})

/**
 * The sum of two tangents of one type, zeros kept as they are.
 *
 * @example
 * evaluate(addTangents(tensor(1), tensor(2))) // right(3)
 * addTangents(null, null) // null
 */
export const addTangents = (a: AnyTensor | null, b: AnyTensor | null): AnyTensor | null =>
  a === null ? b : b === null ? a : apply1(addOp, null, [a, b])

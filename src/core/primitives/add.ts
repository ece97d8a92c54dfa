/** Addition of equal shapes: what cotangents are gathered with. */
import { binary } from "../compile/build-nest.js"
import type { Scalar } from "../compile/nest.js"
import type { Op } from "../op.js"
import { apply1 } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { elementwise } from "./elementwise.js"
import { isZero } from "./zero.js"

/** The op behind `add`, on equal shapes; cotangents of a value that is used twice meet in it. */
export const addOp: Op<null> = elementwise({
  name: "add",
  inputs: [
    ["float", "int"],
    ["float", "int"],
  ],
  agree: [0, 1],
  output: 0,
  scalar: ([a, b]) => binary("add", a as Scalar, b as Scalar),
  jvp: (_inputs, _output, [da, db]) => addTangents(da ?? null, db ?? null),
  transpose: (_params, _inputs, [a, b], [ct]) => [a ? (ct ?? null) : null, b ? (ct ?? null) : null],
  // x + 0 = x except for x = -0, where it is +0: zeros that stand for absent terms are not signed.
  simplify: ([a, b]) => (isZero(b as AnyTensor) ? (a as AnyTensor) : isZero(a as AnyTensor) ? (b as AnyTensor) : null),
  domains: [{ t: "real" }, { t: "real" }],
})

/** The sum of two tangents of one type, zeros kept as they are. */
export const addTangents = (a: AnyTensor | null, b: AnyTensor | null): AnyTensor | null =>
  a === null ? b : b === null ? a : apply1(addOp, null, [a, b])

/** The language: tensors as expressions, graphs, transforms, compiler, targets. It knows no particular op, solver or model. */
export * from "./compile/build-nest.js"
export { harvestGraph, type Harvested } from "./compile/harvest.js"
export type { BinaryFn, Guard, Ix, Nest, Reduction, Scalar, UnaryFn } from "./compile/nest.js"
export { solveStatuses, TraceError, type RunError, type SolveReport, type SolveStatus, type StillpointError } from "./errors.js"
export { closeBody, closeDependents, closeExpression, type Closed } from "./graph/close.js"
export { inputTypes, outputTypes, typeOf, type Equation, type Graph } from "./graph/graph.js"
export { isGraph } from "./graph/is-graph.js"
export {
  defineOp,
  ops,
  type AnyOp,
  type Choices,
  type Domain,
  type Emission,
  type Example,
  type Harvest,
  type Lowering,
  type Op,
  type Tangent,
} from "./op.js"
export * from "./primitives/index.js"
export { apply, apply1, applyOf, constant, constantData, indexOf, isTensor, placeholder } from "./tensor/apply.js"
export type * from "./tensor/shape-types.js"
export { flatten, flattenWith, sameStructure, showStructure, unflatten, type Flat, type Structure } from "./tensor/tree.js"
export { physicalShape, sameShape, sameType, showType, sizeOf, type Elem, type TensorType } from "./tensor/types.js"
export { grad, jvp, linearize, traceTree, valueAndGrad, vjp } from "./transform/api.js"
export { bodyOf } from "./transform/closed-body.js"
export { inline, walk } from "./transform/inline.js"
export { jvpGraph, type Dual } from "./transform/jvp.js"
export { applyClosed, closeLinear, linearizeGraph, type Linearized } from "./transform/linearize.js"
export { transposeDag } from "./transform/transpose.js"
export { asBatched, batchBody, batchGraph, rowType, type Batched } from "./transform/vmap.js"
export { buildSchedule } from "./compile/build.js"
export { simplifyGraph } from "./compile/simplify.js"
export { checkGraph, type GraphError } from "./graph/check.js"
export { decodeGraph, encodeGraph, type DecodeError } from "./graph/codec.js"
export { printGraph } from "./graph/print.js"
export * from "./program/index.js"
export { targetNames } from "./targets/registry.js"
export type { Capabilities, Target, TargetName } from "./targets/target.js"
export { tensor, toArray, toNested, toNumber, type NestedNumbers, type TensorData } from "./tensor/data.js"

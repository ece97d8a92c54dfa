/** The language: tensors as expressions, graphs, transforms, compiler, targets. It knows no particular op, solver or model. */

export { buildSchedule } from "./compile/build.js"
export * from "./compile/build-nest.js"
export { type Harvested, harvestGraph } from "./compile/harvest.js"
export type { BinaryFn, Guard, Ix, Nest, Reduction, Scalar, UnaryFn } from "./compile/nest.js"
export { defineRewrite } from "./compile/rewrite.js"
export { simplifyGraph } from "./compile/simplify.js"
export {
  type NonFiniteValue,
  type NotExportable,
  type RunError,
  type SolveReport,
  type SolveStatus,
  type StillpointError,
  solveStatuses,
  TraceError,
  type TraceFailure,
} from "./errors.js"
export { mapBodies } from "./graph/bodies.js"
export { checkGraph, type GraphError } from "./graph/check.js"
export { type Closed, closeBody, closeExpression } from "./graph/close.js"
export { type DecodeError, decodeGraph, encodeGraph } from "./graph/codec.js"
export { type Equation, type Graph, inputTypes, outputTypes, typeOf } from "./graph/graph.js"
export { printGraph } from "./graph/print.js"
export { type Line, madeAt, withLines } from "./location.js"
export {
  type AnyOp,
  type Choices,
  type Domain,
  defineOp,
  type Emission,
  type Example,
  type Harvest,
  type Lowering,
  type Many,
  type Modes,
  type Op,
  ops,
  type Tangent,
  type Tangents,
} from "./op.js"
export * from "./primitives/index.js"
export * from "./program/index.js"
export { nestsDeeperThan, shown } from "./shown.js"
export {
  type Run,
  runEquation as interpretEquation,
  runGraph as interpret,
  scanTurns,
  type Turn,
  whileTurns,
} from "./targets/interpreter/index.js"
export { mostThreads, targetNames } from "./targets/registry.js"
export type { Capabilities, OpenOptions, Target, TargetName } from "./targets/target.js"
export { apply, apply1, applyOf, constant, constantData, indexOf, isPlaceholder, isTensor, placeholder } from "./tensor/apply.js"
export { type NestedNumbers, type TensorData, tensor, toArray, toNested, toNumber } from "./tensor/data.js"
export type * from "./tensor/shape-types.js"
export { type Flat, flatten, flattenWith, type Structure, sameStructure, showStructure, unflatten } from "./tensor/tree.js"
export { type Elem, physicalShape, sameShape, sameType, showType, sizeOf, type TensorType } from "./tensor/types.js"
export { grad, jvp, linearize, traceTree, valueAndGrad, vjp } from "./transform/api.js"
export { bodyOf } from "./transform/closed-body.js"
export { inline, walk } from "./transform/inline.js"
export { type Dual, jvpGraph } from "./transform/jvp.js"
export { applyClosed, closeLinear, type Linearized, linearizeGraph } from "./transform/linearize.js"
export { transposeDag } from "./transform/transpose.js"
export { asBatched, type Batched, batchBody, batchGraph, rowType } from "./transform/vmap.js"

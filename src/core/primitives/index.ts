export { addOp, addTangents } from "./add.js"
export {
  type AxesParams,
  broadcastAlong,
  broadcastFirst,
  broadcastOp,
  broadcastRight,
  keptAxes,
  reducedType,
  reductionExample,
  reductionNest,
  sumAxes,
  sumOp,
  zerosOf,
} from "./broadcast-sum.js"
export { type Elementwise, elementwise } from "./elementwise.js"
export { epsilon, literal } from "./literal.js"
export { isOne, isZero, uniformValue } from "./zero.js"

export { addOp, addTangents } from "./add.js"
export {
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
  type AxesParams,
} from "./broadcast-sum.js"
export { elementwise, type Elementwise } from "./elementwise.js"
export { epsilon, literal } from "./literal.js"
export { isOne, isZero, uniformValue } from "./zero.js"

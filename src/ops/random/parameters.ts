/** Parameters of distributions: numbers or tensors that broadcast to the shape of the draw. */
import { type AnyTensor, broadcastRight, showType, type Tensor, TraceError } from "../../core/index.js"
import { add, mul } from "../arithmetic.js"
import { lift } from "../lift.js"

export type Parameter = Tensor | number

/** A parameter at the shape of the draw. */
export const atShape = (name: string, what: string, x: unknown, shape: readonly number[]): AnyTensor => {
  const t = lift(`${name}: ${what}`, x)
  const from = shape.length - t.shape.length
  if (from < 0 || t.shape.some((d, i) => d !== 1 && d !== shape[from + i]))
    throw new TraceError(`${name}: ${what} must broadcast to the shape of the draw, [${shape.join(", ")}]; found ${showType(t.type)}`)
  return broadcastRight(t, shape)
}

/** Where a distribution lies and how wide it is. */
export interface Location {
  /** Default 0. */
  readonly loc?: Parameter
  /** Positive. Default 1. */
  readonly scale?: Parameter
}

/** `loc + scale z` */
export const moved = (name: string, z: Tensor, loc: Parameter | undefined, scale: Parameter | undefined): Tensor => {
  const wide = scale === undefined ? z : mul(z, atShape(name, "the scale", scale, z.shape) as Tensor)
  return (loc === undefined ? wide : add(wide, atShape(name, "the location", loc, z.shape) as Tensor)) as Tensor
}

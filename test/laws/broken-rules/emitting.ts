/** Broken rules of random bits, of tap and of toldFinite. */
import { type AnyTensor, at, type Ix, type Tensor, type TensorType } from "../../../src/core/index.js"
import { neg } from "../../../src/ops/index.js"
import { type BrokenRule, broken } from "./broken.js"
import { bodies, cotangents, harvestedOutputs, lastWins, negated, reversed, rolled, rows, tangents, typedAs } from "./faults.js"

const shapeOf = (t: TensorType | undefined) => (t as TensorType).shape

const random: readonly BrokenRule[] = [
  broken(
    "threefry",
    "type",
    "counters may have any shape",
    typedAs(([k]) => [k as TensorType, { elem: "int", shape: shapeOf(k) }]),
  ),
  broken("threefry", "batch", "rows come out backwards", rows(reversed)),
  broken(
    "threefry",
    "lower",
    "the limbs of a key in another order",
    bodies((part) => (part.t === "threefry" ? { ...part, key: [...(part.key as readonly object[])].reverse() } : undefined)),
  ),
  broken("keyBits", "type", "what is no key", () => (_params, [k]) => [{ elem: "int", shape: [...shapeOf(k), 2] }]),
  broken("keyBits", "batch", "rows come out backwards", rows(reversed)),
  broken(
    "keyBits",
    "lower",
    "the first word alone",
    bodies((part) => (part.t === "xor16" ? part.a : undefined)),
  ),
]

const tap: readonly BrokenRule[] = [
  broken("tap", "type", "values of other shapes", () => ({ type }: { readonly type: TensorType }) => [type]),
  broken("tap", "jvp", "the tangent is lost", () => () => [null]),
  broken("tap", "jvp", "the wrong sign", tangents(negated)),
  broken("tap", "batch", "rows come out backwards", rows(reversed)),
  broken("tap", "lower", "one place off along the first axis", rolled),
  broken(
    "tap",
    "lower",
    "the first element everywhere",
    bodies((part) => (part.t === "load" ? { ...part, at: (part.at as readonly Ix[]).map(() => at(0)) } : undefined)),
  ),
  broken("tap", "harvest", "another value", harvestedOutputs(negated)),
  broken("tap", "harvest", "the second of two logs", lastWins),
]

const toldFinite: readonly BrokenRule[] = [
  broken("toldFinite", "type", "values of other shapes", () => ({ type }: { readonly type: TensorType }) => [type]),
  broken("toldFinite", "jvp", "the tangent is lost", () => () => [null]),
  broken("toldFinite", "jvp", "the wrong sign", tangents(negated)),
  broken("toldFinite", "transpose", "the wrong sign", cotangents(negated)),
  broken("toldFinite", "batch", "rows come out backwards", rows(reversed)),
  broken("toldFinite", "simplify", "another value", () => (_params, [x]) => [neg(x as Tensor) as AnyTensor]),
  broken("toldFinite", "lower", "one place off along the first axis", rolled),
  broken("toldFinite", "harvest", "another value", harvestedOutputs(negated)),
]

export const emitting: readonly BrokenRule[] = [...random, ...tap, ...toldFinite]

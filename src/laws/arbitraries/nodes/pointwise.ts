/** Nodes that work point by point: activations and special functions, each where it is smooth and of moderate size. */
import type { Tensor } from "../../../core/index.js"
import * as op from "../../../ops/index.js"
import { apart, awayFromZero } from "./apart.js"
import { binary, called, type NodeKind, pick, type Unary, unary } from "./node.js"

const damped = (x: Tensor): Tensor => op.mul(op.tanh(x), 0.9) as Tensor
const above1 = (x: Tensor): Tensor => op.add(op.square(x), 1) as Tensor

/** `name` says which function, and where it is used. */
const at = (name: string, inner: Unary, f: Unary): NodeKind => unary(name, (x) => f(inner(x)))

const power: NodeKind = (d, pool) => {
  const x = pick(d, pool)
  if (x === null) return null
  const exponent = d.int(-8, 8) / 4
  return called("pow", [x], { exponent }, (a) => op.pow(above1(a as Tensor), exponent) as Tensor)
}

const customJvp: NodeKind = (d, pool) => {
  const x = pick(d, pool)
  if (x === null) return null
  const scale = d.int(2, 5) / 2
  const value = (t: Tensor) => op.mul(op.sin(op.mul(t, scale)), 1 / scale) as Tensor
  const f = op.customJvp(value, ([t], [dt]) => [value(t), op.mul(op.cos(op.mul(t, scale)), dt as Tensor) as Tensor])
  return called("customJvp", [x], { scale }, (a) => f(a as Tensor))
}

export const pointwiseKinds: Readonly<Record<string, NodeKind>> = {
  gelu: unary("gelu", (x) => op.gelu(x)),
  geluTanh: unary("geluTanh", (x) => op.gelu(x, { approximate: true })),
  silu: unary("silu", (x) => op.silu(x)),
  mish: unary("mish", (x) => op.mish(x)),
  softplus: unary("softplus", (x) => op.softplus(x) as Tensor),
  logSigmoid: unary("logSigmoid", (x) => op.logSigmoid(x)),
  elu: at("elu", awayFromZero, (x) => op.elu(x)),
  celu: at("celu", awayFromZero, (x) => op.celu(x, 2)),
  selu: at("selu", awayFromZero, (x) => op.selu(x)),
  leakyRelu: at("leakyRelu", awayFromZero, (x) => op.leakyRelu(x, 0.25)),
  reluAway: at("reluAway", awayFromZero, (x) => op.relu(x)),
  relu6: at(
    "relu6",
    (x) => apart(x, [2, -2, 8]),
    (x) => op.relu6(x),
  ),
  hardTanh: at(
    "hardTanh",
    (x) => apart(x, [0, 2, -2]),
    (x) => op.hardTanh(x),
  ),
  hardSigmoid: at(
    "hardSigmoid",
    (x) => apart(x, [0, 5, -5]),
    (x) => op.hardSigmoid(x),
  ),
  softsign: at("softsign", awayFromZero, (x) => op.softsign(x)),
  abs: at("abs", awayFromZero, (x) => op.abs(x) as Tensor),
  maximum: binary("maximum", (a, b) => op.maximum(awayFromZero(a), damped(b)) as Tensor),
  minimum: binary("minimum", (a, b) => op.minimum(awayFromZero(a), damped(b)) as Tensor),
  clip: at(
    "clip",
    (x) => apart(x, [0, 2, -2]),
    (x) => op.clip(x, -1, 1),
  ),
  erf: unary("erf", (x) => op.erf(x) as Tensor),
  erfc: unary("erfc", (x) => op.erfc(x) as Tensor),
  erfInv: at("erfInv", damped, (x) => op.erfInv(x) as Tensor),
  expm1: at("expm1", damped, (x) => op.expm1(x) as Tensor),
  exp2: at("exp2", damped, (x) => op.exp2(x) as Tensor),
  log1p: at("log1p", above1, (x) => op.log1p(x) as Tensor),
  log2: at("log2", above1, (x) => op.log2(x) as Tensor),
  log10: at("log10", above1, (x) => op.log10(x) as Tensor),
  reciprocal: at("reciprocal", above1, (x) => op.reciprocal(x) as Tensor),
  rsqrt: at("rsqrt", above1, (x) => op.rsqrt(x) as Tensor),
  pow: power,
  sinh: at("sinh", damped, (x) => op.sinh(x) as Tensor),
  cosh: at("cosh", damped, (x) => op.cosh(x) as Tensor),
  asinh: unary("asinh", (x) => op.asinh(x) as Tensor),
  acosh: at(
    "acosh",
    (x) => op.add(above1(x), 0.5) as Tensor,
    (x) => op.acosh(x) as Tensor,
  ),
  atanh: at("atanh", damped, (x) => op.atanh(x) as Tensor),
  tan: at("tan", damped, (x) => op.tan(x) as Tensor),
  asin: at("asin", damped, (x) => op.asin(x) as Tensor),
  acos: at("acos", damped, (x) => op.acos(x) as Tensor),
  atan: unary("atan", (x) => op.atan(x) as Tensor),
  atan2: binary("atan2", (a, b) => op.atan2(a, above1(b)) as Tensor),
  logit: unary("logit", (x) => op.logit(op.add(op.mul(op.tanh(x), 0.4), 0.5) as Tensor)),
  logaddexp: binary("logaddexp", (a, b) => op.logaddexp(a, b) as Tensor),
  xlogy: binary("xlogy", (a, b) => op.xlogy(op.sin(a) as Tensor, above1(b)) as Tensor),
  customJvp,
}

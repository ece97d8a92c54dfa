/**
 * Nodes of the language's first ops. Every node keeps numbers of moderate size (products are damped, sums are means), stays away
 * from poles, and is smooth unless it says otherwise; so programs of any length have derivatives that differences can measure.
 */
import { sameShape, type Tensor, tensor } from "../../../core/index.js"
import * as op from "../../../ops/index.js"
import { broadcasts, called, matrix, type NodeKind, of1, of2, pick, shaped } from "./node.js"

const unary =
  (text: string, build: (x: Tensor) => Tensor, fits?: (t: Tensor) => boolean): NodeKind =>
  (d, pool) => {
    const x = pick(d, pool, fits)
    return x === null ? null : of1(x, text, build)
  }

const binary =
  (text: string, build: (a: Tensor, b: Tensor) => Tensor): NodeKind =>
  (d, pool) => {
    const a = pick(d, pool)
    if (a === null) return null
    const b = pick(d, pool, (t) => broadcasts(pool[a] as Tensor, t))
    return b === null ? null : of2(a, b, text, build)
  }

/** A node on one axis of a value. */
const onAxis =
  (name: string, build: (axis: number) => (x: Tensor) => Tensor): NodeKind =>
  (d, pool) => {
    const x = pick(d, pool, shaped)
    if (x === null) return null
    const axis = d.int(0, (pool[x] as Tensor).shape.length - 1)
    return called(name, [x], { axis }, (t) => build(axis)(t as Tensor))
  }

const matmul: NodeKind = (d, pool) => {
  const a = pick(d, pool, matrix)
  if (a === null) return null
  const inner = (pool[a] as Tensor).shape[1]
  const b = pick(d, pool, (t) => matrix(t) && t.shape[0] === inner)
  return b === null ? null : of2(a, b, "matmul(%0, tanh(%1)) / inner", (x, y) => op.div(op.matmul(x, op.tanh(y)), inner as number))
}

const permute: NodeKind = (d, pool) => {
  const x = pick(d, pool, (t) => t.shape.length > 1)
  return x === null ? null : of1(x, "transpose(%0)", (t) => op.transpose(t) as Tensor)
}

const stack: NodeKind = (d, pool) => {
  const a = pick(d, pool)
  if (a === null) return null
  const b = pick(d, pool, (t) => sameShape(t.shape, (pool[a] as Tensor).shape)) as number
  return of2(a, b, "stack([%0, %1])", (x, y) => op.stack([x, y as Tensor]))
}

const take: NodeKind = (d, pool) => {
  const x = pick(d, pool, shaped)
  if (x === null) return null
  const size = (pool[x] as Tensor).shape[0] as number
  const at = Array.from({ length: d.int(1, 3) }, () => d.int(-1, size))
  return of1(x, `take(%0, [${at.join(", ")}])`, (t) => op.take(t, tensor(at, "int")))
}

const scatter: NodeKind = (d, pool) => {
  const x = pick(d, pool, shaped)
  if (x === null) return null
  const rows = (pool[x] as Tensor).shape[0] as number
  const size = d.int(1, 3)
  const at = Array.from({ length: rows }, () => d.int(-1, size))
  return of1(x, `scatterAdd(%0, [${at.join(", ")}], ${size})`, (t) => op.scatterAdd(t, tensor(at, "int"), size))
}

const conv: NodeKind = (d, pool) => {
  const x = pick(d, pool, matrix)
  if (x === null) return null
  const channels = (pool[x] as Tensor).shape[1] as number
  const w = pick(d, pool, (t) => matrix(t) && t.shape[1] === channels)
  if (w === null) return null
  const stride = d.int(1, 2)
  return of2(x, w, `conv of %0 with tanh(%1), stride ${stride}`, (a, b) => {
    const made = op.conv(op.expandAxis(a, 0), op.expandAxis(op.tanh(b), -1), { stride })
    return op.indexAxis(op.indexAxis(made, -1, 0), 0, 0)
  })
}

const scan: NodeKind = (d, pool) => {
  const x = pick(d, pool, shaped)
  if (x === null) return null
  const reverse = d.bool()
  return of1(x, `scan((c, r) => tanh(c / 2 + r), 0, %0${reverse ? ", reverse" : ""})`, (rows) => {
    const start = op.zeros(rows.shape.slice(1)) as Tensor
    const step = (c: Tensor, r: Tensor): readonly [Tensor, Tensor] => {
      const next = op.tanh(op.add(op.mul(c, 0.5), r)) as Tensor
      return [next, next]
    }
    return op.scan(step, start, rows, { reverse })[1]
  })
}

const cond: NodeKind = (d, pool) => {
  const x = pick(d, pool)
  if (x === null) return null
  return {
    inputs: [x],
    text: "flag ? sin(%0) : exp(tanh(%0))",
    nests: [],
    build: ([t], { flag }) =>
      op.cond(
        flag,
        () => op.sin(t as Tensor) as Tensor,
        () => op.exp(op.tanh(t as Tensor)) as Tensor,
      ),
  }
}

/** Kinds by name. All but `relu` and `max` are smooth. */
export const basicKinds: Readonly<Record<string, NodeKind>> = {
  tanh: unary("tanh(%0)", op.tanh as (x: Tensor) => Tensor),
  add: binary("(%0 + %1) / 2", (a, b) => op.mul(op.add(a, b), 0.5) as Tensor),
  mul: binary("%0 * tanh(%1)", (a, b) => op.mul(a, op.tanh(b)) as Tensor),
  sub: binary("%0 - tanh(%1)", (a, b) => op.sub(a, op.tanh(b)) as Tensor),
  div: binary("%0 / (1 + %1^2)", (a, b) => op.div(a, op.add(op.square(b), 1)) as Tensor),
  sin: unary("sin(%0)", op.sin as (x: Tensor) => Tensor),
  cos: unary("cos(%0)", op.cos as (x: Tensor) => Tensor),
  exp: unary("exp(tanh(%0))", (x) => op.exp(op.tanh(x)) as Tensor),
  log: unary("log(1 + %0^2)", (x) => op.log(op.add(op.square(x), 1)) as Tensor),
  sqrt: unary("sqrt(1 + %0^2)", (x) => op.sqrt(op.add(op.square(x), 1)) as Tensor),
  sigmoid: unary("sigmoid(%0)", op.sigmoid as (x: Tensor) => Tensor),
  mean: onAxis("mean", (axis) => (x) => op.mean(x, [axis]) as Tensor),
  softmax: onAxis("softmax", (axis) => (x) => op.softmax(x, axis) as Tensor),
  logsumexp: onAxis("logsumexp", (axis) => (x) => op.logsumexp(x, axis)),
  matmul,
  conv,
  transpose: permute,
  reshape: unary("reshape(%0, [-1])", (x) => op.reshape(x, [-1]) as Tensor),
  pad: unary(
    "pad(%0, [1, 0], ...)",
    (x) =>
      op.pad(
        x,
        x.shape.map(() => [1, 0] as const),
      ),
    shaped,
  ),
  slice: unary("the second half of %0", (x) => op.sliceAxis(x, 0, Math.floor((x.shape[0] as number) / 2), x.shape[0] as number), shaped),
  stack,
  take,
  scatterAdd: scatter,
  scan,
  cond,
  checkpoint: unary("checkpoint(sin(tanh(%0)))", (x) => op.checkpoint((t: Tensor) => op.sin(op.tanh(t)) as Tensor)(x)),
  relu: unary("relu(%0)", op.relu as (x: Tensor) => Tensor),
  max: onAxis("max", (axis) => (x) => op.max(x, [axis]) as Tensor),
}

/** Nodes that contract: einsum, convolutions and pooling with their options. */
import { sizeOf, type Tensor } from "../../../core/index.js"
import * as op from "../../../ops/index.js"
import { ordered, someOrder } from "./apart.js"
import { called, matrix, type NodeChoices, type NodeKind, oneOf, type Pool, pick } from "./node.js"

const notations = ["ij,jk->ik", "ij,kj->ki", "ij,ij->j", "ij,kl->jl", "ij,jk->", "ij,jk,kl->il", "i,j->ij", "i,ij->j"] as const

/** Operands whose sizes fit the letters. */
const operandsFor = (d: NodeChoices, pool: Pool, notation: string): readonly number[] | null => {
  const [operands = ""] = notation.split("->")
  const words = operands.split(",")
  const sizes = new Map<string, number>()
  const found: number[] = []
  for (const word of words) {
    const letters = Array.from(word)
    const fits = ({ shape }: Tensor) => shape.length === letters.length && letters.every((c, i) => (sizes.get(c) ?? shape[i]) === shape[i])
    const at = pick(d, pool, fits)
    if (at === null) return null
    for (const [i, c] of letters.entries()) sizes.set(c, (pool[at] as Tensor).shape[i] as number)
    found.push(at)
  }
  return found
}

const einsum: NodeKind = (d, pool) => {
  const notation: string = oneOf(d, notations)
  const operands = operandsFor(d, pool, notation)
  return operands === null
    ? null
    : called("einsum", operands, { notation }, (...xs) => {
        const bounded = xs.map((x) => op.tanh(x) as Tensor)
        return op.div(op.einsum(notation, ...bounded) as Tensor, 3) as Tensor
      })
}

const outer = (name: string, rank: number, product: (a: Tensor, b: Tensor) => Tensor): NodeKind => {
  const fits = (t: Tensor) => t.shape.length === rank && sizeOf(t.shape) <= 6
  return (d, pool) => {
    const [a, b] = [pick(d, pool, fits), pick(d, pool, fits)]
    return a === null || b === null
      ? null
      : called(name, [a, b], {}, (x, y) => product(op.tanh(x as Tensor) as Tensor, op.tanh(y as Tensor) as Tensor))
  }
}

const window = (d: NodeChoices) => ({ stride: d.int(1, 2), dilation: d.int(1, 2), padding: oneOf(d, [1, 2, "same"] as const) })
const reach = (k: number, dilation: number) => (k - 1) * dilation + 1

/** Rows are places, columns channels; a kernel a channel where it is depthwise, all to all otherwise. */
const convolution =
  (name: "conv" | "convTranspose"): NodeKind =>
  (d, pool) => {
    const x = pick(d, pool, matrix)
    if (x === null) return null
    const channels = (pool[x] as Tensor).shape[1] as number
    const w = pick(d, pool, (t) => matrix(t) && t.shape[1] === channels)
    if (w === null) return null
    const how = window(d)
    const depthwise = d.bool()
    const [k] = (pool[w] as Tensor).shape as [number]
    if (name === "convTranspose" && how.padding !== "same") return null
    if (typeof how.padding === "number" && reach(k, how.dilation) > ((pool[x] as Tensor).shape[0] as number) + 2 * how.padding) return null
    return called(`${name}1d`, [x, w], { ...how, depthwise }, (a, b) => {
      const signal = op.expandAxis(a as Tensor, 0) as Tensor
      const flat = op.div(op.tanh(b as Tensor), 2) as Tensor
      // [K, 1, C] a channel on its own, else [K, C, 1] or (transposed) [K, 1, C]
      const kernel = (depthwise || name === "convTranspose" ? op.expandAxis(flat, 1) : op.expandAxis(flat, -1)) as Tensor
      const groups = depthwise ? channels : 1
      return op.indexAxis((name === "conv" ? op.conv : op.convTranspose)(signal, kernel, { ...how, groups }), 0, 0) as Tensor
    })
  }

const conv2d: NodeKind = (d, pool) => {
  const x = pick(d, pool, matrix)
  const w = pick(d, pool, matrix)
  if (x === null || w === null) return null
  const stride = [d.int(1, 2), d.int(1, 2)]
  const dilation = [d.int(1, 2), d.int(1, 2)]
  return called("conv2d", [x, w], { stride, dilation }, (a, b) => {
    const image = op.reshape(a as Tensor, [1, ...(a as Tensor).shape, 1]) as Tensor
    const kernel = op.reshape(op.div(op.tanh(b as Tensor), 3) as Tensor, [...(b as Tensor).shape, 1, 1]) as Tensor
    const made = op.conv(image, kernel, { stride, dilation })
    return op.reshape(made, made.shape.slice(1, 3)) as Tensor
  })
}

/** Places of all channels are kept apart, so that the largest of every window is one. */
const pool1d =
  (name: "avgPool" | "maxPool"): NodeKind =>
  (d, pool) => {
    const x = pick(d, pool, matrix)
    if (x === null) return null
    const size = (pool[x] as Tensor).shape[0] as number
    const params = { window: d.int(1, Math.min(2, size)), stride: d.int(1, 2), padding: oneOf(d, ["same", "valid"] as const) }
    const { window: width, ...how } = params
    if (name === "avgPool") {
      const countIncludePad = d.bool()
      return called(name, [x], { ...params, countIncludePad }, (a) => {
        const signal = op.expandAxis(a as Tensor, 0) as Tensor
        return op.indexAxis(op.avgPool(signal, width, { ...how, countIncludePad }), 0, 0) as Tensor
      })
    }
    const order = someOrder(d, size)
    return called(name, [x], { ...params, order }, (a) => {
      const signal = op.expandAxis(ordered(a as Tensor, 0, order), 0) as Tensor
      return op.indexAxis(op.maxPool(signal, width, how), 0, 0) as Tensor
    })
  }

export const productKinds: Readonly<Record<string, NodeKind>> = {
  einsum,
  outer: outer("outer", 1, (a, b) => op.einsum("i,j->ij", a, b) as Tensor),
  kron: outer("kron", 2, op.kron),
  conv1d: convolution("conv"),
  convTranspose1d: convolution("convTranspose"),
  conv2d,
  avgPool: pool1d("avgPool"),
  maxPool: pool1d("maxPool"),
}

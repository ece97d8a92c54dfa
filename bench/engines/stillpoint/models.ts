/** The losses of the training steps, composed of Stillpoint's own layers. */
import {
  add,
  broadcastTo,
  crossEntropy,
  einsum,
  exact,
  exp,
  fixedPoint,
  gmres,
  iterate,
  matmul,
  mean,
  mul,
  oneStep,
  permute,
  reshape,
  sliceAxis,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  unrolled,
} from "../../../src/index.js"
import {
  adjointOf,
  type Context,
  cell,
  convolution,
  gru,
  layerNorm,
  mlp,
  positionEmbedding,
  recurrent,
  slotSolver,
  transformerBlock,
} from "../../../src/models/index.js"
import type { Model, Passing } from "../../workloads/index.js"
import { affine, at, classesAt, gates, linear, type Named, norm } from "./names.js"
import { slate } from "./slate.js"

export type Loss = (params: Named, data: Named) => Tensor<[]>

const context: Context = { mode: "train" }

const images = (inputs: number, outputs: number, size: number, activation: "relu" | "none", p: Named, name: string, x: Tensor): Tensor =>
  convolution(inputs, outputs, size, { activation }).apply(affine(p, name), x, context)

/** What the slots look at: features of the image, normalised, as keys [B, D, N] and values [B, N, D]. */
const encode = (p: Named, x: Tensor) => {
  const [batch, side] = x.shape as [number, number]
  let h = images(3, 32, 5, "relu", p, "enc0", x)
  for (const name of ["enc1", "enc2", "enc3"]) h = images(32, 32, 5, "relu", p, name, h)
  h = positionEmbedding(side, side, 32).apply(affine(p, "epos"), h, context)
  h = layerNorm(32).apply(norm(p, "ln"), reshape(h, [batch, side * side, 32]), context)
  h = mlp(32, 32, 32).apply([affine(p, "e0"), affine(p, "e1")], h, context)
  h = layerNorm(32).apply(norm(p, "sa.ni"), h, context)
  return { keys: einsum("bni,id->bdn", h, at(p, "sa.k.w")), values: matmul(h, at(p, "sa.v.w")) as Tensor }
}

/** Every slot on every place, through the network to colours and a share, mixed by the softmax of the shares over slots. */
const decode = (p: Named, slots: Tensor, side: number): Tensor => {
  const [batch, count, width] = slots.shape as [number, number, number]
  const spread = broadcastTo(reshape(slots, [batch * count, 1, 1, width]), [batch * count, side, side, width]) as Tensor
  let y: Tensor = positionEmbedding(side, side, width).apply(affine(p, "dpos"), spread, context)
  y = images(width, 32, 5, "relu", p, "dec0", y)
  for (const name of ["dec1", "dec2"]) y = images(32, 32, 5, "relu", p, name, y)
  y = reshape(images(32, 4, 3, "none", p, "dec3", y), [batch, count, side, side, 4])
  const shares = softmax(sliceAxis(y, -1, 3, 4) as Tensor, 1)
  return sum(mul(sliceAxis(y, -1, 0, 3) as Tensor, shares) as Tensor, [1]) as Tensor
}

const slotAutoencoder =
  (passing: Passing, iterations: number): Loss =>
  (p, data) => {
    const x = at(data, "x")
    const params = {
      normSlots: norm(p, "sa.ns"),
      query: at(p, "sa.q.w"),
      gru: gates(p, "sa."),
      normHidden: norm(p, "sa.nm"),
      mlp: [affine(p, "sa.m0"), affine(p, "sa.m1")],
    } as const
    const refine = cell({ width: 64, hidden: 128 }, params, encode(p, x), context)
    const start = add(mul(at(data, "noise"), exp(at(p, "sa.ls"))), at(p, "sa.mu")) as Tensor
    const slots = fixedPoint(refine, start, slotSolver(iterations, adjointOf(passing, iterations)))
    return mean(square(sub(decode(p, slots, x.shape[1] as number), x) as Tensor))
  }

const multilayer: Loss = (p, data) => {
  const logits = mlp(784, 256, 10).apply([affine(p, "l0"), affine(p, "l1")], at(data, "x"), context)
  return crossEntropy(logits, classesAt(data, "y")) as Tensor<[]>
}

/** The workload's sequence is [time, batch, inputs], the layer's [batch, time, inputs]. */
const recurrence: Loss = (p, data) => {
  const sequence = permute(at(data, "x"), [1, 0, 2]) as Tensor
  return mean(square(recurrent(gru(32, 64), { returns: "last" }).apply(gates(p, ""), sequence, context) as Tensor))
}

const decoder =
  (blocks: number, heads: number): Loss =>
  (p, data) => {
    const block = transformerBlock(192, { heads, causal: true, bias: false })
    let h = add(take(at(p, "emb"), classesAt(data, "x")) as Tensor, at(p, "pos")) as Tensor
    for (let i = 0; i < blocks; i++) {
      const part = (name: string) => linear(p, `b${i}.${name}`)
      const attention = { query: part("q"), key: part("k"), value: part("v"), output: part("o") }
      const network = { first: affine(p, `b${i}.f0`), second: affine(p, `b${i}.f1`) }
      const params = {
        self: { norm: norm(p, `b${i}.n0`), of: attention },
        cross: null,
        feedForward: { norm: norm(p, `b${i}.n1`), of: network },
      }
      h = block.apply(params, h, context)
    }
    const logits = matmul(layerNorm(192).apply(norm(p, "nf"), h, context) as Tensor, at(p, "out.w")) as Tensor
    return crossEntropy(logits, classesAt(data, "y")) as Tensor<[]>
  }

/** Restarted after 20 products, as JAX's solver is. */
const adjoints = (passing: Passing, iterations: number) =>
  passing === "oneStep" ? oneStep : passing === "unrolled" ? unrolled(iterations) : exact(gmres({ memory: 20 }))

const implicit =
  (passing: Passing, iterations: number): Loss =>
  (p, data) => {
    const f = (z: Tensor) => tanh(add(matmul(z, at(p, "W")), at(data, "x")) as Tensor)
    return mean(square(fixedPoint(f, at(data, "z0"), iterate(iterations, { adjoint: adjoints(passing, iterations) }))))
  }

export const lossOf = (model: Model): Loss => {
  switch (model.t) {
    case "slotAutoencoder":
      return slotAutoencoder(model.passing, model.iterations)
    case "mlp":
      return multilayer
    case "recurrent":
      return recurrence
    case "decoder":
      return decoder(model.blocks, model.heads)
    case "slate":
      return slate(model)
    case "fixedPoint":
      return implicit(model.passing, model.iterations)
  }
}

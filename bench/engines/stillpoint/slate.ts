/** SLATE composed of the parts of the library's own, with its random numbers given. */
import {
  add,
  argmax,
  div,
  einsum,
  exp,
  fixedPoint,
  logSoftmax,
  matmul,
  mul,
  reshape,
  sliceAxis,
  softmax,
  stopGradient,
  type Tensor,
} from "../../../src/index.js"
import {
  adjointOf,
  type Context,
  cell,
  dvaeDecoder,
  dvaeEncoder,
  layerNorm,
  mlp,
  slateLoss,
  slotSolver,
  type WordBlockParams,
  type Words,
  wordDecoder,
  wordEmbedding,
} from "../../../src/models/index.js"
import type { Model } from "../../workloads/index.js"
import { affine, at, gates, type Named, norm } from "./names.js"

const context: Context = { mode: "train" }

const convBlocks = (p: Named, names: readonly string[]) => names.map((name) => ({ w: at(p, `${name}.w`), norm: norm(p, name) }))

const encoderParams = (p: Named) => [...convBlocks(p, ["e0", "e1", "e2", "e3", "e4", "e5", "e6"]), affine(p, "e7")]

/** Pixels are shuffled after each doubling, without parameters. */
const painterParams = (p: Named) => [
  ...convBlocks(p, ["p0", "p1", "p2", "p3", "p4"]),
  null,
  ...convBlocks(p, ["p5", "p6", "p7", "p8"]),
  null,
  affine(p, "p9"),
]

const attentionOf = (p: Named, name: string) => ({
  query: at(p, `${name}q.w`),
  key: at(p, `${name}k.w`),
  value: at(p, `${name}v.w`),
  output: at(p, `${name}o.w`),
})

const blockOf = (p: Named, i: number): WordBlockParams => ({
  selfNorm: norm(p, `b${i}.n0`),
  self: attentionOf(p, `b${i}.`),
  crossNorm: norm(p, `b${i}.n1`),
  cross: attentionOf(p, `b${i}.c`),
  networkNorm: norm(p, `b${i}.n2`),
  network: [affine(p, `b${i}.f0`), affine(p, `b${i}.f1`)],
})

type SlateModel = Extract<Model, { readonly t: "slate" }>

/** Slots of the vectors of an image's words. */
const slotsOf = ({ passing, iterations }: SlateModel, p: Named, vectors: Tensor, noise: Tensor): Tensor => {
  const width = vectors.shape[2] as number
  const normed = layerNorm(width).apply(norm(p, "sa.ni"), vectors, context) as Tensor
  const memory = { keys: einsum("bni,id->bdn", normed, at(p, "sa.k.w")), values: matmul(normed, at(p, "sa.v.w")) as Tensor }
  const params = {
    normSlots: norm(p, "sa.ns"),
    query: at(p, "sa.q.w"),
    gru: gates(p, "sa."),
    normHidden: norm(p, "sa.nm"),
    mlp: [affine(p, "sa.m0"), affine(p, "sa.m1")],
  } as const
  const start = add(mul(noise, exp(at(p, "sa.ls"))), at(p, "sa.mu")) as Tensor
  return fixedPoint(
    cell({ width, hidden: width }, params, memory, context),
    start,
    slotSolver(iterations, adjointOf(passing, iterations)),
  ) as Tensor
}

export const slate =
  (model: SlateModel) =>
  (p: Named, data: Named): Tensor<[]> => {
    const x = at(data, "x")
    const [vocabulary, features] = at(p, "out.w").shape.toReversed() as [number, number]
    const dvae = { vocabulary, features: 64 }
    const found = dvaeEncoder(dvae).apply(encoderParams(p), x, context)
    const soft = softmax(div(add(logSoftmax(found), at(data, "soft")) as Tensor, model.temperature) as Tensor) as Tensor
    const reconstruction = dvaeDecoder(dvae).apply(painterParams(p), soft, context)
    const numbers = argmax(add(stopGradient(found), at(data, "drawn")) as Tensor, -1)
    const words = reshape(numbers, [x.shape[0] as number, -1]) as Words
    const length = words.shape[1] as number
    const embedding = wordEmbedding({ vocabulary, length, features, dropout: 0 })
    const vectors = embedding.apply({ table: at(p, "emb"), places: at(p, "pos") }, words, context)
    return slateLoss({ reconstruction, words, scores: scoresOf(model, p, vectors, at(data, "noise")) }, x).loss
  }

/** The decoder's scores of the words, from their slots and from the words before each. */
const scoresOf = (model: SlateModel, p: Named, vectors: Tensor, noise: Tensor): Tensor => {
  const [vocabulary, features] = at(p, "out.w").shape.toReversed() as [number, number]
  const after = vectors.shape[1] as number
  const normed = layerNorm(features).apply(norm(p, "s.n"), sliceAxis(vectors, 1, 1, after) as Tensor, context) as Tensor
  const inputs = mlp(features, features, features).apply([affine(p, "s0"), affine(p, "s1")], normed, context) as Tensor
  const slots = matmul(slotsOf(model, p, inputs, noise), at(p, "so.w")) as Tensor
  const decoder = wordDecoder({ vocabulary, features, blocks: model.blocks, heads: model.heads, dropout: 0 })
  const params = { blocks: Array.from({ length: model.blocks }, (_, i) => blockOf(p, i)), norm: norm(p, "nf"), output: at(p, "out.w") }
  return decoder.apply(params, { x: sliceAxis(vectors, 1, 0, after - 1) as Tensor, slots }, context)
}

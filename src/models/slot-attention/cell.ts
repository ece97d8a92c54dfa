/** One refinement of slots: the map whose fixed point slot attention looks for. */
import type { Tensor } from "../../core/index.js"
import { add, div, einsum, type Key, matmul, mul, permute, reshape, restoreAxes, softmax, splitKeys, sum } from "../../ops/index.js"
import {
  applyPart,
  type Context,
  type DenseParams,
  type GruParams,
  glorot,
  gru,
  type LayerNormParams,
  layerNorm,
  mlp,
} from "../layers/index.js"

/** How what a slot read becomes the slot: by a gated recurrent unit, added to it, or in its place. */
export const updates = ["gru", "residual", "replace"] as const
/** How what a slot read becomes the slot. */
export type SlotUpdate = (typeof updates)[number]

/** Sizes and switches of the cell. */
export interface CellOptions {
  /** Features of a slot, and of keys and values. */
  readonly width: number
  /** Hidden units of the network after the update. */
  readonly hidden: number
  /** Parts of width / heads features, each with weights of its own. Default 1. */
  readonly heads?: number
  /** Default gru, as in the paper. */
  readonly update?: SlotUpdate
  /** Whether a residual network follows the update. Default true. */
  readonly mlp?: boolean
  /** Added to the weights before they are normalised over inputs: the mean of a slot that no input chose stays finite. Default 1e-8. */
  readonly epsilon?: number
  /** Of the layer normalisations. Default 1e-5, PyTorch's; Keras has 1e-3. */
  readonly normEpsilon?: number
}

export const cellDefaults = { heads: 1, update: "gru", mlp: true, epsilon: 1e-8, normEpsilon: 1e-5 } as const

/** Parameters of one refinement. */
export interface CellParams {
  readonly normSlots: LayerNormParams
  /** W_q, [width, width] */
  readonly query: Tensor
  /** Null where the update is another. */
  readonly gru: GruParams | null
  /** Null without the network. */
  readonly normHidden: LayerNormParams | null
  readonly mlp: readonly [DenseParams, DenseParams] | null
}

/** What slots look at, made once from the inputs. */
export interface Memory {
  /** Transposed, [B, width, N]: a slot's scores of all inputs then lie side by side. */
  readonly keys: Tensor
  /** [B, N, width] */
  readonly values: Tensor
}

const parts = ({ width, hidden, normEpsilon = cellDefaults.normEpsilon }: CellOptions) => ({
  norm: layerNorm(width, normEpsilon),
  gru: gru(width, width),
  mlp: mlp(width, hidden, width),
})

/**
 * Parameters of the cell, from a key.
 *
 * @example
 * initCell({ width: 8, hidden: 16 }, key(0)).query.shape // [8, 8]
 */
export const initCell = (options: CellOptions, key: Key): CellParams => {
  const { width, update = cellDefaults.update, mlp: network = cellDefaults.mlp } = options
  const part = parts(options)
  const [q, g, m] = splitKeys(key, 3) as [Key, Key, Key]
  return {
    normSlots: part.norm.init(key),
    query: glorot(q, [width, width], width, width),
    gru: update === "gru" ? part.gru.init(g) : null,
    normHidden: network ? part.norm.init(key) : null,
    mlp: network ? part.mlp.init(m) : null,
  }
}

/**
 * The weights of every head, [B, h, K, N]: softmax over heads and slots together of d^(-1/2) (W_q LN(z)) k', in parts of d = width / h
 * features.
 */
const weightsOf = (options: CellOptions, params: CellParams, { keys }: Memory, slots: Tensor, context: Context): Tensor => {
  const { width, heads = cellDefaults.heads } = options
  const [batch, count, inputs] = [slots.shape[0] as number, slots.shape[1] as number, keys.shape[2] as number]
  const normed = applyPart(context, 0, "normSlots", parts(options).norm, params.normSlots, slots) as Tensor
  const queries = mul(matmul(normed, params.query) as Tensor, (width / heads) ** -0.5) as Tensor
  const scores = einsum(
    "bkhd,bhdn->bhkn",
    reshape(queries, [batch, count, heads, width / heads]) as Tensor,
    reshape(keys, [batch, heads, width / heads, inputs]) as Tensor,
  )
  return reshape(softmax(reshape(scores, [batch, heads * count, inputs]) as Tensor, 1), [batch, heads, count, inputs]) as Tensor
}

/**
 * Which slot explains which input, [B, K, N]: the weights of all heads together. An input's weights sum to one.
 *
 * @example
 * const options = { width: 8, hidden: 16 }
 * const memory = { keys: zeros([1, 8, 5]), values: zeros([1, 5, 8]) } // 5 inputs
 * attend(options, initCell(options, key(0)), memory, zeros([1, 3, 8]), { mode: "eval" }).shape // [1, 3, 5]
 */
export const attend = (options: CellOptions, params: CellParams, memory: Memory, slots: Tensor, context: Context): Tensor =>
  sum(weightsOf(options, params, memory, slots, context), [1]) as Tensor

/**
 * z <- GRU(u, z), z <- z + MLP(LN(z)), where u is the mean of the values weighted by A = attention + epsilon:
 * u_k = sum over n of A_kn v_n / sum over n of A_kn (Locatello et al. 2020, algorithm 1), head by head.
 *
 * @example
 * const options = { width: 8, hidden: 16 }
 * const memory = { keys: zeros([1, 8, 5]), values: zeros([1, 5, 8]) } // 5 inputs
 * const f = cell(options, initCell(options, key(0)), memory, { mode: "eval" })
 * f(zeros([1, 3, 8])).shape // [1, 3, 8]
 */
export const cell =
  (options: CellOptions, params: CellParams, memory: Memory, context: Context) =>
  (slots: Tensor): Tensor => {
    const { width, heads = cellDefaults.heads, update = cellDefaults.update, epsilon = cellDefaults.epsilon } = options
    const part = parts(options)
    const weights = add(weightsOf(options, params, memory, slots, context), epsilon) as Tensor
    const [batch, inputs] = [memory.values.shape[0] as number, memory.values.shape[1] as number]
    const values = reshape(memory.values, [batch, inputs, heads, width / heads]) as Tensor
    const read = einsum("bhkn,bnhd->bkhd", weights, values)
    const total = permute(sum(weights, [3]) as Tensor, [0, 2, 1]) as Tensor
    const mean = reshape(div(read, restoreAxes(total, read.shape, [3])) as Tensor, slots.shape) as Tensor
    const gated = (p: GruParams): Tensor => applyPart(context, 1, "gru", part.gru, p, { x: mean, h: slots }) as Tensor
    const moved = params.gru !== null ? gated(params.gru) : update === "residual" ? (add(slots, mean) as Tensor) : mean
    if (params.mlp === null || params.normHidden === null) return moved
    const normed = applyPart(context, 2, "normHidden", part.norm, params.normHidden, moved) as Tensor
    return add(moved, applyPart(context, 3, "mlp", part.mlp, params.mlp, normed) as Tensor) as Tensor
  }

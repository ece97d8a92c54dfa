/** One refinement of slots: the map whose fixed point slot attention looks for. */
import type { Tensor } from "../../core/index.js"
import { add, div, einsum, type Key, matmul, mul, restoreAxes, softmax, splitKeys, sum } from "../../ops/index.js"
import { type Context, type DenseParams, type GruParams, glorot, gru, type LayerNormParams, layerNorm, mlp } from "../layers/index.js"

/** Sizes of the cell. */
export interface CellSizes {
  /** Features of a slot, and of keys and values. */
  readonly width: number
  /** Hidden units of the network after the recurrent unit. */
  readonly hidden: number
}

export interface CellParams {
  readonly normSlots: LayerNormParams
  /** W_q, [width, width] */
  readonly query: Tensor
  readonly gru: GruParams
  readonly normHidden: LayerNormParams
  readonly mlp: readonly [DenseParams, DenseParams]
}

/** What slots look at, made once from the inputs. */
export interface Memory {
  /** Transposed, [B, width, N]: a slot's scores of all inputs then lie side by side. */
  readonly keys: Tensor
  /** [B, N, width] */
  readonly values: Tensor
}

/** Added to the weights before they are normalised over inputs: the mean of a slot that no input chose stays finite. */
const EPSILON = 1e-8

const parts = ({ width, hidden }: CellSizes) => ({
  normSlots: layerNorm(width),
  gru: gru(width, width),
  normHidden: layerNorm(width),
  mlp: mlp(width, hidden, width),
})

export const initCell = (sizes: CellSizes, key: Key): CellParams => {
  const { width } = sizes
  const part = parts(sizes)
  const [q, g, m] = splitKeys(key, 3) as [Key, Key, Key]
  return {
    normSlots: part.normSlots.init(key),
    query: glorot(q, [width, width], width, width),
    gru: part.gru.init(g),
    normHidden: part.normHidden.init(key),
    mlp: part.mlp.init(m),
  }
}

/** Which slot explains which input, [B, K, N]: softmax over the slots of D^(-1/2) (W_q LN(z)) k'. An input's weights sum to one. */
export const attend = (sizes: CellSizes, params: CellParams, { keys }: Memory, slots: Tensor, context: Context): Tensor => {
  const normed = parts(sizes).normSlots.apply(params.normSlots, slots, context)
  const queries = mul(matmul(normed, params.query) as Tensor, sizes.width ** -0.5) as Tensor
  return softmax(einsum("bkd,bdn->bkn", queries, keys), 1)
}

/**
 * z <- GRU(u, z), z <- z + MLP(LN(z)), where u is the mean of the values weighted by A = attention + 1e-8:
 * u_k = sum over n of A_kn v_n / sum over n of A_kn (Locatello et al. 2020, algorithm 1).
 */
export const cell =
  (sizes: CellSizes, params: CellParams, memory: Memory, context: Context) =>
  (slots: Tensor): Tensor => {
    const part = parts(sizes)
    const weights = add(attend(sizes, params, memory, slots, context), EPSILON) as Tensor
    const read = einsum("bkn,bnd->bkd", weights, memory.values)
    const mean = div(read, restoreAxes(sum(weights, [2]) as Tensor, read.shape, [2])) as Tensor
    const moved = part.gru.apply(params.gru, { x: mean, h: slots }, context) as Tensor
    return add(moved, part.mlp.apply(params.mlp, part.normHidden.apply(params.normHidden, moved, context), context)) as Tensor
  }

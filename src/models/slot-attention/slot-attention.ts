/** Slot attention (Locatello et al. 2020) as a layer whose refinement is a fixed point (Chang, Griffiths and Levine 2022). */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { type Solver, solveFixedPoint, solverCodec } from "../../implicit/index.js"
import {
  add,
  broadcastTo,
  div,
  einsum,
  exp,
  foldIn,
  type Key,
  matmul,
  mul,
  norm,
  normal,
  reshape,
  splitKeys,
  vmap,
} from "../../ops/index.js"
import { type Context, checkFeatures, type Features, glorot, keyFor, type Layer, type LayerNormParams, layerNorm } from "../layers/index.js"
import { variant, whole } from "../schema/index.js"
import { attend, type CellParams, cell, initCell, type Memory } from "./cell.js"

export interface SlotAttentionSpec {
  readonly _tag: "slotAttention"
  /** Features of an input. */
  readonly inputs: number
  readonly slots: number
  readonly width: number
  readonly hidden: number
  /** How many refinements, how the gradient passes them, and what a failure means. */
  readonly solver: Solver
}

export const slotAttentionCodec = variant("slotAttention", {
  inputs: whole(1, 65536),
  slots: whole(1, 256),
  width: whole(1, 65536),
  hidden: whole(1, 65536),
  solver: solverCodec,
})

export interface SlotAttentionParams {
  readonly norm: LayerNormParams
  /** W_k and W_v, [inputs, width] */
  readonly key: Tensor
  readonly value: Tensor
  /** Mean and logarithm of the deviation of initial slots, [width]; shared by all slots. */
  readonly mu: Tensor
  readonly logSigma: Tensor
  readonly cell: CellParams
}

export interface Slots {
  /** [B, K, width] */
  readonly slots: Tensor
  /** Which slot explains which input at the last state, [B, K, N]. */
  readonly attention: Tensor
  /** |f(z) - z| / |z| a scene, [B]: how far the refinement was from its fixed point. Constant to every transform. */
  readonly residual: Tensor
}

/** The refinement of a batch: where it starts and the map that it repeats. */
export interface Refinement {
  readonly start: Tensor
  readonly memory: Memory
  readonly step: (slots: Tensor) => Tensor
}

/** [B, ..., F] as [B, N, F]. */
const asSet = (x: Tensor): Tensor => {
  if (x.shape.length < 3) throw new TraceError(`slotAttention: expected inputs [B, N, features], found ${showType(x.type)}`)
  return reshape(x, [x.shape[0] as number, -1, x.shape[x.shape.length - 1] as number]) as Tensor
}

/**
 * Keys and values, made once: x = LN(inputs), k = x W_k, v = x W_v. Initial slots mu + exp(log sigma) e, e normal, from `context.key`:
 * the noise of scene i belongs to `foldIn(key, i)`, so it does not depend on the batch that the scene is in.
 */
export const refinement = (spec: SlotAttentionSpec, params: SlotAttentionParams, inputs: Tensor, context: Context): Refinement => {
  checkFeatures("slotAttention", inputs, spec.inputs)
  const normed = layerNorm(spec.inputs).apply(params.norm, asSet(inputs), context) as Tensor
  const memory = { keys: einsum("bni,id->bdn", normed, params.key), values: matmul(normed, params.value) as Tensor }
  const shape = [inputs.shape[0] as number, spec.slots, spec.width]
  const start = add(
    mul(normal(keyFor("slotAttention", context), shape) as Tensor, broadcastTo(exp(params.logSigma), shape)),
    params.mu,
  ) as Tensor
  return { start, memory, step: cell(spec, params.cell, memory, context) }
}

/** Norm of each scene's slots, [B]. */
export const sceneNorms = (slots: Tensor): Tensor => vmap((z: Tensor) => norm(z))(slots)

/**
 * Slots from a set of inputs [B, N, features] (or an image's features [B, H, W, features]). `spec.solver` repeats the refinement;
 * only its adjoint tells the variants apart.
 */
export const slotAttention = (
  spec: Omit<SlotAttentionSpec, "_tag">,
): Layer<SlotAttentionParams, Features<number>, Slots, SlotAttentionSpec> => {
  const full: SlotAttentionSpec = { _tag: "slotAttention", ...spec }
  const { inputs, width } = full
  return {
    spec: full,
    init: (key) => {
      const [k, v, m, s, c] = splitKeys(key, 5) as [Key, Key, Key, Key, Key]
      const vector = (of: Key) => reshape(glorot(of, [1, width], 1, width), [width]) as Tensor
      return {
        norm: layerNorm(inputs).init(key),
        key: glorot(k, [inputs, width], inputs, width),
        value: glorot(v, [inputs, width], inputs, width),
        mu: vector(m),
        logSigma: vector(s),
        cell: initCell(full, foldIn(c, 0)),
      }
    },
    apply: (params, x, context) => {
      const { start, memory, step } = refinement(full, params, x as Tensor, context)
      const { z, residual } = solveFixedPoint(step, start, full.solver)
      return {
        slots: z,
        attention: attend(full, params.cell, memory, z, context),
        residual: div(residual, sceneNorms(z)) as Tensor,
      }
    },
  }
}

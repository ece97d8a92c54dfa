/** Slot attention (Locatello et al. 2020) as a layer whose refinement is a fixed point (Chang, Griffiths and Levine 2022). */
import { showType, type Tensor, TraceError } from "../../core/index.js"
import { type Solver, solveFixedPoint, solverCodec } from "../../implicit/index.js"
import {
  add,
  broadcastTo,
  div,
  einsum,
  equal,
  exp,
  foldIn,
  type Key,
  matmul,
  mul,
  norm,
  normal,
  onesLike,
  reshape,
  splitKeys,
  stopGradient,
  sub,
  vmap,
  where,
} from "../../ops/index.js"
import {
  type Context,
  checkFeatures,
  defineLayer,
  type Features,
  float,
  glorot,
  keyFor,
  type Layer,
  type LayerNormParams,
  layerNorm,
} from "../layers/index.js"
import { flag, oneOf, optional, positive, whole } from "../schema/index.js"
import { attend, type CellOptions, type CellParams, cell, cellDefaults, initCell, type Memory, updates } from "./cell.js"
import { adjointOf, slotSolver, variantNames } from "./variants.js"

/** Where initial slots come from: drawn from one learned normal distribution, or learned one by one. */
export const initials = ["random", "learned"] as const
/** Where initial slots come from. */
export type InitialSlots = (typeof initials)[number]

/** Slot attention as data. */
export interface SlotAttentionSpec extends Required<CellOptions> {
  readonly _tag: "slotAttention"
  /** Features of an input. */
  readonly inputs: number
  readonly slots: number
  readonly initial: InitialSlots
  readonly bilevel: boolean
  /** How many refinements, how the gradient passes them, and what a failure means. */
  readonly solver: Solver
}

/** Options of `slotAttention`. */
export interface SlotAttentionOptions extends CellOptions {
  /** Features of an input. */
  readonly inputs: number
  readonly slots: number
  /** Default random. */
  readonly initial?: InitialSlots
  /**
   * Whether the gradient reaches the initial slots straight through, as if the refinement were the identity (Jia, Liu and Huang 2023): for
   * learned slots with an adjoint that would give them none. The value is the same. Default false.
   */
  readonly bilevel?: boolean
  /** How many refinements, how the gradient passes them, and what a failure means: `slotSolver`. */
  readonly solver: Solver
}

/** Parameters of slot attention. */
export interface SlotAttentionParams {
  readonly norm: LayerNormParams
  /** W_k and W_v, [inputs, width] */
  readonly key: Tensor
  readonly value: Tensor
  /** Mean of initial slots, [width], shared by all slots; or the learned slots themselves, [slots, width]. */
  readonly mu: Tensor
  /** Logarithm of the deviation of initial slots, [width]; null where they are learned. */
  readonly logSigma: Tensor | null
  readonly cell: CellParams
}

/** What slot attention finds in a set of inputs. */
export interface Slots {
  /** [B, K, width] */
  readonly slots: Tensor
  /** Which slot explains which input at the last state, [B, K, N]. */
  readonly attention: Tensor
  /** |f(z) - z| / |z| a scene (|f(z) - z| where z = 0), [B]: how far the refinement was from its fixed point. Constant to every transform. */
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
 * Initial slots mu + exp(log sigma) e, e normal, from `context.key`: the noise of scene i does not depend on the batch that the scene is
 * in. Learned slots are the same in every scene, and need no key.
 */
const startOf = ({ slots, width }: SlotAttentionSpec, { mu, logSigma }: SlotAttentionParams, scenes: number, context: Context): Tensor => {
  const shape = [scenes, slots, width]
  if (logSigma === null) return broadcastTo(mu, shape)
  const noise = normal(keyFor("slotAttention", context), shape) as Tensor
  return add(mul(noise, broadcastTo(exp(logSigma), shape)), mu) as Tensor
}

/**
 * Keys and values, made once: x = LN(inputs), k = x W_k, v = x W_v; the initial slots; and the map that is repeated.
 *
 * @example
 * const { spec, init } = slotAttention({ inputs: 4, slots: 3, width: 8, hidden: 16, solver: slotSolver(3, oneStep) })
 * const { start, step } = refinement(spec, init(key(0)), zeros([1, 5, 4]), { key: key(1), mode: "eval" })
 * step(start).shape // [1, 3, 8]
 */
export const refinement = (spec: SlotAttentionSpec, params: SlotAttentionParams, inputs: Tensor, context: Context): Refinement => {
  checkFeatures("slotAttention", inputs, spec.inputs)
  const normed = layerNorm(spec.inputs, spec.normEpsilon).apply(params.norm, asSet(inputs), context) as Tensor
  const memory = { keys: einsum("bni,id->bdn", normed, params.key), values: matmul(normed, params.value) as Tensor }
  const start = startOf(spec, params, inputs.shape[0] as number, context)
  return { start, memory, step: cell(spec, params.cell, memory, context) }
}

/** Norm of each scene's slots, [B]. */
export const sceneNorms = (slots: Tensor): Tensor => vmap((z: Tensor) => norm(z))(slots)

/** How large a change is beside the slots, a scene; the change itself where the slots are exactly zero. */
export const besideSlots = (change: Tensor, slots: Tensor): Tensor => {
  const sizes = sceneNorms(slots)
  return div(change, where(equal(sizes, 0), onesLike(sizes), sizes) as Tensor) as Tensor
}

/**
 * Slots from a set of inputs [B, N, features] (or an image's features [B, H, W, features]). `spec.solver` repeats the refinement;
 * only its adjoint tells the variants apart.
 *
 * @throws TraceError where random initial slots are to be drawn without a key, in either mode; where the heads don't divide the width.
 *
 * @example
 * slotAttention({ inputs: 64, slots: 7, width: 64, hidden: 128, solver: slotSolver(3, oneStep) })
 */
export const slotAttention = (options: SlotAttentionOptions): Layer<SlotAttentionParams, Features<number>, Slots, SlotAttentionSpec> => {
  const { inputs, slots, width, hidden, solver, initial = "random", bilevel = false } = options
  const { heads, update, mlp, epsilon, normEpsilon } = { ...cellDefaults, ...options }
  if (width % heads !== 0) throw new TraceError(`slotAttention: ${heads} heads must divide the width ${width}`)
  const spec: SlotAttentionSpec = {
    _tag: "slotAttention",
    inputs,
    slots,
    width,
    hidden,
    heads,
    initial,
    bilevel,
    update,
    mlp,
    epsilon,
    normEpsilon,
    solver,
  }
  return {
    spec,
    init: (key) => {
      const [k, v, m, s, c] = splitKeys(key, 5) as [Key, Key, Key, Key, Key]
      const vector = (of: Key) => reshape(glorot(of, [1, width], 1, width), [width]) as Tensor
      return {
        norm: layerNorm(inputs).init(key),
        key: glorot(k, [inputs, width], inputs, width),
        value: glorot(v, [inputs, width], inputs, width),
        mu: initial === "learned" ? (normal(m, [slots, width]) as Tensor) : vector(m),
        logSigma: initial === "learned" ? null : vector(s),
        cell: initCell(spec, foldIn(c, 0)),
      }
    },
    apply: (params, x, context) => {
      const { start, memory, step } = refinement(spec, params, x as Tensor, context)
      const { z, residual } = solveFixedPoint(step, start, solver)
      return {
        slots: bilevel ? (add(z, sub(start, stopGradient(start)) as Tensor) as Tensor) : z,
        attention: attend(spec, params.cell, memory, z, context),
        residual: besideSlots(residual, stopGradient(z)),
      }
    },
  }
}

defineLayer({
  tag: "slotAttention",
  fields: {
    inputs: whole(1, 65536),
    slots: whole(1, 256),
    width: whole(1, 65536),
    hidden: whole(1, 65536),
    heads: optional(whole(1, 1024), cellDefaults.heads),
    initial: optional(oneOf(...initials), "random"),
    bilevel: optional(flag, false),
    update: optional(oneOf(...updates), cellDefaults.update),
    mlp: optional(flag, cellDefaults.mlp),
    epsilon: optional(positive, cellDefaults.epsilon),
    normEpsilon: optional(positive, cellDefaults.normEpsilon),
    solver: solverCodec,
  },
  build: slotAttention,
  example: (choose) => {
    const inputs = choose.int(1, 3)
    const pick = <A>(all: readonly A[]) => all[choose.int(0, all.length - 1)] as A
    const [n, variant, heads] = [choose.int(1, 2), pick(variantNames), choose.int(1, 2)]
    const layer = slotAttention({
      inputs,
      slots: choose.int(1, 3),
      width: heads * choose.int(1, 2),
      hidden: choose.int(1, 3),
      heads,
      initial: pick(initials),
      bilevel: choose.bool(),
      update: pick(updates),
      mlp: choose.bool(),
      solver: slotSolver(n, adjointOf(variant, n)),
    })
    return { layer, input: float(choose.int(1, 2), choose.int(2, 4), inputs) }
  },
})

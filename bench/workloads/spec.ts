/** What a workload is: data that every engine reads, so that all do the same work. */

/** How a tensor is filled. */
export type Fill =
  | { readonly t: "normal"; readonly deviation: number }
  /** -log(-log u), u uniform in (0, 1). */
  | { readonly t: "gumbel" }
  /** Uniform within sqrt(6 / (area (inputs + outputs))), where the last two axes are inputs and outputs. */
  | { readonly t: "glorot" }
  | { readonly t: "constant"; readonly value: number }
  /** Whole numbers from 0 below a bound. */
  | { readonly t: "classes"; readonly below: number }
  /** Coordinates y, x, 1 - y, 1 - x from 0 to 1 of a square image. */
  | { readonly t: "places" }
  /** Normal, scaled to a spectral norm. */
  | { readonly t: "spectral"; readonly norm: number }

export interface TensorSpec {
  readonly shape: readonly number[]
  readonly fill: Fill
}

export type Tensors = Readonly<Record<string, TensorSpec>>

/** A function of a few tensors. Images are [N, H, W, C], kernels [h, w, C, F]. */
export type KernelFunction =
  | { readonly t: "matmul" }
  /** SAME, stride 1. `dx` and `dw` are the gradients for a given cotangent `g` of the result. */
  | { readonly t: "conv"; readonly pass: "forward" | "dx" | "dw" }
  /** sigmoid(a w + b) a + 0.5 exp(-a a) */
  | { readonly t: "chain" }
  | { readonly t: "softmax" }
  | { readonly t: "layerNorm" }
  /** softmax over the last axis, + 1e-8, divided by its sum over axis 1, then the weighted sum of values: [B, N, K], [B, N, D] -> [B, K, D] */
  | { readonly t: "attention" }

export interface Kernel {
  readonly kind: "kernel"
  readonly id: string
  /** Workloads of one family start from the same numbers. */
  readonly family: string
  readonly function: KernelFunction
  readonly inputs: Tensors
  readonly output: readonly number[]
  /** Two a multiply-add, taps in the padding counted; null where a rate says nothing. */
  readonly flops: number | null
  /** Of inputs and output, each touched once. */
  readonly bytes: number
}

/** How the gradient passes a fixed point. */
export type Passing = "oneStep" | "unrolled" | "exact"

/** What is trained. */
export type Model =
  | { readonly t: "slotAutoencoder"; readonly passing: Passing; readonly iterations: number }
  | { readonly t: "mlp" }
  | { readonly t: "recurrent" }
  | { readonly t: "decoder"; readonly blocks: number; readonly heads: number }
  | {
      readonly t: "slate"
      readonly passing: Passing
      readonly iterations: number
      readonly blocks: number
      readonly heads: number
      readonly temperature: number
    }
  | { readonly t: "fixedPoint"; readonly passing: Passing; readonly iterations: number }

/** Loss, gradient, and one update by Adam. */
export interface Training {
  readonly kind: "training"
  readonly id: string
  readonly family: string
  readonly model: Model
  readonly params: Tensors
  readonly data: Tensors
}

export type Workload = Kernel | Training

export const adamOptions = { rate: 4e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1)

export const isInt = ({ fill }: TensorSpec): boolean => fill.t === "classes"

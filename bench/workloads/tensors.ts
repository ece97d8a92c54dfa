/** Tensors of models by name: how they are filled, and those of layers. */
import type { Fill, TensorSpec, Tensors } from "./spec.js"

export const of = (fill: Fill, ...shape: readonly number[]): TensorSpec => ({ shape, fill })
export const normal = (...shape: readonly number[]) => of({ t: "normal", deviation: 1 }, ...shape)
export const small = (deviation: number, ...shape: readonly number[]) => of({ t: "normal", deviation }, ...shape)
export const glorot = (...shape: readonly number[]) => of({ t: "glorot" }, ...shape)
export const zeros = (...shape: readonly number[]) => of({ t: "constant", value: 0 }, ...shape)
export const ones = (...shape: readonly number[]) => of({ t: "constant", value: 1 }, ...shape)
export const classes = (below: number, ...shape: readonly number[]) => of({ t: "classes", below }, ...shape)

export const dense = (name: string, inputs: number, outputs: number): Tensors => ({
  [`${name}.w`]: glorot(inputs, outputs),
  [`${name}.b`]: zeros(outputs),
})
export const norm = (name: string, features: number): Tensors => ({ [`${name}.g`]: ones(features), [`${name}.b`]: zeros(features) })
export const conv = (name: string, size: number, inputs: number, outputs: number): Tensors => ({
  [`${name}.w`]: glorot(size, size, inputs, outputs),
  [`${name}.b`]: zeros(outputs),
})

export const slotAttention = (inputs: number, width: number, hidden: number): Tensors => ({
  ...norm("sa.ni", inputs),
  ...norm("sa.ns", width),
  ...norm("sa.nm", width),
  "sa.q.w": glorot(width, width),
  "sa.k.w": glorot(inputs, width),
  "sa.v.w": glorot(inputs, width),
  ...dense("sa.ih", width, 3 * width),
  ...dense("sa.hh", width, 3 * width),
  ...dense("sa.m0", width, hidden),
  ...dense("sa.m1", hidden, width),
  "sa.mu": glorot(1, 1, width),
  "sa.ls": glorot(1, 1, width),
})

/**
 * jax-js on its wasm backend, and what its models share. A function takes its arrays over: one that is used again is handed on as `.ref`.
 * Parameters and data are only lent to a loss, which ends by disposing of what it was handed.
 */
import { type Array as JaxArray, lax, nn, numpy as np } from "@jax-js/jax"
import { at, type NamedOf } from "../named.js"

export type { JaxArray }
export type Named = NamedOf<JaxArray>

const kept = { keepdims: true } as const

export const norm = (x: JaxArray, scale: JaxArray, shift: JaxArray): JaxArray => {
  const mean = np.mean(x.ref, -1, kept)
  const centred = x.sub(mean)
  const variance = np.mean(np.square(centred.ref), -1, kept)
  return centred
    .div(np.sqrt(variance.add(1e-5)))
    .mul(scale)
    .add(shift)
}

export const linear = (p: Named, name: string, x: JaxArray): JaxArray => np.matmul(x, at(p, `${name}.w`).ref)
export const dense = (p: Named, name: string, x: JaxArray): JaxArray => linear(p, name, x).add(at(p, `${name}.b`).ref)
export const normed = (p: Named, name: string, x: JaxArray): JaxArray => norm(x, at(p, `${name}.g`).ref, at(p, `${name}.b`).ref)

/** [B, N, K] scores and [B, N, D] values to [B, K, D]. */
export const attention = (scores: JaxArray, values: JaxArray): JaxArray => {
  const weights = nn.softmax(scores, -1).add(1e-8)
  const shares = weights.ref.div(np.sum(weights, 1, kept))
  return np.matmul(np.transpose(shares, [0, 2, 1]), values)
}

/** Images [N, C, H, W], kernels [F, C, h, w]: the only layout that it has. */
export const convolve = (x: JaxArray, w: JaxArray): JaxArray => lax.conv(x, w, [1, 1], "SAME")

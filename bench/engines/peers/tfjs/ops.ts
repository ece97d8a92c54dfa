/** TensorFlow.js with its wasm backend, and what its models share. */
import { createRequire } from "node:module"
import { dirname } from "node:path"
import type { Tensor } from "@tensorflow/tfjs"
import { at, type NamedOf } from "../named.js"

const require = createRequire(import.meta.url)
export const tf = require("@tensorflow/tfjs") as typeof import("@tensorflow/tfjs")
const wasm = require("@tensorflow/tfjs-backend-wasm") as typeof import("@tensorflow/tfjs-backend-wasm")

export type Named = NamedOf<Tensor>

/** Whether the wasm backend is there; TensorFlow.js falls back to plain JavaScript without a word. */
export const start = async (): Promise<boolean> => {
  wasm.setWasmPaths(`${dirname(require.resolve("@tensorflow/tfjs-backend-wasm"))}/`)
  await tf.setBackend("wasm")
  await tf.ready()
  return tf.getBackend() === "wasm"
}

export const norm = (x: Tensor, scale: Tensor, shift: Tensor): Tensor => {
  const centred = tf.sub(x, tf.mean(x, -1, true))
  const variance = tf.mean(tf.square(centred), -1, true)
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), scale), shift)
}

/** Products with a matrix, whatever the axes before the last. */
export const product = (x: Tensor, w: Tensor): Tensor =>
  x.rank === 2
    ? tf.matMul(x, w)
    : tf.reshape(tf.matMul(tf.reshape(x, [-1, x.shape[x.rank - 1] as number]), w), [...x.shape.slice(0, -1), w.shape[1] as number])

export const linear = (p: Named, name: string, x: Tensor): Tensor => product(x, at(p, `${name}.w`))
export const dense = (p: Named, name: string, x: Tensor): Tensor => tf.add(linear(p, name, x), at(p, `${name}.b`))
export const normed = (p: Named, name: string, x: Tensor): Tensor => norm(x, at(p, `${name}.g`), at(p, `${name}.b`))

/** [B, N, K] scores and [B, N, D] values to [B, K, D]. */
export const attention = (scores: Tensor, values: Tensor): Tensor => {
  const weights = tf.add(tf.softmax(scores, -1), 1e-8)
  return tf.matMul(tf.div(weights, tf.sum(weights, 1, true)), values, true, false)
}

export const convolve = (x: Tensor, w: Tensor): Tensor => tf.conv2d(x as never, w as never, 1, "same")
export const inputGradient = (g: Tensor, w: Tensor, shape: readonly number[]): Tensor =>
  tf.conv2dTranspose(g as never, w as never, shape as never, 1, "same")

/**
 * The gradient to the kernel, which the backend lacks, as a convolution of what it has: channels of x are its images, x's padded pixels its
 * pixels, the batch its channels, and g its kernel.
 */
export const kernelGradient = (x: Tensor, g: Tensor, size: number): Tensor => {
  const around = (size - 1) / 2
  const images = tf.transpose(
    tf.pad(x, [
      [0, 0],
      [around, around],
      [around, around],
      [0, 0],
    ]),
    [3, 1, 2, 0],
  )
  return tf.transpose(tf.conv2d(images as never, tf.transpose(g, [1, 2, 0, 3]) as never, 1, "valid"), [1, 2, 0, 3])
}

/** A convolution whose derivatives the backend can run. */
export const trainable = tf.customGrad(((x: Tensor, w: Tensor, save: (tensors: Tensor[]) => void) => {
  save([x, w])
  return {
    value: convolve(x, w),
    gradFunc: (g: Tensor, [a, b]: [Tensor, Tensor]) => [inputGradient(g, b, a.shape), kernelGradient(a, g, b.shape[0] as number)],
  }
}) as never) as (x: Tensor, w: Tensor) => Tensor

/** A value that no gradient passes. */
export const constant = (f: () => Tensor): Tensor => tf.customGrad((() => ({ value: f(), gradFunc: () => [] })) as never)() as Tensor

/** Kernels K1 to K5. */
import { type Kernel, type KernelFunction, sizeOf, type Tensors } from "./spec.js"

const normal = (...shape: readonly number[]) => ({ shape, fill: { t: "normal", deviation: 1 } }) as const

const kernel = (
  id: string,
  family: string,
  f: KernelFunction,
  inputs: Tensors,
  output: readonly number[],
  flops: number | null,
): Kernel => ({
  kind: "kernel",
  id,
  family,
  function: f,
  inputs,
  output,
  flops,
  bytes: 4 * [...Object.values(inputs).map(({ shape }) => shape), output].reduce((n, shape) => n + sizeOf(shape), 0),
})

const matmul = (id: string, a: readonly number[], b: readonly number[]): Kernel => {
  const columns = b[b.length - 1] as number
  const output = [...a.slice(0, -1), columns]
  return kernel(id, id, { t: "matmul" }, { a: normal(...a), b: normal(...b) }, output, 2 * sizeOf(a) * columns)
}

const passes = ["forward", "dx", "dw"] as const

const conv = (id: string, batch: number, side: number, size: number, channels: number): readonly Kernel[] => {
  const [image, weights] = [
    [batch, side, side, channels],
    [size, size, channels, channels],
  ] as const
  const flops = 2 * sizeOf(image) * size * size * channels
  return passes.map((pass) => {
    const [x, w, g] = [normal(...image), normal(...weights), normal(...image)]
    const inputs: Tensors = pass === "forward" ? { x, w } : pass === "dx" ? { w, g } : { x, g }
    return kernel(`${id}.${pass}`, id, { t: "conv", pass }, inputs, pass === "dw" ? weights : image, flops)
  })
}

const long = normal(2 ** 20)

export const kernels: readonly Kernel[] = [
  ...[64, 256, 512, 1024].map((n) => matmul(`K1.${n}`, [n, n], [n, n])),
  matmul("K1b.a", [64, 576, 64], [64, 64, 4]),
  matmul("K1b.b", [4, 64], [64, 64]),
  matmul("K1b.c", [32, 7, 64], [64, 192]),
  ...conv("K2a", 1, 56, 3, 64),
  ...conv("K2b", 32, 35, 5, 32),
  kernel("K3", "K3", { t: "chain" }, { a: long, w: long, b: long }, [2 ** 20], null),
  kernel("K4.softmax", "K4.softmax", { t: "softmax" }, { x: normal(1024, 1024) }, [1024, 1024], null),
  kernel(
    "K4.layerNorm",
    "K4.layerNorm",
    { t: "layerNorm" },
    { x: normal(4096, 192), scale: normal(192), shift: normal(192) },
    [4096, 192],
    null,
  ),
  kernel("K5", "K5", { t: "attention" }, { scores: normal(32, 576, 4), values: normal(32, 576, 64) }, [32, 4, 64], null),
]

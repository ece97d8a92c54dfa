/** TensorFlow.js on its wasm backend, with SIMD, on one thread (its threads need a browser's workers). */
import type { Scalar, Tensor, Variable } from "@tensorflow/tfjs"
import { adamOptions, type Filled, type Kernel, numbers, type Training, type Workload } from "../../../workloads/index.js"
import { losses, type OpenEngine, output, type Prepared, timed } from "../../engine.js"
import { causal, oneHot } from "../arrays.js"
import { at, mapped } from "../named.js"
import { lossOf } from "./models.js"
import { attention, convolve, inputGradient, kernelGradient, type Named, norm, product, start, tf } from "./ops.js"

const made = ({ data, shape }: Filled): Tensor => tf.tensor(data, [...shape], data instanceof Int32Array ? "int32" : "float32")

const functionOf = ({ function: f, output: shape }: Kernel): ((t: Named) => Tensor) => {
  switch (f.t) {
    case "matmul":
      return (t) => (at(t, "b").rank === 2 ? product(at(t, "a"), at(t, "b")) : tf.matMul(at(t, "a"), at(t, "b")))
    case "conv":
      if (f.pass === "forward") return (t) => convolve(at(t, "x"), at(t, "w"))
      if (f.pass === "dx") return (t) => inputGradient(at(t, "g"), at(t, "w"), shape)
      return (t) => kernelGradient(at(t, "x"), at(t, "g"), shape[0] as number)
    case "chain":
      return (t) => {
        const [a, w, b] = [at(t, "a"), at(t, "w"), at(t, "b")]
        return tf.add(tf.mul(tf.sigmoid(tf.add(tf.mul(a, w), b)), a), tf.mul(0.5, tf.exp(tf.neg(tf.mul(a, a)))))
      }
    case "softmax":
      return (t) => tf.softmax(at(t, "x"))
    case "layerNorm":
      return (t) => norm(at(t, "x"), at(t, "scale"), at(t, "shift"))
    case "attention":
      return (t) => attention(at(t, "scores"), at(t, "values"))
  }
}

const prepareKernel = (kernel: Kernel): Prepared => {
  const tensors = mapped(numbers(kernel), made)
  const f = functionOf(kernel)
  const call = () => tf.tidy(() => f(tensors))
  return {
    result: () =>
      output(call, (y) => {
        const data = y.dataSync()
        y.dispose()
        return data
      }),
    run: timed(() => call().dispose()),
    dispose: () => tf.dispose(tensors as never),
  }
}

/** Data as TensorFlow.js wants it: classes as rows with a one. */
const dataOf = (workload: Training, all: Readonly<Record<string, Filled>>): Record<string, Filled> => {
  const data: Record<string, Filled> = Object.fromEntries(Object.keys(workload.data).map((name) => [name, at(all, name)]))
  for (const [name, { fill }] of Object.entries(workload.data))
    if (fill.t === "classes") {
      data[`${name}Rows`] = oneHot(at(all, name), fill.below)
      delete data[name]
    }
  return workload.model.t === "decoder" ? { ...data, mask: causal(256) } : data
}

const prepareTraining = (workload: Training): Prepared => {
  const all = numbers(workload)
  const params: Record<string, Variable> = mapped(workload.params, (_, name) => tf.variable(made(at(all, name))))
  const data = mapped(dataOf(workload, all), made)
  const { rate, beta1, beta2, epsilon } = adamOptions
  const optimiser = tf.train.adam(rate, beta1, beta2, epsilon)
  const loss = lossOf(workload.model)
  if (loss === null) throw new Error("not written for it")
  const step = (): number =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() => loss(params, data) as Scalar, Object.values(params))
      optimiser.applyGradients(grads as never) // its own result, which its type does not know
      return value.dataSync()[0] as number
    })
  return {
    result: () => losses(step),
    run: timed(step),
    dispose: () => {
      optimiser.dispose()
      tf.dispose([...Object.values(params), ...Object.values(data)])
    },
  }
}

const helped = (workload: Workload): string | null => {
  if (workload.kind === "kernel")
    return workload.function.t === "conv" && workload.function.pass === "dw"
      ? "no gradient to the kernel: as a convolution of transposed tensors"
      : null
  if (workload.model.t === "slotAutoencoder") return "no gradient to kernels: as convolutions of transposed tensors"
  return workload.model.t === "decoder" ? "no gradient of a lookup: products with rows of ones" : null
}

export const open: OpenEngine = async ({ threads }) => {
  if (threads > 1) return "tfjs: one thread outside of browsers"
  if (!(await start())) return "tfjs: its wasm backend did not start"
  return {
    name: "tfjs",
    version: tf.version.tfjs,
    threads: 1,
    lacks: (workload) =>
      workload.kind === "training" && "passing" in workload.model && workload.model.passing === "exact"
        ? "no implicit differentiation"
        : null,
    helped,
    prepare: async (workload) => (workload.kind === "kernel" ? prepareKernel(workload) : prepareTraining(workload)),
    close: async () => undefined,
  }
}

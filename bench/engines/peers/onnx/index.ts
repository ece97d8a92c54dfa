/** ONNX Runtime's native CPU provider: forward passes of kernels. */
import { createRequire } from "node:module"
import { type Filled, type Kernel, numbers } from "../../../workloads/index.js"
import { type OpenEngine, output, type Prepared, timed } from "../../engine.js"
import { permuted } from "../arrays.js"
import { mapped } from "../named.js"
import { model, type Node } from "./model.js"

const require = createRequire(import.meta.url)
const { InferenceSession, Tensor, env } = require("onnxruntime-node") as typeof import("onnxruntime-node")

/** Nodes of a kernel, from its inputs by their names to `y`. */
const nodesOf = ({ function: f, inputs }: Kernel): readonly Node[] => {
  const one = (op: string, from: readonly string[], attributes: NonNullable<Node["attributes"]> = {}): Node => ({
    op,
    inputs: from,
    output: "y",
    attributes,
  })
  switch (f.t) {
    case "matmul":
      return [one("MatMul", ["a", "b"])]
    case "conv": {
      const around = ((inputs.w?.shape[0] ?? 1) - 1) / 2
      return [one("Conv", ["x", "w"], { pads: [around, around, around, around] })]
    }
    case "chain":
      return [
        { op: "Mul", inputs: ["a", "w"], output: "aw" },
        { op: "Add", inputs: ["aw", "b"], output: "sum" },
        { op: "Sigmoid", inputs: ["sum"], output: "gate" },
        { op: "Mul", inputs: ["gate", "a"], output: "left" },
        { op: "Mul", inputs: ["a", "a"], output: "square" },
        { op: "Neg", inputs: ["square"], output: "less" },
        { op: "Exp", inputs: ["less"], output: "bell" },
        { op: "Mul", inputs: ["bell", "half"], output: "right" },
        one("Add", ["left", "right"]),
      ]
    case "softmax":
      return [one("Softmax", ["x"], { axis: 1 })]
    case "layerNorm":
      return [one("LayerNormalization", ["x", "scale", "shift"], { axis: 1, epsilon: { float: 1e-5 } })]
    case "attention":
      return [
        { op: "Softmax", inputs: ["scores"], output: "shares", attributes: { axis: 2 } },
        { op: "Add", inputs: ["shares", "epsilon"], output: "weights" },
        { op: "ReduceL1", inputs: ["weights"], output: "total", attributes: { axes: [1], keepdims: 1 } },
        { op: "Div", inputs: ["weights", "total"], output: "mean" },
        { op: "Transpose", inputs: ["mean"], output: "turned", attributes: { perm: [0, 2, 1] } },
        one("MatMul", ["turned", "values"]),
      ]
  }
}

/** Numbers that a graph has beside its inputs. */
const constants: Readonly<Record<string, Readonly<Record<string, number>>>> = { chain: { half: 0.5 }, attention: { epsilon: 1e-8 } }

/** It has images [N, C, H, W] and kernels [F, C, h, w]. */
const arranged = (kernel: Kernel): Readonly<Record<string, Filled>> => {
  const all = numbers(kernel)
  if (kernel.function.t === "conv") return mapped(all, (filled, name) => permuted(filled, name === "w" ? [3, 2, 0, 1] : [0, 3, 1, 2]))
  return { ...all, ...mapped(constants[kernel.function.t] ?? {}, (x) => ({ shape: [1], data: Float32Array.of(x) })) }
}

const prepare = async (kernel: Kernel, threads: number): Promise<Prepared> => {
  const isConv = kernel.function.t === "conv"
  const tensors = arranged(kernel)
  const shape = isConv ? [0, 3, 1, 2].map((axis) => kernel.output[axis] as number) : kernel.output
  const graph = model(
    nodesOf(kernel),
    mapped(tensors, (t) => t.shape),
    shape,
  )
  const session = await InferenceSession.create(graph, { intraOpNumThreads: threads, interOpNumThreads: 1 })
  const feeds = mapped(tensors, (t) => new Tensor("float32", t.data as Float32Array, [...t.shape]))
  const call = () => session.run(feeds)
  return {
    result: () =>
      output(call, ({ y }) => {
        const data = y?.data as Float32Array
        return isConv ? permuted({ shape, data }, [0, 2, 3, 1]).data : data
      }),
    run: timed(call),
    dispose: () => session.release(),
  }
}

export const open: OpenEngine = async ({ threads }) => ({
  name: "onnx",
  version: env.versions.node ?? "unknown",
  threads,
  lacks: (workload) =>
    workload.kind === "training" || (workload.function.t === "conv" && workload.function.pass !== "forward") ? "forward passes only" : null,
  prepare: async (workload) => {
    if (workload.kind !== "kernel") throw new Error("onnx: kernels only")
    return prepare(workload, threads)
  },
  close: async () => undefined,
})

/** jax-js on its wasm backend: kernels and whole training steps under jit, on one thread (Node has no workers of the kind it wants). */
import { readFileSync } from "node:fs"
import { blockUntilReady, defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad, vjp } from "@jax-js/jax"
import { adamOptions, type Filled, type Kernel, numbers, type Training, type Workload } from "../../../workloads/index.js"
import { losses, type OpenEngine, output, type Prepared, timed } from "../../engine.js"
import { causal, oneHot, permuted } from "../arrays.js"
import { at, mapped } from "../named.js"
import { lossOf } from "./models.js"
import { attention, convolve, type JaxArray, type Named, norm } from "./ops.js"

const made = ({ data, shape }: Filled): JaxArray =>
  np.array(data as never, { shape: [...shape], dtype: data instanceof Int32Array ? np.int32 : np.float32 })

const [toImage, toKernel] = [
  [0, 3, 1, 2],
  [3, 2, 0, 1],
]
const [fromImage, fromKernel] = [
  [0, 2, 3, 1],
  [2, 3, 1, 0],
]

/** The gradient of a convolution to the operand that it is linear in; what it is taken at does not matter. */
const pulled = (f: (x: JaxArray) => JaxArray, shape: readonly number[], cotangent: JaxArray): JaxArray => {
  const [y, back] = vjp(f, [np.zeros([...shape])])
  y.dispose()
  return back(cotangent)[0] as JaxArray
}

/** Takes its inputs over. */
const functionOf = ({ function: f, output: shape }: Kernel): ((t: Named) => JaxArray) => {
  switch (f.t) {
    case "matmul":
      return (t) => np.matmul(at(t, "a"), at(t, "b"))
    case "conv": {
      const from = (f.pass === "dw" ? toKernel : toImage).map((axis) => shape[axis] as number)
      if (f.pass === "forward") return (t) => convolve(at(t, "x"), at(t, "w"))
      return f.pass === "dx"
        ? (t) => pulled((x) => convolve(x, at(t, "w")), from, at(t, "g"))
        : (t) => pulled((w) => convolve(at(t, "x"), w), from, at(t, "g"))
    }
    case "chain":
      return (t) => {
        const a = at(t, "a")
        return nn
          .sigmoid(a.ref.mul(at(t, "w")).add(at(t, "b")))
          .mul(a.ref)
          .add(np.exp(np.square(a).mul(-1)).mul(0.5))
      }
    case "softmax":
      return (t) => nn.softmax(at(t, "x"), -1)
    case "layerNorm":
      return (t) => norm(at(t, "x"), at(t, "scale"), at(t, "shift"))
    case "attention":
      return (t) => attention(at(t, "scores"), at(t, "values"))
  }
}

const prepareKernel = (kernel: Kernel): Prepared => {
  const { function: of } = kernel
  const arranged = (filled: Filled, name: string) => (of.t === "conv" ? permuted(filled, name === "w" ? toKernel : toImage) : filled)
  const tensors = mapped(numbers(kernel), (filled, name) => made(arranged(filled, name)))
  const f = jit(functionOf(kernel) as never) as unknown as (t: Named) => JaxArray
  const call = async (): Promise<JaxArray> => {
    const y = f(tree.ref(tensors as never))
    await blockUntilReady(y)
    return y
  }
  return {
    result: () =>
      output(call, async (y) => {
        const { shape } = y
        const data = (await y.data()) as Float32Array
        return of.t === "conv" ? permuted({ shape, data }, of.pass === "dw" ? fromKernel : fromImage).data : data
      }),
    run: timed(async () => (await call()).dispose()),
    dispose: () => tree.dispose(tensors as never),
  }
}

/** Classes as rows with a one; a sequence as its rows, for it can't take one of them inside of jit. */
const dataOf = (workload: Training, all: Readonly<Record<string, Filled>>): Record<string, Filled> => {
  const out: Record<string, Filled> = {}
  for (const [name, { fill, shape }] of Object.entries(workload.data)) {
    const filled = at(all, name)
    if (fill.t === "classes") out[`${name}Rows`] = oneHot(filled, fill.below)
    else if (workload.model.t === "recurrent") {
      const [, ...row] = shape
      const size = filled.data.length / (shape[0] as number)
      for (let i = 0; i < (shape[0] as number); i++)
        out[`${name}${i}`] = { shape: row, data: filled.data.slice(i * size, (i + 1) * size) as Float32Array }
    } else out[name] = filled
  }
  return workload.model.t === "decoder" ? { ...out, mask: causal(256) } : out
}

type State = [params: Record<string, JaxArray>, mean: Record<string, JaxArray>, square: Record<string, JaxArray>]

const prepareTraining = (workload: Training): Prepared => {
  const loss = lossOf(workload.model)
  if (loss === null) throw new Error("jax-js: it has no such step")
  const all = numbers(workload)
  const { rate, beta1, beta2, epsilon } = adamOptions
  const zeros = () => mapped(workload.params, ({ shape }) => np.zeros([...shape]))
  let [params, mean, square]: State = [mapped(workload.params, (_, name) => made(at(all, name))), zeros(), zeros()]
  const data = mapped(dataOf(workload, all), made)
  const lent = (p: Named, d: Named): JaxArray => {
    const value = loss(p, d)
    tree.dispose([p, d] as never)
    return value
  }
  const gradient = valueAndGrad(lent as never) as unknown as (p: unknown, d: unknown) => [JaxArray, Record<string, JaxArray>]
  const update = jit(((p: Named, m: Named, v: Named, size: JaxArray, root: JaxArray, d: Named) => {
    const [value, g] = gradient(tree.ref(p as never), d)
    const next: State = [{}, {}, {}]
    for (const name of Object.keys(p)) {
      const slope = at(g, name)
      const first = at(m, name)
        .mul(beta1)
        .add(slope.ref.mul(1 - beta1))
      const second = at(v, name)
        .mul(beta2)
        .add(np.square(slope).mul(1 - beta2))
      const along = first.ref.div(np.sqrt(second.ref).div(root.ref).add(epsilon))
      next[0][name] = at(p, name).sub(along.mul(size.ref))
      next[1][name] = first
      next[2][name] = second
    }
    size.dispose()
    root.dispose()
    return [...next, value]
  }) as never) as unknown as (...args: unknown[]) => [...State, JaxArray]
  let count = 0
  const step = async (): Promise<number> => {
    count++
    const [size, root] = [np.array(rate / (1 - beta1 ** count)), np.array(Math.sqrt(1 - beta2 ** count))]
    const [p, m, v, value] = update(params, mean, square, size, root, tree.ref(data as never))
    ;[params, mean, square] = [p, m, v]
    await blockUntilReady([p, m, v] as never)
    return ((await value.data()) as Float32Array)[0] as number
  }
  return {
    result: () => losses(step),
    run: timed(step),
    dispose: () => tree.dispose([params, mean, square, data] as never),
  }
}

const lacks = (workload: Workload): string | null => {
  if (workload.kind === "kernel" || lossOf(workload.model) !== null) return null
  if (workload.model.t === "slate") return "not written for it"
  return workload.model.t === "slotAutoencoder" ? "no step within two minutes: its convolutions are slow" : "no implicit differentiation"
}

const version = (): string => {
  const file = new URL("../../../node_modules/@jax-js/jax/package.json", import.meta.url)
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version
}

export const open: OpenEngine = async ({ threads }) => {
  if (threads > 1) return "jax-js: one thread outside of browsers"
  if (!(await init("wasm")).includes("wasm")) return "jax-js: its wasm backend did not start"
  defaultDevice("wasm")
  return {
    name: "jax-js",
    version: version(),
    threads: 1,
    lacks,
    helped: (workload) => (workload.kind === "training" && workload.model.t === "decoder" ? "lookup by products with rows of ones" : null),
    prepare: async (workload) => (workload.kind === "kernel" ? prepareKernel(workload) : prepareTraining(workload)),
    close: async () => undefined,
  }
}

/** Table 1 of Chang, Griffiths and Levine (2022) with our slot attention: what the backward pass keeps and costs, by iterations. */
import * as E from "fp-ts/lib/Either.js"
import { closeBody, constantData, flatten, harvestGraph, physicalShape, simplifyGraph, unflatten } from "../src/core/index.js"
import { openTarget } from "../src/core/targets/registry.js"
import type { DeviceBuffer, Executable, TargetSession } from "../src/core/targets/target.js"
import {
  type Adjoint,
  type AnyTensor,
  evaluate,
  exact,
  type Graph,
  gmres,
  key,
  mean,
  normal,
  oneStep,
  square,
  type Tensor,
  unrolled,
  valueAndGrad,
} from "../src/index.js"
import { type SlotAttentionParams, slotAttention, slotSolver } from "../src/models/index.js"

export const title = "the paper's Table 1: backward bytes identical and time flat for n = 1 to 64, unrolled growing"

const counts = [1, 8, 16, 32, 64]
const [scenes, inputs, width] = [8, 196, 32]
const rounds = 15

const right = <A>(result: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

interface Programs {
  readonly value: Graph
  readonly both: Graph
  readonly data: readonly Float64Array[]
}

/** The loss of the slots, and the loss with its gradient, for n refinements. */
const programs = (n: number, adjoint: Adjoint): Programs => {
  const layer = slotAttention({ inputs: width, slots: 4, width, hidden: 64, solver: slotSolver(n, adjoint) })
  const made = right(evaluate([layer.init(key(0)), normal(key(1), [scenes, inputs, width])] as readonly unknown[])) as readonly [
    SlotAttentionParams,
    Tensor,
  ]
  const flat = flatten("table1", made)
  const loss = (params: SlotAttentionParams, x: Tensor) =>
    mean(square(layer.apply(params, x as never, { key: key(2), mode: "train" }).slots)) as Tensor<[]>
  const close = (f: (params: SlotAttentionParams, x: Tensor) => unknown) =>
    closeBody(
      "table1",
      flat.leaves.map((t) => t.type),
      (leaves) => {
        const [params, x] = unflatten(flat.structure, leaves) as readonly [SlotAttentionParams, Tensor]
        return flatten("table1", f(params, x)).leaves
      },
    )
  const [value, both] = [close(loss), close((params, x) => valueAndGrad(loss)(params as never, x))]
  return {
    value: simplifyGraph(harvestGraph(value.graph).graph),
    both: simplifyGraph(harvestGraph(both.graph).graph),
    data: [...both.captured, ...flat.leaves].map((t: AnyTensor) => constantData(t) as Float64Array),
  }
}

interface Loaded {
  readonly executable: Executable
  readonly buffers: readonly DeviceBuffer[]
}

const load = (session: TargetSession, graph: Graph, data: readonly Float64Array[]): Loaded => ({
  executable: right(session.load(graph)),
  buffers: data.slice(data.length - graph.inputs).map((x, i) => {
    const type = graph.types[i] as Graph["types"][number]
    return right(session.upload(x, { elem: type.elem, shape: physicalShape(type) }))
  }),
})

const timed = async (session: TargetSession, { executable, buffers }: Loaded): Promise<number> => {
  const begun = performance.now()
  const outputs = right(await executable.run(buffers, { cancelled: false })())
  const spent = performance.now() - begun
  for (const buffer of outputs) session.free(buffer)
  return spent
}

const median = (xs: readonly number[]): number => [...xs].sort((a, b) => a - b)[Math.floor(xs.length / 2)] as number

interface Row {
  readonly n: number
  readonly bytes: number
  /** Milliseconds. */
  readonly forward: number
  readonly backward: number
}

const measure = async (session: TargetSession, adjoint: (n: number) => Adjoint): Promise<readonly Row[]> => {
  const loaded = counts.map((n) => {
    const { value, both, data } = programs(n, adjoint(n))
    return { n, value: load(session, value, data), both: load(session, both, data), times: { value: [] as number[], both: [] as number[] } }
  })
  for (let round = 0; round <= rounds; round++)
    for (const { value, both, times } of loaded) {
      const [a, b] = [await timed(session, value), await timed(session, both)]
      if (round === 0) continue // the first call of each
      times.value.push(a)
      times.both.push(b)
    }
  return loaded.map(({ n, both, times }) => ({
    n,
    bytes: both.executable.peakBytes,
    forward: median(times.value),
    backward: median(times.both) - median(times.value),
  }))
}

/** Least squares slope of a quantity over n. */
const slope = (rows: readonly Row[], of: (r: Row) => number): number => {
  const [mx, my] = [rows.reduce((s, r) => s + r.n, 0) / rows.length, rows.reduce((s, r) => s + of(r), 0) / rows.length]
  return rows.reduce((s, r) => s + (r.n - mx) * (of(r) - my), 0) / rows.reduce((s, r) => s + (r.n - mx) ** 2, 0)
}

export const run = async (): Promise<boolean> => {
  const { session } = right(await openTarget("wasm")())
  const tables = [
    ["unrolled", await measure(session, unrolled)],
    ["one step", await measure(session, () => oneStep)],
    ["exact (GMRES)", await measure(session, () => exact(gmres()))],
  ] as const
  console.log(`slot attention, ${scenes} scenes of ${inputs} inputs, 4 slots of width ${width}, wasm, float32, medians of ${rounds}`)
  console.log(`${"n".padStart(3)}${tables.map(([name]) => `   ${`${name}: bytes`.padStart(22)}  fwd ms  bwd ms`).join("")}`)
  counts.forEach((n, i) => {
    const cells = tables.map(([, rows]) => {
      const { bytes, forward, backward } = rows[i] as Row
      return `   ${bytes.toLocaleString("en").padStart(22)}${forward.toFixed(2).padStart(8)}${backward.toFixed(2).padStart(8)}`
    })
    console.log(`${String(n).padStart(3)}${cells.join("")}`)
  })
  const [unrolling, step, implicit] = tables.map(([, rows]) => rows) as unknown as readonly [readonly Row[], readonly Row[], readonly Row[]]
  const same = [step, implicit].every((rows) => rows.every((r) => r.bytes === (rows[0] as Row).bytes))
  const grows = (unrolling.at(-1) as Row).bytes > (unrolling[0] as Row).bytes
  const ratio = slope(step, (r) => r.backward) / slope(unrolling, (r) => r.backward)
  session.close()
  const holds = same && grows && ratio < 0.05
  console.log(
    `implicit bytes ${same ? "identical" : "NOT identical"} for all n; unrolled: ${Math.round(slope(unrolling, (r) => r.bytes)).toLocaleString("en")} bytes an iteration; backward time of one step grows with ${(100 * ratio).toFixed(1)} % of unrolled's slope (bound 5 %)`,
  )
  return holds
}

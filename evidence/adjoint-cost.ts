/** What the exact gradient of an implicit layer costs beside its forward solve, what solvers cost beside f, and what a warm start costs. */
import { atMost, type Judged, report } from "../bench/runner/index.js"
import {
  anderson,
  broyden,
  exact,
  gmres,
  iteration,
  type LinearSolver,
  openSession,
  type Session,
  solveFixedPoint,
  type Tensor,
  toNumber,
  valueAndGrad,
} from "../src/index.js"
import { transformerBlock } from "../src/models/index.js"
import { add, key, normal, square, sum, zerosLike } from "../src/ops/index.js"
import { batch, cell, layer, layerOf, right, width } from "./adjoint-cost/layer.js"
import { sharesOf } from "./adjoint-cost/outside.js"
import { option } from "./options/index.js"

export const title =
  "adjoint-cost: products of the exact gradient beside evaluations of the forward solve, time outside f, and the cost of a warm start"

const radius = 0.9

/** Products with the transposed Jacobian over evaluations of f by Anderson, both solves to the same relative tolerance. */
const judgeProducts = async (session: Session, rtol: number): Promise<readonly Judged[]> => {
  const { w, x } = await layerOf(session, radius)
  const forward = anderson({ memory: 10, rtol, atol: 0, maxEvaluations: 1000 })
  const adjoints: readonly (readonly [string, LinearSolver])[] = [
    ["GMRES", gmres({ rtol, atol: 0, memory: 30 })],
    ["Anderson", iteration(anderson({ memory: 10, rtol, atol: 0, maxEvaluations: 1000 }))],
  ]
  const judged: Judged[] = []
  for (const [name, linear] of adjoints) {
    const solver = { ...forward, adjoint: exact(linear) }
    const program = session.compile(valueAndGrad((v: Tensor, y: Tensor) => sum(square(layer(v, y, solver))) as Tensor<[]>))
    const { solves } = right(await program.run(w, x)()).report
    program.dispose()
    const [evaluations, products] = solves.map((s) => s.evaluations) as [number, number]
    console.log(`rtol ${rtol}: ${evaluations} evaluations of f by Anderson, ${products} products with its transposed Jacobian by ${name}`)
    judged.push(atMost(`rtol ${rtol}, products by ${name} over evaluations`, products / evaluations, 1.2))
  }
  return judged
}

const evaluations = 60

const judgeTime = async (session: Session, rounds: number): Promise<readonly Judged[]> => {
  const always = { rtol: 0, atol: 0, maxEvaluations: evaluations, onFailure: "useBest" } as const
  const solvers = [anderson(always), broyden(always)]
  const { w, x } = await layerOf(session, radius)
  const dense = await sharesOf(session, ([v, y]: readonly [Tensor, Tensor]) => cell(v, y), [w, x], solvers, { evaluations, rounds })
  const block = transformerBlock(width, { heads: 8, hidden: 4 * width, norm: "post" })
  const params = block.init(key(1))
  const sequence = right(await session.compile(() => normal(key(2), [1, batch, width]))()()) as Tensor
  const attention = await sharesOf(
    session,
    ([y]: readonly [Tensor]) =>
      (z) =>
        block.apply(params, add(z, y) as never, { mode: "eval" }) as Tensor,
    [sequence],
    solvers,
    { evaluations, rounds },
  )
  const names = ["Anderson", "Broyden"]
  const shares = (what: string, { f, outside }: typeof dense): void => {
    const each = outside.map((share, i) => `${(100 * share).toFixed(0)} % by ${names[i]}`)
    console.log(
      `${what}, [${batch}, ${width}]: f takes ${f.toFixed(2)} ms, of a solve of ${evaluations} evaluations is outside f: ${each.join(", ")}`,
    )
  }
  // A dense cell is one product: so little work that reading ten or forty vectors of its state's size takes a good part of it.
  shares("dense cell", dense)
  shares("transformer block", attention)
  return names.map((name, i) => atMost(`transformer block: outside f by ${name}, of all`, attention.outside[i] as number, 0.15))
}

const judgeWarm = async (session: Session): Promise<readonly Judged[]> => {
  const { w, x } = await layerOf(session, radius)
  const judged: Judged[] = []
  for (const [name, solver] of [
    ["Anderson", anderson({ maxEvaluations: 1000 })],
    ["Broyden", broyden({ maxEvaluations: 1000 })],
  ] as const) {
    const again = session.compile((v: Tensor, y: Tensor) => {
      const first = solveFixedPoint(cell(v, y), zerosLike(y) as Tensor, solver)
      const second = solveFixedPoint(cell(v, y), first.z as Tensor, solver)
      return [first.evaluations, second.evaluations] as const
    })
    const [cold, warm] = right(await again(w, x)()).map((n) => toNumber(n as Tensor)) as [number, number]
    again.dispose()
    console.log(`${name}: ${cold} evaluations from zero, ${warm} from the solution`)
    judged.push(atMost(`evaluations of a start at the solution by ${name}`, warm, 1))
  }
  return judged
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const rounds = option(args, "--rounds", 9)
  if (rounds === null) return false
  const [double, single] = [right(await openSession("wasm:f64")()), right(await openSession("wasm")())]
  try {
    const products = [...(await judgeProducts(double, 1e-3)), ...(await judgeProducts(double, 1e-6))]
    return report([...products, ...(await judgeWarm(single)), ...(await judgeTime(single, rounds))], (line) => console.log(line))
  } finally {
    await double.close()
    await single.close()
  }
}

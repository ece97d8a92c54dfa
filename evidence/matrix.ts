/** The same layers by every solver and adjoint on several targets, values and gradients against the interpreter. */
import * as E from "fp-ts/lib/Either.js"
import {
  type Adjoint,
  compile,
  exact,
  type Solver,
  shine,
  square,
  sum,
  type TargetName,
  type Tensor,
  tensor,
  toArray,
  valueAndGrad,
} from "../src/index.js"
import { adjointList, goesTogether, solverList } from "../test/support/implicit-lists.js"
import { problems } from "./matrix/problems.js"

export const title = "Every solver with every adjoint on interpreter, wasm:f64, wasm and gpu:webasm: values and gradients of five layers"

const epsilonOf = (target: TargetName): number => (target === "wasm:f64" ? 2 ** -52 : 2 ** -23)

/**
 * How far a value and a gradient may be from the interpreter's, relative to its largest number: ten times the tolerance epsilon^(2/3) with
 * which a solve ends. The loss is a sum of squares of the solution: terms of both signs, or a saturated function, would multiply the relative
 * error of the solution by numbers that have nothing to do with the layer. What shine uses are differences of residuals, the last of which
 * is no smaller than the tolerance, so that they are known to a part of epsilon / epsilon^(2/3).
 */
const allowed = (target: TargetName, adjoint: Adjoint): number => 10 * epsilonOf(target) ** (byPairs(adjoint) ? 1 / 3 : 2 / 3)

const byPairs = ({ _tag }: Adjoint): boolean => _tag === "shine"

const targets = ["wasm:f64", "wasm", "gpu:webasm"] as const

interface Cell {
  readonly what: string
  readonly error: number
}

const error = (expected: Float64Array, found: Float64Array): number => {
  const scale = Math.max(...expected.map(Math.abs), Number.MIN_VALUE)
  const worst = Math.max(...expected.map((x, i) => Math.abs(x - (found[i] as number))))
  return Number.isNaN(worst) || expected.length !== found.length ? Number.POSITIVE_INFINITY : worst / scale
}

/** Value and gradient, or why there are none. */
const answer = async (
  layer: (p: Tensor) => Tensor,
  at: readonly number[],
  target: TargetName,
): Promise<E.Either<string, readonly [Float64Array, Float64Array]>> => {
  const program = compile((p: Tensor) => valueAndGrad((q: Tensor) => sum(square(layer(q))))(p), { target })
  const outcome = await program(tensor([...at]) as Tensor)()
  program.dispose()
  if (E.isLeft(outcome)) return E.left(outcome.left.message)
  const [value, gradient] = outcome.right
  return E.right([toArray(value), toArray(gradient)].map((x) => Float64Array.from(x)) as [Float64Array, Float64Array])
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const only = args.includes("--targets") ? (args[args.indexOf("--targets") + 1] ?? "").split(",") : null
  const chosen = targets.filter((t) => only === null || only.includes(t))
  const missed: string[] = []
  const worst: Partial<Record<TargetName, Cell>> = {}
  const pairs: Partial<Record<TargetName, number>> = {}
  let cells = 0
  console.log(
    `${"solver".padEnd(20)} ${"adjoint".padEnd(26)} ${chosen.map((t) => t.padEnd(10)).join(" ")}  (worst error of ${problems.length} layers)`,
  )
  for (const { name, value } of solverList)
    for (const { name: how, value: adjoint } of adjointList.filter((a) => goesTogether(value, a.value))) {
      const solver: Solver = { ...value, adjoint }
      const here = new Map<TargetName, number>(chosen.map((t) => [t, 0]))
      for (const problem of problems) {
        const layer = problem.layer(solver)
        const usual = byPairs(adjoint) ? null : await answer(layer, problem.at, "interpreter")
        for (const target of chosen) {
          // where the gradient follows from how many steps were taken, the interpreter has to take those of the target
          const tolerance = epsilonOf(target) ** (2 / 3)
          const expected =
            usual ?? (await answer(problem.layer({ ...solver, atol: tolerance, rtol: tolerance }), problem.at, "interpreter"))
          if (E.isLeft(expected)) {
            missed.push(`${problem.name} by ${name}, ${how} on the interpreter: ${expected.left}`)
            continue
          }
          const found = await answer(layer, problem.at, target)
          const far = E.isLeft(found)
            ? Number.POSITIVE_INFINITY
            : Math.max(error(expected.right[0], found.right[0]), error(expected.right[1], found.right[1]))
          const what = `${problem.name} by ${name}, ${how} on ${target}`
          cells++
          here.set(target, Math.max(here.get(target) as number, far))
          if (!(far <= allowed(target, adjoint))) missed.push(`${what}: ${E.isLeft(found) ? found.left : `error ${far.toExponential(1)}`}`)
          if (!byPairs(adjoint) && far > (worst[target]?.error ?? -1)) worst[target] = { what, error: far }
          if (byPairs(adjoint)) pairs[target] = Math.max(pairs[target] ?? 0, far)
        }
      }
      console.log(
        `${name.padEnd(20)} ${how.padEnd(26)} ${chosen.map((t) => (here.get(t) as number).toExponential(1).padEnd(10)).join(" ")}`,
      )
    }
  for (const one of missed) console.log(`beyond its bound: ${one}`)
  for (const target of chosen)
    console.log(
      `${target}: worst ${worst[target]?.error.toExponential(1)} (${worst[target]?.what}), bound ${allowed(target, exact()).toExponential(1)}; with shine ${pairs[target]?.toExponential(1)}, bound ${allowed(target, shine()).toExponential(1)}`,
    )
  console.log(`${cells} cells, ${missed.length} beyond their bound`)
  return missed.length === 0
}

/** Rows C01 to C16 and C46 of the conformance list by the solvers of Newton's family: by every mode of derivative, and on compiled targets. */
import { describe, expect, it } from "vitest"
import { compile, type Tensor, tensor, toArray } from "../../src/core/index.js"
import {
  bisection,
  chord,
  dogleg,
  levenbergMarquardt,
  newton,
  pseudoTransient,
  type Solver,
  type SolverOptions,
} from "../../src/implicit/index.js"
import { jacobian } from "../../src/ops/index.js"
import { right } from "../support/either.js"
import { measure } from "./measure.js"
import { type Known, type Row, tight } from "./row.js"
import { rows } from "./rows.js"

const chosen = rows.filter(({ id }) => /^C(0\d|1[0-6]|46)$/.test(id))

const family: Readonly<Record<string, (options: SolverOptions) => Solver>> = {
  "newton with a line search": (options) => newton({ lineSearch: true, ...options }),
  chord: (options) => chord(options),
  // C05 and C10 are where the flow leaves: there only steps that are nearly Newton's from the start come to the solution
  pseudoTransient: (options) => pseudoTransient({ delta: 8, ...options }),
  levenbergMarquardt: (options) => levenbergMarquardt(options),
  dogleg: (options) => dogleg(options),
}

/** Where the solution of a row of one number is looked for. */
const brackets: Readonly<Record<string, readonly [number, number]>> = {
  C01: [0, 2],
  C02: [1, 3],
  C03: [0, 5],
  C05: [-3, 0.5],
  C06: [0, 3],
  C07: [0, 3],
  C09: [0.125, 3],
  C10: [1, 3],
  C11: [1, 3],
}

const solversOf = ({ id }: Row, options: SolverOptions): readonly (readonly [string, Solver])[] => {
  const [low, high] = brackets[id] ?? []
  return [
    ...Object.entries(family).map(([name, make]) => [name, make(options)] as const),
    ...(low === undefined || high === undefined ? [] : [["bisection", bisection({ low, high, ...options })] as const]),
  ]
}

/** Rows that are compiled too: a map of one number, one that expands, a system, a layer. */
const compiled = ["C02", "C05", "C13", "C46"]
const targets = [
  ["wasm:f64", tight, 1e-10],
  ["wasm", {}, 1e-3],
] as const

it("the rows are there", () =>
  expect(chosen.map((r) => r.id)).toEqual(["C01", "C02", "C03", "C05", "C06", "C07", "C09", "C10", "C11", "C13", "C14", "C16", "C46"]))

describe.each(chosen.map((row) => [`${row.id}: ${row.what}`, row] as const))("%s", (_, row) => {
  it.each(solversOf(row, tight))("by %s", (_solver, solver) => {
    for (const [what, error] of Object.entries(measure(row, solver))) expect(error, what).toBeLessThan(1e-10)
  })

  /** The largest difference from what is known, relative to the largest number known. */
  const worst = (expected: readonly Known[], found: ArrayLike<number>): number => {
    expect(found.length).toBe(expected.length)
    const scale = Math.max(...expected.map((x) => Math.abs(x ?? 0)))
    return (
      Math.max(
        ...expected.map((x, i) => (x === null ? 0 : Math.abs(x - (found[i] as number)))).map((e) => (Number.isNaN(e) ? Infinity : e)),
      ) / scale
    )
  }

  it.each(compiled.includes(row.id) ? targets : [])(
    "in one program on %s: values and first derivatives",
    async (target, options, error) => {
      const solvers = solversOf(row, options)
      const all = (p: Tensor) => solvers.map(([, solver]) => [row.layer(solver)(p), jacobian(row.layer(solver))(p)])
      const { value } = right(await compile(all as never, { target }).run(tensor(row.at) as never)()) as {
        readonly value: readonly (readonly [Tensor, Tensor])[]
      }
      solvers.forEach(([name], k) => {
        const [z, dz] = value[k] as readonly [Tensor, Tensor]
        expect(worst(row.value, toArray(z)), `${name}: value`).toBeLessThan(error)
        if (row.first !== undefined) expect(worst(row.first.flat(), toArray(dz)), `${name}: derivative`).toBeLessThan(error)
      })
    },
  )
})

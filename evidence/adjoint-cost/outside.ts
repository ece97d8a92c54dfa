/** How much of a solve's time is spent outside f: a solve of so many evaluations beside as many applications of f alone. */
import { fixedPoint, type Session, type Solver, type Tensor } from "../../src/index.js"
import { scan, zerosLike } from "../../src/ops/index.js"
import { asyncMilliseconds, median } from "../timing/stopwatch.js"
import { right } from "./layer.js"

export interface Shares {
  /** Milliseconds of f. */
  readonly f: number
  /** By solver: of the time of a solve, what is not f. */
  readonly outside: readonly number[]
}

/** Of a map z -> f(values, z) on states like the last of the values. Each solver is to make `evaluations` of them. */
export const sharesOf = async <V extends readonly Tensor[]>(
  session: Session,
  f: (values: V) => (z: Tensor) => Tensor,
  values: V,
  solvers: readonly Solver[],
  { evaluations, rounds }: { readonly evaluations: number; readonly rounds: number },
): Promise<Shares> => {
  const given = right(await session.put(values)())
  const start = (v: V): Tensor => zerosLike(v.at(-1) as Tensor) as Tensor
  const alone = (v: V): Tensor => scan((z: Tensor) => [f(v)(z), null] as const, start(v), null, { length: evaluations })[0] as Tensor
  const functions = [
    alone,
    ...solvers.map(
      (solver) =>
        (v: V): Tensor =>
          fixedPoint(f(v), start(v), solver),
    ),
  ]
  const programs = functions.map((g) => session.compile(g, { resident: true }))
  const times = programs.map((): number[] => [])
  for (let round = -2; round < rounds; round++)
    for (const [i, program] of programs.entries()) {
      const ms = await asyncMilliseconds(async () => session.dispose(right(await program(given as never)())))
      if (round >= 0) times[i]?.push(ms)
    }
  for (const program of programs) program.dispose()
  session.dispose(given)
  const [f0, ...solves] = times.map(median) as [number, ...number[]]
  return { f: f0 / evaluations, outside: solves.map((ms) => 1 - f0 / ms) }
}

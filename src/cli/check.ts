/** `stillpoint check`: the laws of what a module exports. */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as E from "fp-ts/lib/Either.js"
import type { AnyOp } from "../core/index.js"
import { decodeSolver, type Solver } from "../implicit/index.js"
import type { AnyLaw, OptimiserLike } from "../laws/index.js"
import { type CheckCommandOptions, type UsageError, usage } from "./options.js"

type Laws = typeof import("../laws/index.js")
type Fields = Readonly<Record<string, unknown>>

/** Something that a module exports: laws to be tried, or why there are none. */
type Found = { readonly name: string } & ({ readonly laws: readonly AnyLaw[] } | { readonly advice: string })

const isRecord = (x: unknown): x is Fields => typeof x === "object" && x !== null
const has = (x: Fields, ...names: readonly string[]) => names.every((name) => typeof x[name] === "function")

const isLaw = (x: unknown): x is AnyLaw => isRecord(x) && has(x, "check", "show") && isRecord(x.arbitrary) && typeof x.theorem === "string"
const isOp = (x: unknown): x is AnyOp => isRecord(x) && typeof x.name === "string" && has(x, "type", "jvp", "batch", "lower", "example")
const isSolver = (x: unknown): x is Solver => isRecord(x) && isRecord(x.method) && isRecord(x.adjoint) && E.isRight(decodeSolver(x))
const isOptimiser = (x: unknown): x is OptimiserLike & Fields => isRecord(x) && has(x, "init", "update")

const look = (laws: Laws, name: string, value: unknown): readonly Found[] => {
  if (isLaw(value)) return [{ name, laws: [value] }]
  if (isOp(value)) return [{ name, laws: laws.op(value) }]
  if (isSolver(value)) return [{ name, laws: laws.solver(value) }]
  if (isOptimiser(value)) return [{ name, laws: laws.optimiser(value, { descends: false, byName: true }) }]
  if (isRecord(value) && has(value, "init", "apply"))
    return [{ name, advice: `a layer; export laws.layer(${name}, normal([...])) to have it checked` }]
  if (typeof value === "function") return [{ name, advice: `a function; export laws.gradient(${name}, [...]) to have it checked` }]
  if (Array.isArray(value) && value.length > 0 && value.every(isLaw)) return [{ name, laws: value }]
  if (isRecord(value) && (Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype))
    return Object.entries(value).flatMap(([key, part]) => (isRecord(part) ? look(laws, `${name}.${key}`, part) : []))
  return []
}

const whole = (option: string, text: string | undefined): E.Either<UsageError, number | undefined> =>
  text === undefined
    ? E.right(undefined)
    : /^\d{1,10}$/.test(text)
      ? E.right(Number(text))
      : E.left(usage(`--${option}: expected a whole number, found ${JSON.stringify(text)}`))

const imported = async (path: string): Promise<E.Either<UsageError, Fields>> => {
  try {
    return E.right((await import(pathToFileURL(path).href)) as Fields)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    const hint = /\.[cm]?tsx?$/.test(path)
      ? "; it is TypeScript: compile it first, or run the command under a loader (NODE_OPTIONS='--import tsx')"
      : ""
    return E.left(usage(`check: ${path} can't be imported: ${why}${hint}`))
  }
}

const lawsEntry = async (): Promise<E.Either<UsageError, Laws>> => {
  try {
    return E.right(await import("../laws/index.js"))
  } catch (error) {
    return E.left(
      usage(
        `check needs fast-check beside stillpoint (npm install --save-dev fast-check): ${error instanceof Error ? error.message : error}`,
      ),
    )
  }
}

/** Tries every law in turn, also after one that fails; the exit code is 1 where one does. */
export const check = async (options: CheckCommandOptions): Promise<E.Either<UsageError, number>> => {
  const [runs, seed] = [whole("runs", options.runs), whole("seed", options.seed)]
  if (E.isLeft(runs)) return runs
  if (E.isLeft(seed)) return seed
  const path = resolve(options.file)
  if (!existsSync(path)) return E.left(usage(`check: there is no file ${path}`))
  const laws = await lawsEntry()
  if (E.isLeft(laws)) return laws
  const module = await imported(path)
  if (E.isLeft(module)) return module
  const found = Object.entries(module.right).flatMap(([name, value]) => look(laws.right, name, value))
  const all = found.flatMap((one) => ("laws" in one ? one.laws.map((law) => ({ name: one.name, law })) : []))
  for (const one of found) if ("advice" in one) console.log(`${one.name}: ${one.advice}`)
  if (all.length === 0)
    return E.left(
      usage(`check: ${options.file} exports nothing that has laws; export laws (laws.gradient(f, [...])), ops, solvers or optimisers`),
    )
  let broken = 0
  for (const [i, { name, law }] of all.entries()) {
    if (process.stderr.isTTY) process.stderr.write(`\r${i + 1} of ${all.length} `)
    const outcome = await laws.right.check(law, {
      ...(runs.right === undefined ? {} : { runs: runs.right }),
      ...(seed.right === undefined ? {} : { seed: seed.right }),
    })()
    if (process.stderr.isTTY) process.stderr.write("\r")
    if (E.isLeft(outcome)) {
      broken++
      console.log(`${name}: ${outcome.left.message}`)
    } else console.log(`${name}: ${laws.right.showReport(outcome.right)}`)
  }
  console.log(`${all.length - broken} laws held, ${broken} did not`)
  return E.right(broken === 0 ? 0 : 1)
}

/**
 * vmap is map: a function on rows at once gives what it gives on each row alone (the defining property of `jax.vmap`), to the bit on
 * the interpreter, where a batched op sums in the order of the plain one. And vmap commutes with differentiation: the tangent of the
 * batched function is the batched tangent; a cotangent of an input that all rows share is the sum of the rows'.
 */
import { rowType, type TensorType } from "../../core/index.js"
import { allOf, type Verdict } from "../law.js"
import { close, magnitude, same } from "../numbers.js"
import { type Fn, runnable, type Values } from "../run.js"
import type { Mask } from "./masks.js"
import { RELATIVE } from "./tolerance.js"
import { activeTypes, pullback, pushforward, vectorised } from "./transforms.js"

export interface Rows {
  readonly batched: Mask
  readonly size: number
}

const row = (a: Float64Array, i: number, size: number) => a.subarray((i * a.length) / size, ((i + 1) * a.length) / size)

/** Row i of the inputs. */
export const rowOf = (x: Values, { batched, size }: Rows, i: number): Values => x.map((a, k) => (batched[k] ? row(a, i, size) : a))

const stack = (rows: readonly Values[]): Values =>
  (rows[0] as Values).map((_, k) => Float64Array.from(rows.flatMap((r) => Array.from(r[k] as Float64Array))))

/** Runs a function on each row alone and stacks the results. */
const mapped =
  (run: (x: Values) => Values, rows: Rows) =>
  (x: Values): Values =>
    stack(Array.from({ length: rows.size }, (_, i) => run(rowOf(x, rows, i))))

const exactly = (what: string, types: readonly TensorType[], expected: Values, found: Values): Verdict =>
  allOf(
    (function* () {
      for (let k = 0; k < types.length; k++)
        yield same({ what: `output ${k} of ${what}`, shape: types[k]?.shape ?? [] }, expected[k] as Float64Array, found[k] as Float64Array)
    })(),
  )

const showMask = (m: Mask): string => `[${m.map((b) => (b ? "rows" : "shared")).join(", ")}]`

export const vmapIsMap = (fn: Fn, rows: Rows, x: Values): Verdict => {
  const all = runnable(vectorised(fn, rows.batched, rows.size))
  return exactly(
    `vmap over ${showMask(rows.batched)}, against rows one at a time,`,
    all.outputs,
    mapped(runnable(fn).run, rows)(x),
    all.run(x),
  )
}

/** vmap of vmap: rows of rows. `outer` says which inputs of the batched function have an outer axis. */
export const nestedVmap = (fn: Fn, inner: Rows, outer: Rows, x: Values): Verdict => {
  const all = runnable(vectorised(vectorised(fn, inner.batched, inner.size), outer.batched, outer.size))
  const expected = mapped(mapped(runnable(fn).run, inner), outer)(x)
  return exactly(
    `vmap over ${showMask(outer.batched)} of vmap over ${showMask(inner.batched)}, against rows one at a time,`,
    all.outputs,
    expected,
    all.run(x),
  )
}

const nearly = (what: string, types: readonly TensorType[], expected: Values, found: Values): Verdict => {
  const scale = magnitude([...expected, ...found])
  return allOf(
    (function* () {
      for (let k = 0; k < types.length; k++)
        yield close(
          { what: `part ${k} of ${what}`, shape: types[k]?.shape ?? [] },
          expected[k] as Float64Array,
          found[k] as Float64Array,
          scale,
          RELATIVE,
        )
    })(),
  )
}

/** J of the batched function on v, against the batched J v. Tangents have rows where their inputs have. */
export const jvpOfVmap = (fn: Fn, active: Mask, rows: Rows, x: Values, v: Values): Verdict => {
  const inner = pushforward(fn, active)
  const tangents = rows.batched.filter((_, i) => active[i])
  const one = runnable(pushforward(vectorised(fn, rows.batched, rows.size), active))
  const other = runnable(vectorised(inner, [...rows.batched, ...tangents], rows.size))
  return nearly(
    `jvp of vmap over ${showMask(rows.batched)}, against vmap of jvp,`,
    one.outputs,
    other.run([...x, ...v]),
    one.run([...x, ...v]),
  )
}

/** J' of the batched function on u, against the batched J' u, summed over rows where an input is shared. */
export const vjpOfVmap = (fn: Fn, active: Mask, rows: Rows, x: Values, u: Values): Verdict => {
  const inner = pullback(fn, active)
  const one = runnable(pullback(vectorised(fn, rows.batched, rows.size), active))
  const other = runnable(
    vectorised(
      inner,
      inner.inputs.map((_, i) => rows.batched[i] ?? true),
      rows.size,
    ),
  )
  const each = other.run([...x, ...u])
  const kept = rows.batched.filter((_, i) => active[i])
  const expected = each.map((a, k) => {
    if (kept[k]) return a
    const total = new Float64Array(a.length / rows.size)
    a.forEach((n, i) => {
      total[i % total.length] = (total[i % total.length] as number) + n
    })
    return total
  })
  const types = activeTypes(fn, active).map((t, k) => (kept[k] ? rowType(t, rows.size) : t))
  return nearly(`vjp of vmap over ${showMask(rows.batched)}, against vmap of vjp,`, types, expected, one.run([...x, ...u]))
}

/** Laws of batch rules: one op on rows. */
import { type AnyOp, type Domain, rowType, type TensorType } from "../../core/index.js"
import { type Draw, drawn } from "../arbitraries/draw.js"
import { jvpOfVmap, nestedVmap, type Rows, vjpOfVmap, vmapIsMap } from "../function/batching.js"
import type { Mask } from "../function/masks.js"
import { subsets } from "../function/masks.js"
import { activeTypes, floatOutputs } from "../function/transforms.js"
import { type AnyLaw, allOf, type Law, vacuous } from "../law.js"
import type { Values } from "../run.js"
import { type Instance, instance, showParts, someFloats } from "./instance.js"

/** Above this many inputs a pattern is drawn; below, all are tried. */
const MANY = 3

/** Every way to give some inputs rows, or, for ops with many inputs, one drawn way. */
const patterns = (d: Draw, inputs: number): readonly Mask[] => {
  const any = Array.from({ length: inputs }, () => true)
  if (inputs <= MANY) return subsets(any)
  const drawnMask = any.map(() => d.bool())
  return [drawnMask.some(Boolean) ? drawnMask : any]
}

const show = (r: Rows): string => `${r.size} rows of [${r.batched.join(", ")}]`

const rowTypes = (types: readonly TensorType[], { batched, size }: Rows) => types.map((t, i) => (batched[i] ? rowType(t, size) : t))

/** New data for all inputs; those with rows have one for each. */
const dataFor = (d: Draw, i: Instance, rows: Rows): Values => rowTypes(i.fn.inputs, rows).map((t, k) => d.values(t, i.domains[k] as Domain))

interface RowsCase {
  readonly i: Instance
  readonly all: readonly { readonly rows: Rows; readonly x: Values }[]
}

const mapLaw = (op: AnyOp): Law<RowsCase> => ({
  name: `${op.name}: vmap is map`,
  theorem:
    "A function on rows at once gives, to the bit, what it gives on each row alone, for every choice of inputs that have rows (definition of vmap).",
  arbitrary: drawn((d) => {
    const i = instance(d, op)
    const size = d.int(1, 3)
    return { i, all: patterns(d, i.x.length).map((batched) => ({ rows: { batched, size }, x: dataFor(d, i, { batched, size }) })) }
  }),
  show: ({ i, all }) => showParts(i, Object.fromEntries(all.map(({ rows, x }) => [show(rows), x]))),
  check: ({ i, all }) =>
    allOf(
      (function* () {
        for (const { rows, x } of all) yield vmapIsMap(i.fn, rows, x)
      })(),
    ),
})

interface NestedCase {
  readonly i: Instance
  readonly inner: Rows
  readonly outer: Rows
  readonly x: Values
}

const onePattern = (d: Draw, inputs: number): Mask => {
  const mask = Array.from({ length: inputs }, () => d.bool())
  return mask.some(Boolean) ? mask : mask.map(() => true)
}

const nestedLaw = (op: AnyOp): Law<NestedCase> => ({
  name: `${op.name}: vmap of vmap is map of map`,
  theorem: "Batching twice is batching over both axes, to the bit, whichever inputs have which (functoriality of map).",
  arbitrary: drawn((d) => {
    const i = instance(d, op)
    const inner = { batched: onePattern(d, i.x.length), size: d.int(1, 2) }
    const outer = { batched: onePattern(d, i.x.length), size: d.int(1, 3) }
    const x = rowTypes(rowTypes(i.fn.inputs, inner), outer).map((t, k) => d.values(t, i.domains[k] as Domain))
    return { i, inner, outer, x }
  }),
  show: ({ i, inner, outer, x }) => showParts(i, { [`${show(outer)}, each with ${show(inner)}`]: x }),
  check: ({ i, inner, outer, x }) => (x.length === 0 ? vacuous : nestedVmap(i.fn, inner, outer, x)),
})

interface DerivativeCase {
  readonly i: Instance
  readonly active: Mask
  readonly rows: Rows
  readonly x: Values
  readonly v: Values
  readonly u: Values
}

const derivativeLaw = (op: AnyOp): Law<DerivativeCase> => ({
  name: `${op.name}: vmap commutes with derivatives`,
  theorem:
    "jvp of vmap is vmap of jvp; vjp of vmap is vmap of vjp, summed over rows for an input that they share (linearity of the derivative).",
  arbitrary: drawn((d) => {
    const i = instance(d, op)
    const active = someFloats(d, i)
    const rows = { batched: onePattern(d, i.x.length), size: d.int(1, 3) }
    const tangents = rows.batched.filter((_, k) => active[k])
    return {
      i,
      active,
      rows,
      x: dataFor(d, i, rows),
      v: activeTypes(i.fn, active).map((t, k) => d.direction(tangents[k] ? rowType(t, rows.size) : t)),
      u: floatOutputs(i.fn).map((t) => d.direction(rowType(t, rows.size))),
    }
  }),
  show: ({ i, rows, x, v, u }) => showParts(i, { [show(rows)]: x, v, u }),
  check: ({ i, active, rows, x, v, u }) => {
    if (v.length === 0 || u.length === 0) return vacuous
    return allOf(
      (function* () {
        if (op.modes !== "reverse") yield jvpOfVmap(i.fn, active, rows, x, v)
        if (op.modes !== "forward") yield vjpOfVmap(i.fn, active, rows, x, u)
      })(),
    )
  },
})

export const batchLaws = (op: AnyOp): readonly AnyLaw[] => [mapLaw(op), nestedLaw(op), derivativeLaw(op)]

/**
 * Panels: the operand of a product over whose last axis the product is vectorised, as blocks of neighbouring columns. Within a
 * block all that one step of the sum needs lies together, and the steps follow each other, so a tile of the result reads memory
 * in order, from few cache lines. What the operand was before (transposed, a window, padded) no longer matters. This is the
 * packing of K. Goto, R. van de Geijn, Anatomy of High-Performance Matrix Multiplication, ACM TOMS 34 (2008).
 */
import { sizeOf } from "../../tensor/types.js"
import { axis, floorDiv, inRange, modulo, plus, pointwise, times } from "../build-nest.js"
import { keyOf, keyOfGuard } from "../index-arithmetic.js"
import { extentsOf, points } from "../kernel-form.js"
import type { Ix, Nest } from "../nest.js"
import { Rewriter, underGuards } from "../substitute.js"
import type { Change, Operand } from "./change.js"
import { follows, slope } from "./loads.js"

/** Results of one column for which a copy pays. */
const REUSE = 64
/** Fewer are enough where the elements of a row don't lie side by side. */
const REUSE_ACROSS = 16
/** Elements that stay in the first cache as they are. */
const SMALL = 4096
/** A copy may hold so many times the elements of the operand, which a window repeats; what fills the last panel aside. */
const LARGER = 1.5

export const panels = (nest: Nest, { load, type, turns }: Operand, columns: number): Change | null => {
  const { domain } = nest
  const extents = extentsOf(nest)
  const v = domain.length - 1
  const width = domain[v] as number
  if (width < columns || nest.body.t !== "binary" || nest.body.fn !== "mul" || !follows(load, v)) return null
  const own = [...extents.keys()].filter((a) => a !== v && (extents[a] as number) > 1 && follows(load, a))
  const outer = own.filter((a) => a < v)
  const summed = own.filter((a) => a > v)
  const blocks = Math.ceil(width / columns)
  const shape = [...outer.map((a) => extents[a] as number), blocks, ...summed.map((a) => extents[a] as number), columns]
  const size = sizeOf(type.shape)
  const rows = points(domain.filter((_, a) => a !== v && !own.includes(a))) * turns
  const isRow = load.at.every((ix, i) => slope(ix, v) === (i === load.at.length - 1 ? 1 : 0))
  if (summed.length === 0 || rows < (isRow ? REUSE : REUSE_ACROSS) || (isRow && size <= SMALL)) return null
  if ((sizeOf(shape) * width) / (blocks * columns) > LARGER * size + SMALL) return null
  const column: Ix = plus(times(axis(outer.length), columns), axis(shape.length - 1))
  const place = (a: number): Ix => {
    if (a === v) return column
    const i = outer.indexOf(a)
    return i >= 0 ? axis(i) : summed.includes(a) ? axis(outer.length + 1 + summed.indexOf(a)) : { t: "const", value: 0 }
  }
  const inside = width % columns === 0 ? [] : [inRange(column, 0, width)]
  const value = new Rewriter({ extents: shape, variable: place, load: (l) => ({ ...l, input: 0 }) }).scalar(load)
  return {
    name: "pack",
    key: `panels ${shape.join()} ${load.at.map(keyOf).join()} ${load.guards.map(keyOfGuard).join()} ${own.join()} ${v}`,
    nest: pointwise(shape, underGuards(inside, value)),
    at: [...outer.map((a) => axis(a)), floorDiv(axis(v), columns), ...summed.map((a) => axis(a)), modulo(axis(v), columns)],
    guards: [],
  }
}

/** The epilogue of a kernel, applied to its sums when these lie in a buffer: to all of them, or image by image. */
import { axes, load } from "../build-nest.js"
import { visit } from "../kernel-form.js"
import { type Ix, type Nest, partsOf, type Scalar } from "../nest.js"
import type { Row } from "../schedule.js"
import { Rewriter } from "../substitute.js"
import type { Builder, Kernel } from "./builder.js"

export interface Finish {
  /** Over the domain, or over that of one image. */
  readonly body: Scalar
  readonly inputs: readonly number[]
  /** What it reads of the image at hand. */
  readonly slices: readonly Row[]
  /** False where it can't be applied image by image: then the sums are left as they are. */
  readonly complete: boolean
}

const uses = (x: Scalar | Ix, v: number): boolean => (x.t === "var" ? x.axis === v : partsOf(x).some((part) => uses(part, v)))

/** How an epilogue reads each of its inputs: the image at hand, all the same for every image; null where it is neither. */
const readings = (
  nest: Nest,
  epilogue: Scalar,
  shapeOf: (input: number) => readonly number[],
): ReadonlyMap<number, "image" | "same"> | null => {
  const found = new Map<number, "image" | "same">()
  let fits = true
  visit({ ...nest, reduce: null, body: epilogue, epilogue: null }, (s) => {
    if (s.t === "ix" && uses(s.ix, 0)) fits = false
    if (s.t !== "load") return
    const [first, ...rest] = s.at
    const others = [...rest, ...s.guards.map((g) => g.ix)]
    const ofImage = first?.t === "var" && first.axis === 0 && shapeOf(s.input)[0] === nest.domain[0] && !others.some((ix) => uses(ix, 0))
    const reading = ofImage ? "image" : [...s.at, ...others].some((ix) => uses(ix, 0)) ? null : "same"
    if (reading === null || (found.get(s.input) ?? reading) !== reading) fits = false
    else found.set(s.input, reading)
  })
  return fits ? found : null
}

/** `sums`: where they lie, in the shape of the domain; or of one of `count` images, where that is not -1. */
export const epilogueOf = (b: Builder, { nest, inputs: given }: Kernel, sums: number, count: number): Finish => {
  const rank = nest.domain.length
  const { epilogue } = nest
  const own = load(0, axes(count < 0 ? rank : rank - 1))
  const plain: Finish = { body: own, inputs: [sums], slices: [], complete: epilogue === null }
  if (epilogue === null) return plain
  const inputs = [sums]
  const places = new Map<number, number>()
  const place = (buffer: () => number, input: number): number => {
    const known = places.get(input)
    if (known !== undefined) return known
    const made = inputs.push(buffer()) - 1
    places.set(input, made)
    return made
  }
  if (count < 0) {
    const rules = {
      extents: nest.domain,
      load: (l: Extract<Scalar, { readonly t: "load" }>) => ({ ...l, input: place(() => given[l.input] as number, l.input) }),
      acc: own,
    }
    return { body: new Rewriter(rules).scalar(epilogue), inputs, slices: [], complete: true }
  }
  const shapeOf = (input: number): readonly number[] => b.shape(given[input] as number)
  const reads = readings(nest, epilogue, shapeOf)
  if (reads === null) return plain
  const slices: Row[] = []
  const rewriter = new Rewriter({
    extents: nest.domain.slice(1),
    variable: (v) => (v === 0 ? { t: "const", value: 0 } : { t: "var", axis: v - 1 }),
    load: (l) => {
      if (reads.get(l.input) === "same") return { ...l, input: place(() => given[l.input] as number, l.input) }
      const item = (): number => {
        const made = b.buffer(...shapeOf(l.input).slice(1))
        slices.push({ slab: given[l.input] as number, item: made })
        return made
      }
      return { ...l, input: place(item, l.input), at: l.at.slice(1) }
    },
    acc: own,
  })
  const body = rewriter.scalar(epilogue)
  return { body, inputs, slices, complete: true }
}

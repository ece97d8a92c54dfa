/** Broken rules of reverse, windows, and parts at positions that are data. */
import type { AnyTensor, Tensor, TensorType } from "../../../src/core/index.js"
import { add } from "../../../src/ops/index.js"
import { type BrokenRule, broken, brokenIn } from "./broken.js"
import {
  bodies,
  cotangents,
  isInput,
  keysAs,
  negated,
  nests,
  reversed,
  rolled,
  rows,
  times,
  transposedWith,
  withoutCotangent,
  withoutTangent,
} from "./faults.js"

interface Reverse {
  readonly axes: readonly number[]
}
interface Windows {
  readonly lead: number
  readonly dims: readonly { readonly p: number }[]
}

/** Loads without the conditions under which they may touch memory. */
const unguarded = bodies((part) => (part.t === "load" ? { ...part, guards: [] } : undefined))
const padded = (params: Windows): Windows => ({ ...params, dims: params.dims.map((dim) => ({ ...dim, p: dim.p + 1 })) })
const fewer = ({ axes }: Reverse): Reverse => ({ axes: axes.slice(1) })
const later = (start: AnyTensor): AnyTensor => add(start as Tensor, 1) as AnyTensor
const reverse: readonly BrokenRule[] = [
  broken(
    "reverse",
    "type",
    "axes of size 1 are left out",
    (good) => (params, inputs) => good.type(params, inputs).map(({ elem, shape }) => ({ elem, shape: shape.filter((d) => d !== 1) })),
  ),
  broken(
    "reverse",
    "jvp",
    "not along the first of the axes",
    (good) =>
      (params: Reverse, ...rest) =>
        good.jvp(fewer(params), ...rest),
  ),
  broken("reverse", "transpose", "not along the first of the axes", transposedWith(fewer)),
  broken(
    "reverse",
    "batch",
    "not along the first of the axes",
    (good) =>
      (params: Reverse, ...rest) =>
        good.batch(fewer(params), ...rest),
  ),
  broken(
    "reverse",
    "simplify",
    "nothing to do along one axis",
    isInput(0, ({ axes }: Reverse) => axes.length === 1),
  ),
  broken("reverse", "lower", "one place off along the first axis", rolled),
]

const windows: readonly BrokenRule[] = [
  broken("windows", "type", "the sizes of the signal are not compared", (good) => (params: Windows, [x]) => {
    const t = x as TensorType
    const { lead, dims } = params as Windows & { readonly dims: readonly { readonly size: { readonly i: number } }[] }
    const shape = t.shape.map((d, a) => dims[a - lead]?.size.i ?? d)
    return good.type(params, [{ elem: t.elem, shape }])
  }),
  broken("overlapAdd", "type", "keys count as floats", keysAs("float")),
  ...brokenIn(["windows", "overlapAdd"], "jvp", "with one more zero before", (good) => (params: Windows, ...rest) => {
    return good.jvp(padded(params), ...rest)
  }),
  ...brokenIn(["windows", "overlapAdd"], "transpose", "with one more zero before", transposedWith(padded)),
  ...brokenIn(["windows", "overlapAdd"], "batch", "rows come out backwards", rows(reversed)),
  ...brokenIn(["windows", "overlapAdd"], "lower", "one place off along the first axis", rolled),
  ...brokenIn(["windows", "overlapAdd"], "lower", "reads outside", unguarded),
  broken(
    "overlapAdd",
    "lower",
    "the last of a window is forgotten",
    nests((nest) => (nest.reduce === null ? nest : { ...nest, reduce: { ...nest.reduce, extent: nest.reduce.extent.map((n) => n - 1) } })),
  ),
]

const dynamic: readonly BrokenRule[] = [
  broken(
    "dynamicSlice",
    "type",
    "shared axes are not compared",
    (good) =>
      (params: { readonly shared: number }, [x, start]) =>
        good.type(params, [x as TensorType, { elem: (start as TensorType).elem, shape: (x as TensorType).shape.slice(0, params.shared) }]),
  ),
  broken(
    "dynamicSlice",
    "jvp",
    "one place later",
    (good) =>
      (params, [x, start], ...rest) =>
        good.jvp(params, [x, later(start as AnyTensor)] as never, ...rest),
  ),
  broken(
    "dynamicSlice",
    "transpose",
    "one place later",
    (good) =>
      (params, [x, start], ...rest) =>
        good.transpose?.(params, [x, later(start as AnyTensor)] as never, ...rest) ?? [],
  ),
  broken("dynamicSlice", "batch", "rows come out backwards", rows(reversed)),
  broken("dynamicSlice", "lower", "one place off along the first axis", rolled),
  broken("dynamicSlice", "lower", "reads outside", unguarded),
  broken(
    "updateSlice",
    "type",
    "an update of any kind",
    (good) =>
      (params, [x, u, start]) =>
        good.type(params, [x as TensorType, { elem: (x as TensorType).elem, shape: (u as TensorType).shape }, start as TensorType]),
  ),
  ...([0, 1] as const).map((n) => broken("updateSlice", "jvp", `the tangent of input ${n} is forgotten`, withoutTangent(n))),
  ...([0, 1] as const).map((n) => broken("updateSlice", "transpose", `input ${n} gets no cotangent`, withoutCotangent(n))),
  broken("updateSlice", "transpose", "what is replaced keeps its cotangent", (good) => (params, inputs, [x, u], [ct]) => {
    const found = good.transpose?.(params, inputs, [x as boolean, u as boolean, false], [ct as AnyTensor]) ?? []
    return found.map((t, i) => (i === 0 && t !== null ? (ct as AnyTensor) : t))
  }),
  broken("updateSlice", "transpose", "twice too large", cotangents(times(2))),
  broken("updateSlice", "transpose", "the wrong sign", cotangents(negated)),
  broken("updateSlice", "batch", "rows come out backwards", rows(reversed)),
  broken("updateSlice", "lower", "one place off along the first axis", rolled),
  broken("updateSlice", "lower", "reads outside", unguarded),
]

export const window: readonly BrokenRule[] = [...reverse, ...windows, ...dynamic]

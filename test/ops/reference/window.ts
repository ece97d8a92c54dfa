/** Reversal, windows, and parts at positions that are data: each element moved by hand. */
import { accumulate, get, indices, make, type Nd } from "./nd.js"
import { one, type References } from "./reference.js"

type Numbers = readonly number[]

interface Windows {
  readonly lead: number
  readonly dims: readonly {
    readonly s: number
    readonly d: number
    readonly p: number
    readonly size: Readonly<Record<"i" | "o" | "k", number>>
  }[]
}

/** Calls with every place of a signal and the places of the windows that see it. */
const eachSeen = ({ lead, dims }: Windows, before: Numbers, rest: Numbers, see: (signal: Numbers, seen: Numbers) => void): void => {
  const sizes = (role: "i" | "o" | "k") => dims.map((d) => d.size[role])
  for (const b of indices(before.slice(0, lead)))
    for (const at of indices(sizes("o")))
      for (const within of indices(sizes("k"))) {
        const place = dims.map(({ s, d, p }, j) => s * (at[j] as number) + d * (within[j] as number) - p)
        if (place.some((x, j) => x < 0 || x >= (sizes("i")[j] as number))) continue
        for (const r of indices(rest)) see([...b, ...place, ...r], [...b, ...at, ...within, ...r])
      }
}

export const window: References = {
  reverse: one(({ axes }: { readonly axes: Numbers }, x) => {
    const a = x as Nd
    return make(a.shape, (i) =>
      get(
        a,
        i.map((at, axis) => (axes.includes(axis) ? (a.shape[axis] as number) - 1 - at : at)),
      ),
    )
  }),
  windows: one((params: Windows, x) => {
    const a = x as Nd
    const n = params.dims.length
    const rest = a.shape.slice(params.lead + n)
    const out = [...a.shape.slice(0, params.lead), ...params.dims.map((d) => d.size.o), ...params.dims.map((d) => d.size.k), ...rest]
    return accumulate(out, (add) => eachSeen(params, a.shape, rest, (signal, seen) => add(seen, get(a, signal))))
  }),
  overlapAdd: one((params: Windows, x) => {
    const a = x as Nd
    const rest = a.shape.slice(params.lead + 2 * params.dims.length)
    const out = [...a.shape.slice(0, params.lead), ...params.dims.map((d) => d.size.i), ...rest]
    return accumulate(out, (add) => eachSeen(params, a.shape, rest, (signal, seen) => add(signal, get(a, seen))))
  }),
  dynamicSlice: one(({ shared, size }: { readonly shared: number; readonly size: number }, x, start) => {
    const a = x as Nd
    const out = a.shape.map((d, axis) => (axis === shared ? size : d))
    return make(out, (i) => {
      const at = (i[shared] as number) + get(start as Nd, i.slice(0, shared))
      return at >= 0 && at < (a.shape[shared] as number) ? get(a, [...i.slice(0, shared), at, ...i.slice(shared + 1)]) : 0
    })
  }),
  updateSlice: one(({ shared }: { readonly shared: number }, x, update, start) => {
    const [a, u] = [x as Nd, update as Nd]
    const size = u.shape[shared] as number
    return make(a.shape, (i) => {
      const at = (i[shared] as number) - get(start as Nd, i.slice(0, shared))
      return at >= 0 && at < size ? get(u, [...i.slice(0, shared), at, ...i.slice(shared + 1)]) : get(a, i)
    })
  }),
}

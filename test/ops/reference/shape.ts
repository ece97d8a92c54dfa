/** Ops that move elements, and reductions. */
import { accumulate, get, indices, make, map, type Nd, size } from "./nd.js"
import { one, type References } from "./reference.js"

type Numbers = readonly number[]

const scalar = (x: number): Nd => ({ shape: [], data: Float64Array.of(x) })

export const constants: References = {
  literal: one(({ value }: { readonly value: number }) => scalar(value)),
  epsilon: one(() => scalar(2 ** -52)),
  iota: one(({ length }: { readonly length: number }) => make([length], ([i]) => i as number)),
}

/** Row-major order counted by hand. */
const unravel = (flat: number, shape: Numbers): Numbers => {
  const out: number[] = []
  for (let i = shape.length - 1, rest = flat; i >= 0; i--) {
    out.unshift(rest % (shape[i] as number))
    rest = (rest - (out[0] as number)) / (shape[i] as number)
  }
  return out
}

const drop = (index: Numbers, axes: Numbers) => index.filter((_, a) => !axes.includes(a))

export const movement: References = {
  broadcast: one(({ shape, dims }: { readonly shape: Numbers; readonly dims: Numbers }, x) => {
    const a = x as Nd
    return make([...shape, ...a.shape.slice(dims.length)], (i) =>
      get(a, [...dims.map((d, k) => (a.shape[k] === 1 ? 0 : (i[d] as number))), ...i.slice(shape.length)]),
    )
  }),
  reshape: one(({ shape }: { readonly shape: Numbers }, x) => {
    const a = x as Nd
    return make(shape, (i) => {
      const flat = i.reduce((n, k, axis) => n + k * size(shape.slice(axis + 1)), 0)
      return get(a, unravel(flat, a.shape))
    })
  }),
  permute: one(({ order }: { readonly order: Numbers }, x) => {
    const a = x as Nd
    const out = order.map((from) => a.shape[from] as number)
    return accumulate(out, (add) => {
      for (const i of indices(a.shape))
        add(
          order.map((from) => i[from] as number),
          get(a, i),
        )
    })
  }),
  slice: one(({ start, size: sizes, stride }: { readonly start: Numbers; readonly size: Numbers; readonly stride: Numbers }, x) =>
    make(sizes, (i) =>
      get(
        x as Nd,
        i.map((k, a) => (start[a] as number) + k * (stride[a] as number)),
      ),
    ),
  ),
  pad: one(({ low, high, between }: { readonly low: Numbers; readonly high: Numbers; readonly between: Numbers }, x) => {
    const a = x as Nd
    const place = (k: number, axis: number) => (low[axis] as number) + k * ((between[axis] as number) + 1)
    const out = a.shape.map((d, axis) => (d === 0 ? (low[axis] as number) : place(d - 1, axis) + 1) + (high[axis] as number))
    return accumulate(out, (add) => {
      for (const i of indices(a.shape)) add(i.map(place), get(a, i))
    })
  }),
}

export const reduce: References = {
  sum: one(({ axes }: { readonly axes: Numbers }, x) => {
    const a = x as Nd
    return accumulate(drop(a.shape, axes), (add) => {
      for (const i of indices(a.shape)) add(drop(i, axes), get(a, i))
    })
  }),
  max: one(({ axes }: { readonly axes: Numbers }, x) => {
    const a = x as Nd
    const out = map(
      () => Number.NEGATIVE_INFINITY,
      make(drop(a.shape, axes), () => 0),
    )
    const rows = indices(out.shape)
    for (const i of indices(a.shape)) {
      const at = rows.findIndex((r) => r.join() === drop(i, axes).join())
      const [best, next] = [out.data[at] as number, get(a, i)]
      if (Number.isNaN(next) || next > best) out.data[at] = Number.isNaN(best) ? best : next
    }
    return out
  }),
}

/** gather and scatterAdd, walked over the source: each element goes where it belongs. */
import { accumulate, get, indices, type Nd } from "./nd.js"
import { one, type References } from "./reference.js"

export const gather: References = {
  gather: one(({ shared }: { readonly shared: number }, operand, at) => {
    const [x, positions] = [operand as Nd, at as Nd]
    const rest = x.shape.slice(shared + 1)
    return accumulate([...positions.shape, ...rest], (add) => {
      for (const p of indices(positions.shape)) {
        const pick = get(positions, p)
        if (pick < 0 || pick >= (x.shape[shared] as number)) continue
        for (const r of indices(rest)) add([...p, ...r], get(x, [...p.slice(0, shared), pick, ...r]))
      }
    })
  }),
  scatterAdd: one(({ shared, size }: { readonly shared: number; readonly size: number }, updates, at) => {
    const [u, positions] = [updates as Nd, at as Nd]
    const rest = u.shape.slice(positions.shape.length)
    return accumulate([...positions.shape.slice(0, shared), size, ...rest], (add) => {
      for (const p of indices(positions.shape)) {
        const place = get(positions, p)
        if (place < 0 || place >= size) continue
        for (const r of indices(rest)) add([...p.slice(0, shared), place, ...r], get(u, [...p, ...r]))
      }
    })
  }),
}

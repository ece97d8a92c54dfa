/** Sort by insertion: stable, ascending, NaN last. */
import { get, indices, make, type Nd } from "./nd.js"
import type { References } from "./reference.js"

/** Whether a stands strictly after b. */
const after = (a: number, b: number): boolean => (Number.isNaN(a) ? !Number.isNaN(b) : a > b)

export const sort: References = {
  sort: (_params, [input]) => {
    const x = input as Nd
    const width = x.shape.at(-1) as number
    const orders = new Map<string, readonly number[]>()
    for (const lead of indices(x.shape.slice(0, -1))) {
      const order: number[] = []
      for (let i = 0; i < width; i++) {
        let at = order.length
        while (at > 0 && after(get(x, [...lead, order[at - 1] as number]), get(x, [...lead, i]))) at--
        order.splice(at, 0, i)
      }
      orders.set(lead.join(), order)
    }
    const from = (i: readonly number[]) => orders.get(i.slice(0, -1).join())?.[i.at(-1) as number] as number
    return [make(x.shape, (i) => get(x, [...i.slice(0, -1), from(i)])), make(x.shape, from)]
  },
}

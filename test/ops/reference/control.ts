/** Control flow as loops of JavaScript, with bodies run by the references of their own ops. */
import { type Nd, row, stack } from "./nd.js"
import type { References } from "./reference.js"

interface Scan {
  readonly constants: number
  readonly carry: number
  readonly length: number
  readonly reverse: boolean
  readonly body: unknown
}

export const control: References = {
  cond: ({ whenTrue, whenFalse }: { readonly whenTrue: unknown; readonly whenFalse: unknown }, [p, ...rest], run) =>
    run((p as Nd).data[0] === 1 ? whenTrue : whenFalse, rest),
  customJvp: ({ value }: { readonly value: unknown }, inputs, run) => run(value, inputs),
  customVjp: ({ value }: { readonly value: unknown }, inputs, run) => run(value, inputs),
  checkpoint: ({ body }: { readonly body: unknown }, inputs, run) => run(body, inputs),
  scan: ({ constants, carry, length, reverse, body }: Scan, inputs, run) => {
    const fixed = inputs.slice(0, constants)
    let state: readonly Nd[] = inputs.slice(constants, constants + carry)
    const xs = inputs.slice(constants + carry)
    const results: (readonly Nd[])[] = []
    for (let turn = 0; turn < length; turn++) {
      const i = reverse ? length - 1 - turn : turn
      const out = run(body, [...fixed, ...state, ...xs.map((x) => row(x, i))])
      state = out.slice(0, carry)
      results[i] = out.slice(carry)
    }
    const stacked = (results[0] ?? []).map((first, k) =>
      stack(
        results.map((r) => r[k] as Nd),
        first.shape,
      ),
    )
    return [...state, ...stacked]
  },
  while: (
    { constants, condition, body }: { readonly constants: readonly number[]; readonly condition: unknown; readonly body: unknown },
    inputs,
    run,
  ) => {
    const fixed = inputs.slice(0, constants.length)
    let state: readonly Nd[] = inputs.slice(constants.length)
    while (run(condition, [...fixed, ...state])[0]?.data[0] === 1) state = run(body, [...fixed, ...state])
    return state
  },
}

/** Solves: the dense matrix of the operator by Gauss-Jordan, the fixed point by iteration until nothing changes. */
import type { Nd } from "./nd.js"
import type { References } from "./reference.js"

/** x with A x = b, rows exchanged for the largest pivot. */
export const gaussJordan = (a: readonly (readonly number[])[], b: readonly number[]): readonly number[] => {
  const m = a.map((r, i) => [...r, b[i] as number])
  const n = m.length
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k; i < n; i++) if (Math.abs(m[i]?.[k] as number) > Math.abs(m[pivot]?.[k] as number)) pivot = i
    ;[m[k], m[pivot]] = [m[pivot] as number[], m[k] as number[]]
    const top = m[k] as number[]
    const by = top[k] as number
    top.forEach((x, j) => {
      top[j] = x / by
    })
    for (let i = 0; i < n; i++) {
      const r = m[i] as number[]
      const f = r[k] as number
      if (i !== k) for (let j = k; j <= n; j++) r[j] = (r[j] as number) - f * (top[j] as number)
    }
  }
  return m.map((r) => r[n] as number)
}

export const solve: References = {
  linearSolve: ({ operator, constants }: { readonly operator: unknown; readonly constants: number }, inputs, run) => {
    const fixed = inputs.slice(0, constants)
    const [b] = inputs.slice(constants) as [Nd]
    const columns = Array.from(
      b.data,
      (_, j) => run(operator, [...fixed, { shape: b.shape, data: b.data.map((_x, i) => (i === j ? 1 : 0)) }])[0] as Nd,
    )
    const matrix = Array.from(b.data, (_, i) => columns.map((c) => c.data[i] as number))
    const x = gaussJordan(matrix, Array.from(b.data))
    return [{ shape: b.shape, data: Float64Array.from(x) }, undefined, undefined, undefined]
  },
  fixedPoint: ({ f, constants }: { readonly f: unknown; readonly constants: readonly number[] }, inputs, run) => {
    const fixed = inputs.slice(0, constants.length)
    let z: readonly Nd[] = inputs.slice(constants.length)
    for (let turn = 0; turn < 2000; turn++) {
      const next = run(f, [...fixed, ...z])
      if (next.every((x, k) => x.data.every((n, i) => n === z[k]?.data[i]))) break
      z = next
    }
    return [...z, undefined, undefined, undefined]
  },
}

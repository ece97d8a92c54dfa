/** Rows sorted ascending and stable, NaN last: values, and the positions they came from. */
export const sortRows = (x: Float64Array, width: number): readonly [Float64Array, Float64Array] => {
  const values = new Float64Array(x.length)
  const positions = new Float64Array(x.length)
  const order = (a: number, b: number) => (Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : Number.isNaN(b) ? -1 : a - b)
  for (let start = 0; start < x.length; start += width) {
    const rows = Array.from({ length: width }, (_, i) => i).sort((i, j) => {
      const a = x[start + i] as number
      const b = x[start + j] as number
      return a === b ? 0 : order(a, b)
    })
    rows.forEach((from, to) => {
      values[start + to] = x[start + from] as number
      positions[start + to] = from
    })
  }
  return [values, positions]
}

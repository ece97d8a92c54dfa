/** The mean of numbers. */
export const mean = (values: ArrayLike<number>): number => {
  let total = 0
  for (let i = 0; i < values.length; i++) total += values[i] as number
  return total / values.length
}

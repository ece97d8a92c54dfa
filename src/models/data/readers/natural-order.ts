/** Names in the order people count: `scene2.png` before `scene10.png`. */

const parts = (name: string): readonly string[] => name.match(/\d+|\D+/g) ?? []

const isDigits = (part: string): boolean => /^\d/.test(part)

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Numbers by their digits, however many: the longer is the larger once leading zeros are gone. */
const compareDigits = (a: string, b: string): number => {
  const [x, y] = [a.replace(/^0+(?=\d)/, ""), b.replace(/^0+(?=\d)/, "")]
  return x.length - y.length || compareText(x, y)
}

/** Compares runs of digits as numbers and everything else by UTF-16 units, the same on every machine. A total order: ties go by the text itself. */
export const naturalOrder = (a: string, b: string): number => {
  const [x, y] = [parts(a), parts(b)]
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const order = isDigits(x[i]!) && isDigits(y[i]!) ? compareDigits(x[i]!, y[i]!) : compareText(x[i]!, y[i]!)
    if (order !== 0) return order
  }
  return x.length - y.length || compareText(a, b)
}

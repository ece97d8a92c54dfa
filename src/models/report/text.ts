/** Text for HTML, and numbers for people. */

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

/** Makes any text safe in HTML, inside quoted attributes too. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!)

const superscripts: Readonly<Record<string, string>> = Object.fromEntries([..."-0123456789"].map((digit, i) => [digit, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[i]!]))

/** 10 to an integer power, as `10⁻³`. */
export const powerOfTen = (exponent: number): string => `10${[...String(exponent)].map((digit) => superscripts[digit]).join("")}`

/** Thousands set apart by narrow spaces, from five digits on. */
const grouped = (digits: string): string => (digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, "\u202f"))

/** A number in few characters: `0.0421`, `20 000`, `3.1·10⁻⁴`; with a true minus sign. NaN and infinities stay visible. */
export const number = (value: number, significant = 4): string => {
  if (Number.isNaN(value)) return "NaN"
  const sign = value < 0 ? "−" : ""
  const size = Math.abs(value)
  if (size === Number.POSITIVE_INFINITY) return `${sign}∞`
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [mantissa, exponent] = size.toExponential(Math.min(significant - 1, 1)).split("e")
    return `${sign}${mantissa}·${powerOfTen(Number(exponent))}`
  }
  if (Number.isInteger(size)) return sign + grouped(String(size))
  const [whole, fraction] = String(Number(size.toPrecision(significant))).split(".")
  return sign + grouped(whole!) + (fraction === undefined ? "" : `.${fraction}`)
}

/** A number with a fixed count of digits after the point, so that a column lines up. */
export const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? `${value < 0 ? "−" : ""}${Math.abs(value).toFixed(digits)}` : number(value)

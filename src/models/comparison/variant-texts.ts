/** Variants as they are typed: commas between them, pluses between the parts of one, and values that may hold either. */
import { variantNames } from "../slot-attention/index.js"

/** Places of a character outside brackets and quotes. */
const placesOutside = (text: string, character: string): readonly number[] => {
  const places: number[] = []
  let [depth, quoted] = [0, false]
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i)
    if (quoted && c === "\\") i++
    else if (c === '"') quoted = !quoted
    else if (quoted) continue
    else if ("[{".includes(c)) depth++
    else if ("]}".includes(c)) depth--
    else if (c === character && depth === 0) places.push(i)
  }
  return places
}

const cutAt = (text: string, places: readonly number[]): readonly string[] =>
  [...places, text.length].map((end, i) => text.slice(i === 0 ? 0 : (places[i - 1] as number) + 1, end))

/** What a part begins with that can't be the rest of a value such as 1e+1: a name of a setting, or the word of a variant. */
const partAhead = new RegExp(`^([A-Za-z][A-Za-z0-9.]*=|(${variantNames.join("|")})(\\+|$))`)

/**
 * The variants in a text: divided at commas, but for those in brackets or quotes.
 *
 * @example
 * variantTexts("exact,encoder.kernels=[5,3]") // ["exact", "encoder.kernels=[5,3]"]
 */
export const variantTexts = (text: string): readonly string[] => cutAt(text, placesOutside(text, ",")).map((one) => one.trim())

/** The parts of a variant: divided at the pluses that are in no value. */
export const partTexts = (text: string): readonly string[] => {
  const places: number[] = []
  for (const at of placesOutside(text, "+")) {
    const inValue = text.slice((places.at(-1) ?? -1) + 1, at).includes("=")
    if (!inValue || partAhead.test(text.slice(at + 1))) places.push(at)
  }
  return cutAt(text, places)
}

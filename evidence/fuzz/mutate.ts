/** Changes to bytes and to JSON text that readers meet in damaged files and from people who mean harm. */
import type { Draws } from "../../src/models/index.js"

const pick = <A>(d: Draws, items: readonly A[]): A => items[d.below(items.length)]!

/** Longest input that is made. */
export const longest = 65_536

const joined = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts).subarray(0, longest))

const lengths = [
  0n,
  1n,
  2n,
  7n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
]

/** Writes a number that is likely to be taken for a length, a count or an offset. */
const editNumber = (d: Draws, bytes: Uint8Array): Uint8Array => {
  const out = bytes.slice()
  if (out.length === 0) return out
  const width = pick(
    d,
    [1, 2, 4, 8].filter((w) => w <= out.length),
  )
  const at = d.below(Math.min(out.length, d.below(2) === 0 ? 64 : out.length) - width + 1 || 1)
  const near = BigInt(out.length) + BigInt(d.below(9)) - 4n
  const value = BigInt.asUintN(8 * width, d.below(4) === 0 ? near : pick(d, lengths))
  const view = new DataView(out.buffer)
  const little = d.below(2) === 0
  if (at + width > out.length) return out
  for (let i = 0; i < width; i++) view.setUint8(at + (little ? i : width - 1 - i), Number((value >> BigInt(8 * i)) & 0xffn))
  return out
}

/** One change to bytes; `other` is another input to splice with. */
export const changeBytes = (d: Draws, bytes: Uint8Array, other: Uint8Array): Uint8Array => {
  const at = d.below(bytes.length + 1)
  const to = Math.min(bytes.length, at + d.below(40))
  const out = bytes.slice()
  switch (d.below(8)) {
    case 0:
      if (at < out.length) out[at]! ^= 1 << d.below(8)
      return out
    case 1:
      if (at < out.length) out[at] = pick(d, [0, 1, 0x7f, 0x80, 0xff])
      return out
    case 2:
      return editNumber(d, bytes)
    case 3:
      return bytes.slice(0, at)
    case 4:
      return joined(bytes.subarray(0, at), bytes.subarray(to))
    case 5:
      return joined(bytes.subarray(0, to), bytes.subarray(at))
    case 6:
      return joined(
        bytes.subarray(0, at),
        Uint8Array.from({ length: d.below(20) }, () => d.below(256)),
        bytes.subarray(at),
      )
    default:
      return joined(bytes.subarray(0, at), other.subarray(d.below(other.length + 1)))
  }
}

const numbers = [
  "0",
  "-0",
  "-1",
  "1",
  "0.5",
  "1e400",
  "-1e400",
  "1e-400",
  "9007199254740993",
  "2147483648",
  "4294967296",
  "1e15",
  "1e9",
  "999999999999999999999",
  "null",
  '"NaN"',
  "true",
]
const words = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "toJSON",
  "hasOwnProperty",
  "length",
  "../../x",
  "/etc/passwd",
  "a\\u0000b",
  "\\ud800",
  "_tag",
  "$graph",
  "$number",
  "",
]
const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/g

/** Most levels that are nested; more than any stack holds frames of a recursive reader. */
const deepest = 20_000

const nested = (d: Draws): string => {
  const levels = pick(d, [3, 70, 110, 1000, deepest])
  return d.below(2) === 0
    ? `${"[".repeat(levels)}${"]".repeat(levels)}`
    : `${'{"a":'.repeat(Math.min(levels, 10_000))}0${"}".repeat(Math.min(levels, 10_000))}`
}

const value = (d: Draws): string => {
  switch (d.below(6)) {
    case 0:
      return pick(d, numbers)
    case 1:
      return `"${pick(d, words)}"`
    case 2:
      return nested(d)
    case 3:
      return `{"${pick(d, words)}":${pick(d, numbers)}}`
    case 4:
      return `"${"x".repeat(d.below(30_000))}"`
    default:
      return `[${Array.from({ length: d.below(200) }, () => pick(d, numbers)).join()}]`
  }
}

const isValue = (t: string): boolean => !/^[{}[\],:]$/.test(t)

/** One change to JSON text, most of them to another JSON text. */
export const changeText = (d: Draws, text: string, other: string): string => {
  const tokens: readonly string[] = text.match(token) ?? []
  if (tokens.length === 0) return value(d)
  const at = (wanted: (t: string, i: number) => boolean): number => {
    const start = d.below(tokens.length)
    for (let i = 0; i < tokens.length; i++)
      if (wanted(tokens[(start + i) % tokens.length]!, (start + i) % tokens.length)) return (start + i) % tokens.length
    return start
  }
  const isKey = (i: number) => tokens[i + 1] === ":"
  const cut = (s: string) => s.slice(0, longest)
  switch (d.below(9)) {
    case 0:
      return cut(
        tokens
          .with(
            at((t) => /^-?\d/.test(t)),
            pick(d, numbers),
          )
          .join(""),
      )
    case 1:
      return cut(
        tokens
          .with(
            at((t, i) => isValue(t) && !isKey(i)),
            value(d),
          )
          .join(""),
      )
    case 2:
      return cut(
        tokens
          .with(
            at((_, i) => isKey(i)),
            `"${pick(d, words)}"`,
          )
          .join(""),
      )
    case 3: {
      const open = at((t) => t === "{")
      const comma = tokens[open + 1] === "}" ? "" : ","
      return cut(tokens.toSpliced(open + 1, 0, `"${pick(d, words)}":${value(d)}${comma}`).join(""))
    }
    case 4: {
      const key = at((_, i) => isKey(i))
      return cut(tokens.toSpliced(key, 0, tokens[key]!, ":", value(d), ",").join(""))
    }
    case 5:
      return cut(tokens.toSpliced(d.below(tokens.length), 1 + d.below(4)).join(""))
    case 6: {
      const [i, j] = [at(isValue), at(isValue)]
      return cut(tokens.with(i, tokens[j]!).with(j, tokens[i]!).join(""))
    }
    case 7:
      return cut(text.slice(0, d.below(text.length + 1)) + other.slice(d.below(other.length + 1)))
    default: {
      const bytes = changeBytes(d, new TextEncoder().encode(text), new TextEncoder().encode(other))
      return new TextDecoder().decode(bytes)
    }
  }
}

/** One to four changes. */
export const changed = <A>(d: Draws, change: (d: Draws, a: A, other: A) => A, a: A, other: A): A => {
  let out = a
  do out = change(d, out, other)
  while (d.below(3) === 0)
  return out
}

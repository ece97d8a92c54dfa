/**
 * The header of an npy file: magic, version, length, and a Python dictionary with exactly the keys `descr`, `fortran_order`, `shape`.
 * Source: numpy.lib.format (NEP 1). The dictionary is read by a scanner for just that; nothing is evaluated.
 */
import * as E from "fp-ts/lib/Either.js"
import type { DecodeError } from "../../failure.js"
import { type Stored, storedAs } from "./dtype.js"
import { quoted, refuse } from "./limits.js"

export interface NpyHeader {
  readonly stored: Stored
  readonly fortran: boolean
  readonly shape: readonly number[]
  /** Where the elements begin. */
  readonly start: number
}

/** The longest header that is read, as in NumPy: dtypes of numbers need some 100 bytes. */
const headerLimit = 10_000
/** The most axes, as in NumPy 2. */
const axesLimit = 64

const magic = "\x93NUMPY"

type Literal = string | boolean | readonly number[]

/** What the scanner found wrong, and at which character. */
class Fault {
  constructor(
    readonly at: number,
    readonly message: string,
  ) {}
}

const scanner = (text: string) => {
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) at += found[0].length
    return found
  }
  return {
    take,
    skip: () => void take(/\s*/y),
    place: () => at,
    fault: (expected: string, from = at) =>
      new Fault(from, `expected ${expected}, found ${from >= text.length ? "the end of the header" : quoted(text.slice(from, from + 20))}`),
  }
}

type Scanner = ReturnType<typeof scanner>

const text = /'([^'\\]{0,100})'|"([^"\\]{0,100})"/y

const scanShape = ({ take, skip, place, fault }: Scanner): readonly number[] | Fault => {
  const sizes: number[] = []
  for (;;) {
    skip()
    if (take(/\)/y)) return sizes
    const from = place()
    const size = Number(take(/(\d+)L?/y)?.[1] ?? Number.NaN)
    if (!Number.isSafeInteger(size)) return fault("a size from 0 to 2^53 - 1", from)
    if (sizes.push(size) > axesLimit) return fault(`at most ${axesLimit} axes`)
    skip()
    if (!take(/,/y)) return take(/\)/y) && sizes.length > 1 ? sizes : fault('"," or ")"')
  }
}

const scanValue = (s: Scanner): Literal | Fault => {
  const word = s.take(text)
  if (word !== null) return word[1] ?? word[2] ?? ""
  const flag = s.take(/(True|False)\b/y)
  if (flag !== null) return flag[1] === "True"
  if (s.take(/\(/y)) return scanShape(s)
  return s.fault("a text, True, False or a shape such as (2, 3); structured dtypes are not read, store one array a field")
}

const scanDictionary = (source: string): ReadonlyMap<string, Literal> | Fault => {
  const s = scanner(source)
  const found = new Map<string, Literal>()
  s.skip()
  if (!s.take(/\{/y)) return s.fault('"{"')
  for (;;) {
    s.skip()
    if (s.take(/\}/y)) break
    const key = s.take(text)
    const name = key?.[1] ?? key?.[2]
    if (name === undefined || found.has(name)) return s.fault(name === undefined ? 'a key or "}"' : `the key ${quoted(name)} only once`)
    s.skip()
    if (!s.take(/:/y)) return s.fault('":"')
    s.skip()
    const value = scanValue(s)
    if (value instanceof Fault) return value
    found.set(name, value)
    s.skip()
    if (s.take(/,/y)) continue
    if (s.take(/\}/y)) break
    return s.fault('"," or "}"')
  }
  s.skip()
  return s.take(/$/y) ? found : s.fault("nothing after the dictionary")
}

/** Kinds of dtype that are refused with a reason of their own. */
const why = (descr: string): string =>
  /O/.test(descr)
    ? "Python objects are pickled, and reading a pickle runs its code; store numbers"
    : /c/.test(descr)
      ? "store the real and the imaginary part as two arrays"
      : "convert it with .astype before saving"

/** Reads the header and checks its words; whether the elements are there is for the caller to see. */
export const readNpyHeader = (bytes: Uint8Array, source: string): E.Either<DecodeError, NpyHeader> => {
  const start = String.fromCharCode(...bytes.subarray(0, 6))
  if (start !== magic)
    return refuse(source, `byte 0: expected an npy file ("\\x93NUMPY"), found ${quoted(start)}; write it with numpy.save`)
  const major = bytes[6]
  if (bytes.length < 12 || major === undefined)
    return refuse(source, `expected a header, found ${bytes.length} bytes; the file is truncated`)
  if (!(major >= 1 && major <= 3 && bytes[7] === 0))
    return refuse(source, `byte 6: expected version 1.0, 2.0 or 3.0 of the format, found ${major}.${bytes[7]}; write it with numpy.save`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const at = major === 1 ? 10 : 12
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > headerLimit || at + length > bytes.length)
    return refuse(
      source,
      `byte 8: expected a header of at most ${Math.min(headerLimit, bytes.length - at)} bytes, found ${length} announced; the file is truncated or damaged`,
    )
  const found = scanDictionary(String.fromCharCode(...bytes.subarray(at, at + length)))
  if (found instanceof Fault) return refuse(source, `byte ${at + found.at}: ${found.message}`)
  const [descr, fortran, shape] = [found.get("descr"), found.get("fortran_order"), found.get("shape")]
  if (found.size !== 3 || typeof descr !== "string" || typeof fortran !== "boolean" || !Array.isArray(shape))
    return refuse(
      source,
      `byte ${at}: expected the keys descr (a text), fortran_order (True or False) and shape, found ${[...found.keys()].map(quoted).join(", ") || "none"}; write it with numpy.save`,
    )
  const stored = storedAs(descr)
  if (stored === undefined)
    return refuse(source, `byte ${at}: expected a dtype of bool, int, uint or float up to 64 bits, found ${quoted(descr)}; ${why(descr)}`)
  return E.right({ stored, fortran, shape, start: at + length })
}

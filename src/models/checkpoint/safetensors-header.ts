/** The JSON header of a safetensors file, checked before any tensor is touched. */
import * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import { type DecodeError, decodeError } from "../failure.js"
import { elementBytes, type ReadDtype } from "./dtypes.js"
import { firstError } from "./first-error.js"
import { isUnsafeKey, parse } from "./json.js"

const isNatural = (u: unknown): u is number => typeof u === "number" && Number.isSafeInteger(u) && u >= 0

const Natural = new t.Type<number>("a natural number", isNatural, (u, c) => (isNatural(u) ? t.success(u) : t.failure(u, c)), t.identity)

const Entry = t.type(
  {
    dtype: t.keyof(elementBytes, `one of ${Object.keys(elementBytes).join(", ")} (convert other dtypes before loading)`),
    shape: t.array(Natural, "a list of sizes"),
    data_offsets: t.tuple([Natural, Natural], "a pair [begin, end] of byte offsets"),
  },
  "an object with dtype, shape and data_offsets",
)

const Metadata = t.record(t.string, t.string, "an object of strings")

/** One tensor of the header. `begin` and `end` are byte offsets into the data section. */
export interface HeaderEntry {
  readonly name: string
  readonly dtype: ReadDtype
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

export interface Header {
  /** In the order of their bytes. */
  readonly entries: readonly HeaderEntry[]
  readonly metadata: Readonly<Record<string, string>>
}

/** Whether a tensor's name is safe to use as a path into a record. */
export const isSafeName = (name: string): boolean => !name.split(/[./]/).some(isUnsafeKey)

/** Elements of a shape; `undefined` when they are too many to count exactly. */
export const elementsOf = (shape: readonly number[]): number | undefined => {
  if (shape.includes(0)) return 0
  let product = 1
  for (const size of shape) {
    product *= size
    if (!Number.isSafeInteger(product)) return undefined
  }
  return product
}

const entryOf = (name: string, value: unknown): E.Either<string, HeaderEntry> => {
  const at = `tensor "${name.length > 60 ? `${name.slice(0, 57)}...` : name}"`
  if (!isSafeName(name)) return E.left(`${at} has a name that is not safe to use as a path; rename it`)
  const decoded = Entry.decode(value)
  if (E.isLeft(decoded)) return E.left(`${at}: ${firstError(decoded.left)}`)
  const { dtype, shape, data_offsets } = decoded.right
  const [begin, end] = data_offsets
  const elements = elementsOf(shape)
  const bytes = elements === undefined ? undefined : elements * elementBytes[dtype]
  if (bytes !== end - begin) {
    return E.left(
      `${at}: shape [${shape.slice(0, 8).join(", ")}] of ${dtype} takes ${bytes ?? "too many"} bytes, but its offsets hold ${end - begin}`,
    )
  }
  return E.right({ name, dtype, shape, begin, end })
}

/** The tensors must tile the data section: no gap, no overlap, nothing outside, nothing left over. */
const tilingFault = (entries: readonly HeaderEntry[], dataBytes: number): string | undefined => {
  let at = 0
  for (const { name, begin, end } of entries) {
    if (end > dataBytes) return `tensor "${name}" ends at byte ${end} of the data, but there are only ${dataBytes}: the file is truncated`
    if (begin < at) return `tensor "${name}" begins at byte ${begin} of the data and overlaps the one before it, which ends at ${at}`
    if (begin > at) return `${begin - at} bytes of data before tensor "${name}" belong to no tensor`
    at = end
  }
  return at === dataBytes ? undefined : `the last ${dataBytes - at} bytes of data belong to no tensor`
}

/**
 * Reads a header.
 *
 * @param text the JSON
 * @param dataBytes bytes that follow it in the file
 * @param source what messages call the file
 */
export const parseHeader = (text: string, dataBytes: number, source: string): E.Either<DecodeError, Header> => {
  const fail = (message: string) => E.left(decodeError(`${source}: ${message}`))
  const json = parse(text, "the header")
  if (E.isLeft(json)) return fail(json.left.message)
  const all = json.right
  if (typeof all !== "object" || all === null || Array.isArray(all)) return fail("the header must be a JSON object, one member a tensor")
  const entries: HeaderEntry[] = []
  let metadata: Readonly<Record<string, string>> = {}
  for (const [name, value] of Object.entries(all)) {
    if (name === "__metadata__") {
      const decoded = Metadata.decode(value)
      if (E.isLeft(decoded)) return fail(`__metadata__: ${firstError(decoded.left)}`)
      metadata = decoded.right
    } else {
      const entry = entryOf(name, value)
      if (E.isLeft(entry)) return fail(entry.left)
      entries.push(entry.right)
    }
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  const fault = tilingFault(entries, dataBytes)
  return fault === undefined ? E.right({ entries, metadata }) : fail(fault)
}

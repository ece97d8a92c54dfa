/** The npz format: arrays by name, each an npy file in a zip archive. */

import { type Zippable, zipSync } from "fflate"
import * as E from "fp-ts/lib/Either.js"
import { type DecodeError, decodeError } from "../../failure.js"
import type { NpyArray } from "./dtype.js"
import { defaultMaxBytes, quoted, type ReadOptions, refuse } from "./limits.js"
import { decodeNpy, encodeNpy } from "./npy.js"
import { memberBytes, zipMembers } from "./zip.js"

/** Arrays by name. Records that come from {@link decodeNpz} have no prototype. */
export type NpzArrays = Readonly<Record<string, NpyArray>>

const reserved = ["__proto__", "constructor", "prototype"]
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const foreign = /[\u0000-\u001f\\]|^[A-Za-z]:/

/** What makes a name unfit: nothing here uses names as paths or looks them up on a prototype, but somebody else might. */
const unsafeName = (name: string): boolean =>
  foreign.test(name) ||
  name.split("/").some((part) => part === "" || part === "." || part === ".." || part.split(".").some((p) => reserved.includes(p)))

/**
 * Reads the bytes of an npz archive (`numpy.savez`, `numpy.savez_compressed`; zip64 too) as {@link decodeNpy} reads each member.
 *
 * Sizes are checked before anything is inflated: all members together may take `maxBytes`, inflating stops at the announced size, and the
 * checksum must be right. A `Left` names the member and the byte: a damaged or encrypted archive, a member that is no npy file, a name
 * that comes twice, climbs out of a folder (`../x`) or would reach a prototype.
 *
 * @example
 * const read = decodeNpz(readFileSync("scenes.npz"), { source: "scenes.npz" })
 * if (E.isRight(read)) read.right.image?.shape
 */
export const decodeNpz = (
  bytes: Uint8Array,
  { maxBytes = defaultMaxBytes, source = "npz" }: ReadOptions = {},
): E.Either<DecodeError, NpzArrays> => {
  const members = zipMembers(bytes, source)
  if (E.isLeft(members)) return members
  const total = members.right.reduce((sum, { size }) => sum + size, 0)
  if (total > maxBytes)
    return refuse(source, `its members take ${total} bytes, more than maxBytes = ${maxBytes}; raise it or split the archive`)
  const arrays: Record<string, NpyArray> = Object.create(null)
  let room = maxBytes
  for (const member of members.right) {
    const where = `${source}: member ${quoted(member.name)}`
    if (!member.name.endsWith(".npy")) return refuse(where, "expected a name that ends in .npy; leave other files out of the archive")
    const name = member.name.slice(0, -4)
    if (unsafeName(name)) return refuse(where, "its name is not safe to use; rename the array")
    if (name in arrays) return refuse(where, "the archive has two arrays of this name; rename one")
    const plain = memberBytes(bytes, member, source)
    if (E.isLeft(plain)) return plain
    const array = decodeNpy(plain.right, { maxBytes: room, source: where })
    if (E.isLeft(array)) return array
    arrays[name] = array.right
    room -= array.right.data.byteLength
  }
  return E.right(arrays)
}

/**
 * Bytes of an npz archive, which `numpy.load` reads. Equal arrays give equal bytes. With `compress` members are deflated; they are not
 * by default, as in `numpy.savez`.
 *
 * @example
 * const image: NpyArray = { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) }
 * encodeNpz({ image }, { compress: true })._tag // "Right"
 */
export const encodeNpz = (
  arrays: NpzArrays,
  { compress = false, source = "npz" }: { readonly compress?: boolean; readonly source?: string } = {},
): E.Either<DecodeError, Uint8Array> => {
  const files: Zippable = Object.create(null)
  for (const [name, array] of Object.entries(arrays)) {
    if (unsafeName(name)) return E.left(decodeError(`${source}: the name ${quoted(name)} is not safe to read back; rename the array`))
    const bytes = encodeNpy(array, `${source}: array ${quoted(name)}`)
    if (E.isLeft(bytes)) return bytes
    files[`${name}.npy`] = bytes.right
  }
  return E.right(zipSync(files, { level: compress ? 6 : 0, mtime: new Date(1980, 0, 1) }))
}

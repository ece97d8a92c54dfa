/**
 * The directory of a zip archive, and its members' bytes. Source: PKWARE's APPNOTE 6.3.10.
 *
 * Only the central directory is believed, and each of its numbers is checked against the bytes that are there. Names are names: no part of
 * this touches a file.
 */
import { crc32, inflateRawSync } from "node:zlib"
import * as E from "fp-ts/lib/Either.js"
import type { DecodeError } from "../../failure.js"
import { inflated } from "./inflated.js"
import { deflateRatio, quoted, refuse } from "./limits.js"

export interface Member {
  readonly name: string
  readonly deflated: boolean
  /** Where its bytes are in the archive. */
  readonly start: number
  readonly end: number
  /** Bytes it has when inflated. */
  readonly size: number
  readonly crc: number
}

const max16 = 0xffff
const max32 = 0xffffffff

/** An unsigned 64-bit number; Infinity when it is too large to be the size or the place of anything. */
const u64 = (view: DataView, at: number): number => {
  const value = view.getBigUint64(at, true)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value)
}

/** Where the end record stands: the last one whose comment reaches the end of the file exactly; -1 for none. */
const endRecordAt = (view: DataView): number => {
  const last = view.byteLength - 22
  for (let at = last; at >= 0 && last - at <= max16; at--)
    if (view.getUint32(at, true) === 0x06054b50 && view.getUint16(at + 20, true) === last - at) return at
  return -1
}

interface Directory {
  readonly count: number
  readonly start: number
  readonly end: number
}

const directoryOf = (view: DataView, source: string): E.Either<DecodeError, Directory> => {
  const at = endRecordAt(view)
  if (at < 0) return refuse(source, "expected a zip archive, found no end record in it; the file is truncated or of another format")
  let [count, size, start] = [view.getUint16(at + 10, true), view.getUint32(at + 12, true), view.getUint32(at + 16, true)]
  if (view.getUint16(at + 4, true) !== 0 || view.getUint16(at + 8, true) !== count)
    return refuse(source, `byte ${at}: the archive is split over several files; write it as one`)
  let limit = at
  if (count === max16 || size === max32 || start === max32) {
    const locator = at - 20
    limit = locator >= 0 && view.getUint32(locator, true) === 0x07064b50 ? u64(view, locator + 8) : Number.POSITIVE_INFINITY
    if (limit > locator - 56 || view.getUint32(limit, true) !== 0x06064b50)
      return refuse(source, `byte ${at}: the end record points to a zip64 record, and there is none; the file is damaged`)
    ;[count, size, start] = [u64(view, limit + 32), u64(view, limit + 40), u64(view, limit + 48)]
  }
  if (start + size > limit || count * 46 > size)
    return refuse(
      source,
      `byte ${at}: expected a directory of ${count} members before it, found ${size} bytes of it announced at byte ${start}; the file is truncated or damaged`,
    )
  return E.right({ count, start, end: start + size })
}

/** The numbers that stand in the zip64 field, in the order of those that don't fit the entry; fewer when the field is too short. */
const zip64Numbers = (view: DataView, from: number, to: number): readonly number[] => {
  for (let at = from; at + 4 <= to; ) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)]
    const end = Math.min(to, at + 4 + length)
    if (id === 1) return Array.from({ length: Math.floor(Math.min(24, end - at - 4) / 8) }, (_, i) => u64(view, at + 4 + 8 * i))
    at += 4 + length
  }
  return []
}

/** Numbers of an entry, with those that are all ones taken from its zip64 field; undefined when one is missing there. */
const widened = (numbers: readonly number[], wide: readonly number[]): readonly number[] | undefined => {
  let taken = 0
  const made = numbers.map((n) => (n === max32 ? wide[taken++] : n))
  return made.every((n) => n !== undefined) ? made : undefined
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

const nameFrom = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

/** The entry of the directory at `at` and where the next one begins. */
const entryAt = (bytes: Uint8Array, view: DataView, at: number, end: number, source: string): E.Either<DecodeError, [Member, number]> => {
  if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
    return refuse(source, `byte ${at}: expected an entry of the directory, found none; the file is damaged`)
  const u16 = (i: number) => view.getUint16(at + i, true)
  const u32 = (i: number) => view.getUint32(at + i, true)
  const [nameEnd, extraEnd] = [at + 46 + u16(28), at + 46 + u16(28) + u16(30)]
  const next = extraEnd + u16(32)
  if (next > end)
    return refuse(source, `byte ${at}: the entry reaches ${next - end} bytes past the end of the directory; the file is damaged`)
  const rawName = bytes.subarray(at + 46, nameEnd)
  const name = nameFrom(rawName)
  if (name === undefined) return refuse(source, `byte ${at + 46}: expected a member's name in UTF-8; rename it`)
  const where = `${source}: member ${quoted(name)}`
  const numbers = widened([u32(24), u32(20), u32(42)], zip64Numbers(view, nameEnd, extraEnd))
  if (numbers === undefined)
    return refuse(where, `byte ${at}: its sizes are said to be in a zip64 field, and there is none; the file is damaged`)
  const [size, packed, local] = numbers as [number, number, number]
  const method = u16(10)
  if ((u16(8) & 1) !== 0) return refuse(where, `byte ${at + 8}: it is encrypted; write the archive without a password`)
  if (method !== 0 && method !== 8)
    return refuse(where, `byte ${at + 10}: expected compression 0 (stored) or 8 (deflated), found ${method}; write it with numpy.savez`)
  if (local + 30 > bytes.length || view.getUint32(local, true) !== 0x04034b50)
    return refuse(where, `its bytes are said to be at byte ${local}, and no member begins there; the file is truncated or damaged`)
  const localName = local + 30 + view.getUint16(local + 26, true)
  const start = localName + view.getUint16(local + 28, true)
  if (!sameBytes(rawName, bytes.subarray(local + 30, Math.max(local + 30, localName))))
    return refuse(where, `byte ${local + 30}: it has another name here than in the directory; the file is damaged`)
  if (start + packed > bytes.length)
    return refuse(where, `expected its ${packed} bytes at byte ${start}, found ${Math.max(0, bytes.length - start)}; the file is truncated`)
  if (method === 0 ? packed !== size : size > packed * deflateRatio)
    return refuse(where, `byte ${at + 20}: ${packed} bytes can't hold the ${size} that are announced; the file is damaged`)
  return E.right([{ name, deflated: method === 8, start, end: start + packed, size, crc: u32(16) }, next])
}

/** The members of an archive in the order of its directory. */
export const zipMembers = (bytes: Uint8Array, source: string): E.Either<DecodeError, readonly Member[]> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const directory = directoryOf(view, source)
  if (E.isLeft(directory)) return directory
  const { count, start, end } = directory.right
  const members: Member[] = []
  let at = start
  for (let n = 0; n < count; n++) {
    const entry = entryAt(bytes, view, at, end, source)
    if (E.isLeft(entry)) return entry
    members.push(entry.right[0])
    at = entry.right[1]
  }
  return at === end
    ? E.right(members)
    : refuse(source, `byte ${at}: ${end - at} bytes of the directory belong to no member; the file is damaged`)
}

/** The bytes of a member, checked against its size and checksum. */
export const memberBytes = (bytes: Uint8Array, { name, deflated, start, end, size, crc }: Member, source: string) => {
  const packed = bytes.subarray(start, end)
  const plain = deflated ? inflated(inflateRawSync, packed, size) : packed
  const where = `${source}: member ${quoted(name)}`
  if (plain === undefined)
    return refuse(where, `byte ${start}: its deflated bytes do not give the ${size} that are announced; the file is damaged`)
  return crc32(plain) === crc
    ? E.right(plain)
    : refuse(where, `byte ${start}: its bytes have changed since they were written (CRC-32 differs); restore it from a copy`)
}

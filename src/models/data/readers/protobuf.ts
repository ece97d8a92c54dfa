/** Protocol buffers' wire format: fields of a message, each a number and a varint, 4 or 8 bytes, or a counted string of bytes. */

/** What is wrong with a message, and where. It stays inside the readers, which make a `Left` of it. */
export class ProtobufFault extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message)
  }
}

/** One field as it stands in the bytes. */
export interface WireField {
  readonly number: number
  /** 0 a varint, 1 eight bytes, 2 a counted string, 5 four bytes. */
  readonly wire: number
  /** Where the field begins, and where its bytes do. */
  readonly at: number
  readonly start: number
  readonly varint: bigint | undefined
  readonly bytes: Uint8Array | undefined
  /** The bytes as varints side by side. */
  readonly varints: () => readonly bigint[]
}

/** The varint at `i` and where the next thing begins. Its 64 bits are unsigned. */
const varintAt = (bytes: Uint8Array, i: number, base: number): readonly [value: bigint, next: number] => {
  let [low, high] = [0, 0n]
  for (let n = 0; n < 10; n++) {
    const byte = bytes[i + n]
    if (byte === undefined) throw new ProtobufFault(base + i, "a number is cut off; the message is truncated or damaged")
    if (n < 4) low += (byte & 127) * 2 ** (7 * n)
    else high += BigInt(byte & 127) << BigInt(7 * n)
    if (byte < 128) return [BigInt.asUintN(64, BigInt(low) + high), i + n + 1]
  }
  throw new ProtobufFault(base + i, "expected a number of at most 10 bytes; the message is damaged")
}

const varintsOf = (bytes: Uint8Array, base: number): readonly bigint[] => {
  const made: bigint[] = []
  for (let i = 0; i < bytes.length; ) {
    const [value, next] = varintAt(bytes, i, base)
    made.push(value)
    i = next
  }
  return made
}

/** The fields of a message whose bytes begin at byte `base` of the whole one. Throws ProtobufFault. */
export function* fieldsOf(bytes: Uint8Array, base: number): Generator<WireField, void, undefined> {
  for (let i = 0; i < bytes.length; ) {
    const [key, after] = varintAt(bytes, i, base)
    const [number, wire] = [Number(key >> 3n), Number(key & 7n)]
    const at = base + i
    if (number === 0) throw new ProtobufFault(at, "expected a field's number, found 0; the message is damaged")
    if (wire === 0) {
      const [varint, next] = varintAt(bytes, after, base)
      yield { number, wire, at, start: base + after, varint, bytes: undefined, varints: () => [varint] }
      i = next
      continue
    }
    if (wire !== 1 && wire !== 2 && wire !== 5)
      throw new ProtobufFault(at, `expected wire type 0, 1, 2 or 5, found ${wire}; the message is damaged`)
    const [size, from] = wire === 2 ? varintAt(bytes, after, base) : [wire === 1 ? 8n : 4n, after]
    if (size > BigInt(bytes.length - from))
      throw new ProtobufFault(
        at,
        `expected ${size} bytes of field ${number}, found ${bytes.length - from}; the message is truncated or damaged`,
      )
    const end = from + Number(size)
    const inner = bytes.subarray(from, end)
    yield { number, wire, at, start: base + from, varint: undefined, bytes: inner, varints: () => varintsOf(inner, base + from) }
    i = end
  }
}

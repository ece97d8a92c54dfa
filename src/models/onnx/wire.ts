/**
 * Protocol buffers' wire format, written. An ONNX file needs three kinds of fields, and that is all there is here: a library would bring a
 * parser of schemas or generated code of some hundred kilobytes for these few lines (protobufjs runs code when it is installed, and
 * @bufbuild/protobuf needs the compiler's output for onnx.proto). What is written is read by onnxruntime in the tests.
 */

/** Bytes in pieces, so that weights are copied once, when the file is made. */
export interface Bytes {
  readonly length: number
  readonly pieces: readonly Uint8Array[]
}

const joined = (parts: readonly Bytes[]): Bytes => ({
  length: parts.reduce((n, part) => n + part.length, 0),
  pieces: parts.flatMap((part) => part.pieces),
})

const piece = (bytes: Uint8Array): Bytes => ({ length: bytes.length, pieces: [bytes] })

/** A whole number in groups of seven bits, the lowest first; one below zero as the 64 bits of its two's complement. */
const varint = (value: number): Uint8Array => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  bytes.push(Number(rest))
  return Uint8Array.from(bytes)
}

const tag = (number: number, wire: 0 | 2): Uint8Array => varint(number * 8 + wire)

/** A message of the fields given, in order. */
export const message = (fields: readonly Bytes[]): Bytes => joined(fields)

/** A whole number. */
export const whole = (number: number, value: number): Bytes => joined([piece(tag(number, 0)), piece(varint(value))])

/** Whole numbers, an entry a field: what readers of every version take. */
export const wholes = (number: number, values: readonly number[]): readonly Bytes[] => values.map((value) => whole(number, value))

/** A string of bytes, or a message inside another. */
export const bytes = (number: number, value: Bytes | Uint8Array): Bytes => {
  const inner = value instanceof Uint8Array ? piece(value) : value
  return joined([piece(tag(number, 2)), piece(varint(inner.length)), inner])
}

const encoder = new TextEncoder()

/** A text. */
export const text = (number: number, value: string): Bytes => bytes(number, encoder.encode(value))

/** The pieces as one array. */
export const flat = ({ length, pieces }: Bytes): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(length)
  let at = 0
  for (const part of pieces) {
    out.set(part, at)
    at += part.length
  }
  return out
}

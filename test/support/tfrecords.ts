/** TFRecord files and `tf.train.Example` messages, written by plain loops apart from what reads them. */

/** CRC-32C bit by bit. */
const crc = (bytes: readonly number[]): number => {
  let c = 0xffffffff
  for (const byte of bytes) {
    c ^= byte
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
  }
  return ~c >>> 0
}

const littleEndian = (n: number, bytes: number): readonly number[] =>
  Array.from({ length: bytes }, (_, i) => Math.floor(n / 2 ** (8 * i)) % 256)

const masked = (bytes: readonly number[]): readonly number[] => {
  const c = BigInt(crc(bytes))
  return littleEndian(Number((((c >> 15n) | (c << 17n)) + 0xa282ead8n) % 2n ** 32n), 4)
}

export const tfRecords = (records: readonly (readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    records.flatMap((data) => {
      const length = littleEndian(data.length, 8)
      return [...length, ...masked(length), ...data, ...masked(data)]
    }),
  )

const varint = (n: bigint): readonly number[] => (n < 128n ? [Number(n)] : [Number(n % 128n) + 128, ...varint(n / 128n)])

export const counted = (field: number, bytes: readonly number[]): readonly number[] => [
  field * 8 + 2,
  ...varint(BigInt(bytes.length)),
  ...bytes,
]

const floatBytes = (n: number): readonly number[] => [...new Uint8Array(Float32Array.of(n).buffer)]

export const bytesFeature = (strings: readonly (readonly number[])[]) =>
  counted(
    1,
    strings.flatMap((one) => counted(1, one)),
  )
export const floatFeature = (values: readonly number[], packed = true) =>
  counted(2, packed ? counted(1, values.flatMap(floatBytes)) : values.flatMap((n) => [13, ...floatBytes(n)]))
export const intFeature = (values: readonly bigint[], packed = true) => {
  const each = values.map((n) => varint(BigInt.asUintN(64, n)))
  return counted(3, packed ? counted(1, each.flat()) : each.flatMap((one) => [8, ...one]))
}

export const example = (features: Readonly<Record<string, readonly number[]>>): readonly number[] =>
  counted(
    1,
    Object.entries(features).flatMap(([name, feature]) => counted(1, [...counted(1, [...Buffer.from(name)]), ...counted(2, feature)])),
  )

/** A growing byte string, and the encodings of numbers in a WebAssembly binary (LEB128, little-endian floats). */
export class Bytes {
  private data = new Uint8Array(64)
  length = 0

  private reserve(more: number): void {
    if (this.length + more <= this.data.length) return
    const bigger = new Uint8Array(Math.max(this.data.length * 2, this.length + more))
    bigger.set(this.data.subarray(0, this.length))
    this.data = bigger
  }

  byte(value: number): void {
    this.reserve(1)
    this.data[this.length++] = value
  }

  append(bytes: ArrayLike<number>): void {
    this.reserve(bytes.length)
    this.data.set(bytes, this.length)
    this.length += bytes.length
  }

  unsigned(value: number): void {
    let rest = value >>> 0
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    this.byte(rest)
  }

  signed(value: number): void {
    let rest = value | 0
    for (;;) {
      const low = rest & 0x7f
      rest >>= 7
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) {
        this.byte(low)
        return
      }
      this.byte(low | 0x80)
    }
  }

  signed64(value: bigint): void {
    let rest = BigInt.asIntN(64, value)
    for (;;) {
      const low = Number(rest & 0x7fn)
      rest >>= 7n
      if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0)) {
        this.byte(low)
        return
      }
      this.byte(low | 0x80)
    }
  }

  float32(value: number): void {
    this.append(new Uint8Array(new Float32Array([value]).buffer))
  }

  float64(value: number): void {
    this.append(new Uint8Array(new Float64Array([value]).buffer))
  }

  name(text: string): void {
    this.sized(new TextEncoder().encode(text))
  }

  /** A length, then the bytes. */
  sized(bytes: ArrayLike<number>): void {
    this.unsigned(bytes.length)
    this.append(bytes)
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.data.subarray(0, this.length)
  }
}

/** Instruments: what a reader asks of memory, of the file system, and of everybody's prototypes. */
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"

type Named = Record<string, unknown>

const arrays = [
  "ArrayBuffer",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
] as const

export interface Instruments {
  /** Bytes of the largest array asked for since the last call, and whether the file system was used. */
  readonly read: () => { readonly asked: number; readonly files: number }
  /** Puts everything back. */
  readonly remove: () => void
}

/**
 * Until `remove`, every `new Float32Array(n)` and its kin note the bytes they ask for, before they get them, and every function of `node:fs`
 * notes that it was called.
 */
export const install = (): Instruments => {
  let [asked, files] = [0, 0]
  const undo: (() => void)[] = []
  const replace = (owner: Named, name: string, value: unknown): void => {
    const before = owner[name]
    owner[name] = value
    undo.push(() => {
      owner[name] = before
    })
  }
  for (const name of arrays) {
    const made = globalThis[name] as unknown as { new (...args: unknown[]): object; readonly BYTES_PER_ELEMENT?: number }
    const proxy: typeof made = new Proxy(made, {
      construct: (target, args, newTarget): object => {
        const [first] = args
        const many = typeof first === "number" ? first : Array.isArray(first) ? first.length : 0
        asked = Math.max(asked, many * (made.BYTES_PER_ELEMENT ?? 1))
        return Reflect.construct(target, args, newTarget === proxy ? target : newTarget)
      },
    })
    replace(globalThis as unknown as Named, name, proxy)
  }
  for (const owner of [fs, fs.promises] as unknown as Named[]) {
    for (const [name, f] of Object.entries(owner)) {
      if (typeof f !== "function" || /^[A-Z_]/.test(name)) continue
      replace(owner, name, function counted(this: unknown, ...args: unknown[]) {
        files++
        return Reflect.apply(f, this, args)
      })
    }
  }
  syncBuiltinESMExports()
  return {
    read: () => {
      const seen = { asked, files }
      asked = 0
      files = 0
      return seen
    },
    remove: () => {
      for (const back of undo.toReversed()) back()
      syncBuiltinESMExports()
    },
  }
}

const shared = [Object, Array, Function, String, Number, Boolean, Uint8Array, Map, Set, Promise].map((c) => c.prototype as object)

/** What everybody's prototypes have, as one text. */
export const prototypes = (): string =>
  shared
    .map((proto) =>
      Reflect.ownKeys(proto)
        .map((key) => `${String(key)}:${typeof Reflect.getOwnPropertyDescriptor(proto, key)?.value}`)
        .join(),
    )
    .join(";")

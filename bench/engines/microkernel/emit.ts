/**
 * A matrix product as one writes it by hand for WebAssembly SIMD: 4 rows by 8 columns of float32 accumulators in registers, one step
 * along k a turn. Operands lie packed, A as panels [K][4] and B as panels [K][8], so that a turn reads 12 numbers side by side.
 */
import { type Fn, I32, ModuleBuilder, V128 } from "../../../src/core/targets/wasm/emitter.js"

export const tileRows = 4
export const tileColumns = 8
const [aStep, bStep] = [4 * tileRows, 4 * tileColumns]

const loadVector = [0xfd, 0]
const loadSplat = [0xfd, 9]
const storeVector = [0xfd, 11]
const addVectors = [0xfd, 0xe4, 1]
const multiplyVectors = [0xfd, 0xe6, 1]
const zeroBytes = new Uint8Array(16)

/** `local += bytes` */
const advance = (f: Fn, local: number, bytes: number): void => {
  f.get(local)
  f.i32(bytes)
  f.op([0x6a])
  f.set(local)
}

/** tile(a, b, c, k, stride): one tile of C, whose rows are `stride` bytes apart, from a panel of A and one of B. */
const tile = (f: Fn): void => {
  const [a, b, c, k, stride] = [0, 1, 2, 3, 4]
  const sums = Array.from({ length: 2 * tileRows }, () => f.local(V128))
  const [left, right, row] = [f.local(V128), f.local(V128), f.local(V128)]
  for (const sum of sums) {
    f.v128(zeroBytes)
    f.set(sum)
  }
  f.doWhile(() => {
    for (const [i, half] of [left, right].entries()) {
      f.get(b)
      f.memory(loadVector, 16 * i)
      f.set(half)
    }
    for (let i = 0; i < tileRows; i++) {
      f.get(a)
      f.memory(loadSplat, 4 * i)
      f.set(row)
      for (const [j, half] of [left, right].entries()) {
        const sum = sums[2 * i + j] as number
        f.get(sum)
        f.get(row)
        f.get(half)
        f.op(multiplyVectors)
        f.op(addVectors)
        f.set(sum)
      }
    }
    advance(f, a, aStep)
    advance(f, b, bStep)
    f.get(k)
    f.i32(1)
    f.op([0x6b])
    f.tee(k)
  })
  for (let i = 0; i < tileRows; i++) {
    for (let j = 0; j < 2; j++) {
      f.get(c)
      f.get(sums[2 * i + j] as number)
      f.memory(storeVector, 16 * j)
    }
    if (i + 1 === tileRows) break
    f.get(c)
    f.get(stride)
    f.op([0x6a])
    f.set(c)
  }
}

/** Adds `product(a, b, c, rows, columns, k)` to a module: all tiles of one product, panel of B by panel. `rows`, `columns` count tiles. */
const product = (module: ModuleBuilder): number => {
  const tileIndex = module.fn([I32, I32, I32, I32, I32], [], tile)
  return module.fn([I32, I32, I32, I32, I32, I32], [], (f) => {
    const [a, b, c, rows, columns, k] = [0, 1, 2, 3, 4, 5]
    const [i, j, panel, target, stride] = [f.local(I32), f.local(I32), f.local(I32), f.local(I32), f.local(I32)]
    const times = (local: number, factor: number) => {
      f.get(local)
      f.i32(factor)
      f.op([0x6c])
    }
    times(columns, bStep)
    f.set(stride)
    f.get(columns)
    f.set(j)
    f.doWhile(() => {
      f.get(a)
      f.set(panel)
      f.get(c)
      f.set(target)
      f.get(rows)
      f.set(i)
      f.doWhile(() => {
        for (const local of [panel, b, target, k, stride]) f.get(local)
        f.call(tileIndex)
        f.get(panel)
        times(k, aStep)
        f.op([0x6a])
        f.set(panel)
        f.get(target)
        times(stride, tileRows)
        f.op([0x6a])
        f.set(target)
        f.get(i)
        f.i32(1)
        f.op([0x6b])
        f.tee(i)
      })
      f.get(b)
      times(k, bStep)
      f.op([0x6a])
      f.set(b)
      advance(f, c, bStep)
      f.get(j)
      f.i32(1)
      f.op([0x6b])
      f.tee(j)
    })
  })
}

/** The bytes of a module that imports `env.memory` and exports `product`. */
export const microkernelModule = (): Uint8Array<ArrayBuffer> => {
  const module = new ModuleBuilder()
  module.export("product", product(module))
  return module.finish()
}

/** Threefry-2x32 with 20 rounds (Salmon et al. 2011), as JAX uses it: one block of key (k0, k1) and counter (c0, c1). */
import { assign, bind, get, i32, i64 } from "./assembly.js"
import { type Code, I32, I64, type ModuleBuilder } from "./emitter.js"

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

/** The index of a function (k0, k1, c0, c1) -> word 0 in the high half, word 1 in the low half. */
export const threefry = (m: ModuleBuilder): number =>
  m.fn([I32, I32, I32, I32], [I64], (f) => {
    const parity = i32.const(0x1bd11bda)
    const keys: readonly Code[] = [get(0), get(1), bind(f, I32, i32.xor(i32.xor(get(0), get(1)), parity))]
    const [x0, x1] = [2, 3]
    const inject = (group: number): void => {
      assign(f, x0, i32.add(get(x0), keys[group % 3] as Code))
      assign(f, x1, i32.add(i32.add(get(x1), keys[(group + 1) % 3] as Code), i32.const(group)))
    }
    inject(0)
    for (let group = 1; group <= 5; group++) {
      for (const by of rotations[group % 2 === 1 ? 0 : 1]) {
        assign(f, x0, i32.add(get(x0), get(x1)))
        assign(f, x1, i32.xor(i32.rotl(get(x1), i32.const(by)), get(x0)))
      }
      inject(group)
    }
    i64.or(i64.shl(i64.extendU(get(x0)), i64.const(32n)), i64.extendU(get(x1)))(f)
  })

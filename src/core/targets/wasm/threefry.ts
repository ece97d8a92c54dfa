/** Threefry-2x32 with 20 rounds (Salmon et al. 2011), as JAX uses it: one block of key (k0, k1) and counter (c0, c1). */
import { assign, binary, bind, get, i32, i64, simd } from "./assembly.js"
import { type Code, I32, I64, type ModuleBuilder, V128 } from "./emitter.js"

type Binary = (a: Code, b: Code) => Code

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

/** Of four counters at once: a function (k0, k1, c1) with c0 = 0 -> word 0 xor word 1, all that random bits are made of. */
export const vectorThreefry = (m: ModuleBuilder): number =>
  m.fn([I32, I32, V128], [V128], (f) => {
    const splat = (word: Code): Code =>
      bind(f, V128, (g) => {
        word(g)
        g.op(simd(17))
      })
    const [add, or, xor] = [174, 80, 81].map((op) => binary(simd(op))) as [Binary, Binary, Binary]
    const shifted = (x: Code, by: number, op: number): Code => binary(simd(op))(x, i32.const(by))
    const rotated = (x: Code, by: number): Code => or(shifted(x, by, 171), shifted(x, 32 - by, 173))
    const words: readonly Code[] = [get(0), get(1), bind(f, I32, i32.xor(i32.xor(get(0), get(1)), i32.const(0x1bd11bda)))]
    const [x0, x1] = [f.local(V128), 2]
    const inject = (group: number): void => {
      assign(f, x0, add(get(x0), splat(words[group % 3] as Code)))
      assign(f, x1, add(get(x1), splat(i32.add(words[(group + 1) % 3] as Code, i32.const(group)))))
    }
    inject(0)
    for (let group = 1; group <= 5; group++) {
      for (const by of rotations[group % 2 === 1 ? 0 : 1]) {
        assign(f, x0, add(get(x0), get(x1)))
        assign(f, x1, xor(rotated(get(x1), by), get(x0)))
      }
      inject(group)
    }
    xor(get(x0), get(x1))(f)
  })

/**
 * Threefry-2x32 with 20 rounds on 16-bit limbs held in floats: every number stays below 2^32 in steps that float32 does exactly, since
 * no mode has 32-bit integers. Counter (0, count); the four limbs of the result are high and low half of word 0, then of word 1.
 *
 * The rounds are loops: written out, they are a kernel that gpu.js takes long to translate and a GL driver minutes to compile.
 */
import { choice } from "./choice.js"
import type { Define } from "./source.js"

/** Where statements go: `add` one, `name` for a fresh variable. */
export interface Writer {
  readonly add: (statement: string) => void
  readonly name: () => string
}

interface Word {
  readonly high: string
  readonly low: string
}

/**
 * Exclusive or of whole numbers below 2^16. GL modes have it as a function with a loop inside, which drivers unroll at every call: there
 * all pairs share one loop over the bits, in which the square of a difference of bits is their exclusive or.
 */
export const xor16 = (write: Writer, native: boolean, pairs: readonly (readonly [string, string])[]): readonly string[] => {
  if (native) {
    return pairs.map(([a, b]) => {
      const name = write.name()
      write.add(`const ${name} = ${a} ^ ${b};`)
      return name
    })
  }
  const bit = write.name()
  write.add(`let ${bit} = 1.0;`)
  const states = pairs.map(([a, b]) => {
    const state = { a: write.name(), b: write.name(), sum: write.name() }
    write.add(`let ${state.a} = ${a};`)
    write.add(`let ${state.b} = ${b};`)
    write.add(`let ${state.sum} = 0.0;`)
    return state
  })
  const k = write.name()
  write.add(`for (let ${k} = 0; ${k} < 16; ${k}++) {`)
  for (const { a, b, sum } of states) {
    const halfA = write.name()
    const halfB = write.name()
    const differs = write.name()
    write.add(`const ${halfA} = Math.floor(${a} * 0.5);`)
    write.add(`const ${halfB} = Math.floor(${b} * 0.5);`)
    write.add(`const ${differs} = (${a} - ${halfA} * 2.0) - (${b} - ${halfB} * 2.0);`)
    write.add(`${sum} = ${sum} + ${differs} * ${differs} * ${bit};`)
    write.add(`${a} = ${halfA};`)
    write.add(`${b} = ${halfB};`)
  }
  write.add(`${bit} = ${bit} * 2.0;`)
  write.add("}")
  return states.map(({ sum }) => sum)
}

/** `2^n` of the rotations by n in the four rounds of an even and of an odd group; a rotation by 16 or more swaps the limbs first. */
const factors = { even: [2 ** 13, 2 ** 15, 2 ** (26 - 16), 2 ** 6], odd: [2 ** (17 - 16), 2 ** (29 - 16), 2 ** 0, 2 ** (24 - 16)] } as const
/** Only the third round of an even group swaps, and every round of an odd one. */
const swaps = (define: Define, odd: string, round: string): string =>
  choice(define, `${odd} === 1.0`, "1.0", choice(define, `${round} === 2.0`, "1.0", "0.0"))

/** The value for `which` of 0 to 3. */
const pick = (define: Define, which: string, [a, b, c, d]: readonly [string, string, string, string]): string =>
  choice(define, `${which} < 1.0`, a, choice(define, `${which} < 2.0`, b, choice(define, `${which} < 3.0`, c, d)))

/** High and low half of the parity constant of the key schedule, 0x1BD11BDA. */
const parity: Word = { high: `${0x1bd1}.0`, low: `${0x1bda}.0` }

export const threefry = (
  write: Writer,
  native: boolean,
  key: readonly [string, string, string, string],
  count: string,
): readonly [Word, Word] => {
  const constant = (expression: string): string => {
    const name = write.name()
    write.add(`const ${name} = ${expression};`)
    return name
  }
  const variable = (value: string): string => {
    const name = write.name()
    write.add(`let ${name} = ${value};`)
    return name
  }
  const word = ({ high, low }: Word): Word => ({ high: variable(high), low: variable(low) })
  const assign = (to: Word, from: Word): void => {
    write.add(`${to.high} = ${from.high};`)
    write.add(`${to.low} = ${from.low};`)
  }
  const add = (to: Word, by: Word, extra = "0.0"): void => {
    const low = constant(extra === "0.0" ? `${to.low} + ${by.low}` : `${to.low} + ${by.low} + ${extra}`)
    const carry = constant(`${low} >= 65536.0 ? 1.0 : 0.0`)
    const high = constant(`${to.high} + ${by.high} + ${carry}`)
    assign(to, { high: choice(constant, `${high} >= 65536.0`, `${high} - 65536.0`, high), low: `${low} - ${carry} * 65536.0` })
  }
  const loop = (times: number, body: (at: string) => void): void => {
    const index = write.name()
    write.add(`for (let ${index} = 0; ${index} < ${times}; ${index}++) {`)
    body(constant(index))
    write.add("}")
  }
  const factorOf = (round: string, [a, b, c, d]: readonly [number, number, number, number]): string =>
    pick(constant, round, [`${a}.0`, `${b}.0`, `${c}.0`, `${d}.0`])

  const k0: Word = { high: key[0], low: key[1] }
  const k1: Word = { high: key[2], low: key[3] }
  const [mixedHigh = "", mixedLow = ""] = xor16(write, native, [
    [k0.high, k1.high],
    [k0.low, k1.low],
  ])
  const [lastHigh = "", lastLow = ""] = xor16(write, native, [
    [mixedHigh, parity.high],
    [mixedLow, parity.low],
  ])
  // The key that is added to word 0 next, the one for word 1, and the third.
  const next = word(k1)
  const after = word({ high: lastHigh, low: lastLow })
  const third = word(k0)
  const x0 = word(k0)
  const x1 = word(k1)
  const above = constant(`Math.floor(${count} * ${1 / 65536})`)
  const low = constant(`${count} - ${above} * 65536.0`)
  // a count below zero stands for the one 2^32 further
  add(x1, { high: choice(constant, `${above} < 0.0`, `${above} + 65536.0`, above), low })

  loop(5, (group) => {
    const odd = constant(`${group} - 2.0 * Math.floor(${group} * 0.5)`)
    loop(4, (round) => {
      add(x0, x1)
      const factor = choice(constant, `${odd} === 1.0`, factorOf(round, factors.odd), factorOf(round, factors.even))
      const swap = swaps(constant, odd, round)
      const high = constant(`${choice(constant, `${swap} === 1.0`, x1.low, x1.high)} * ${factor}`)
      const low = constant(`${choice(constant, `${swap} === 1.0`, x1.high, x1.low)} * ${factor}`)
      const fromHigh = constant(`Math.floor(${high} * ${1 / 65536})`)
      const fromLow = constant(`Math.floor(${low} * ${1 / 65536})`)
      const rotated = {
        high: constant(`${high} - ${fromHigh} * 65536.0 + ${fromLow}`),
        low: constant(`${low} - ${fromLow} * 65536.0 + ${fromHigh}`),
      }
      const [resultHigh = "", resultLow = ""] = xor16(write, native, [
        [rotated.high, x0.high],
        [rotated.low, x0.low],
      ])
      assign(x1, { high: resultHigh, low: resultLow })
    })
    add(x0, next)
    add(x1, after, constant(`${group} + 1.0`))
    const used = { high: constant(next.high), low: constant(next.low) }
    assign(next, after)
    assign(after, third)
    assign(third, used)
  })
  return [x0, x1]
}

export const limbOf = (define: Define, [a, b]: readonly [Word, Word], limb: string): string =>
  pick(define, limb, [a.high, a.low, b.high, b.low])

/**
 * Threefry-2x32 with 20 rounds on 16-bit limbs held in floats: every number stays below 2^32 in steps that float32 does exactly, since
 * no mode has 32-bit integers. Counter (0, count); the four limbs of the result are high and low half of word 0, then of word 1.
 */
import type { Define } from "./elementary.js"

interface Word {
  readonly high: string
  readonly low: string
}

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const

/** High and low half of the parity constant of the key schedule, 0x1BD11BDA. */
const parity: Word = { high: `${0x1bd1}.0`, low: `${0x1bda}.0` }

const xor = (define: Define, a: string, b: string): string => define(`${a} ^ ${b}`)

const xorWords = (define: Define, a: Word, b: Word): Word => ({ high: xor(define, a.high, b.high), low: xor(define, a.low, b.low) })

const addWords = (define: Define, a: Word, b: Word, plus: number): Word => {
  const low = define(plus === 0 ? `${a.low} + ${b.low}` : `${a.low} + ${b.low} + ${plus}.0`)
  const carry = define(`${low} >= 65536.0 ? 1.0 : 0.0`)
  const high = define(`${a.high} + ${b.high} + ${carry}`)
  return { high: define(`${high} >= 65536.0 ? ${high} - 65536.0 : ${high}`), low: define(`${low} - ${carry} * 65536.0`) }
}

/** Rotates left: the bits that leave one limb enter the other. */
const rotate = (define: Define, word: Word, by: number): Word => {
  const { high, low }: Word = by >= 16 ? { high: word.low, low: word.high } : word
  const n = by % 16
  if (n === 0) return { high, low }
  const out = 1 / 2 ** (16 - n)
  const fromHigh = define(`Math.floor(${high} * ${out})`)
  const fromLow = define(`Math.floor(${low} * ${out})`)
  const keep = (limb: string, leaving: string): string => define(`${limb} * ${2 ** n}.0 - ${leaving} * 65536.0`)
  return { high: define(`${keep(high, fromHigh)} + ${fromLow}`), low: define(`${keep(low, fromLow)} + ${fromHigh}`) }
}

export const threefry = (define: Define, key: readonly [string, string, string, string], count: string): readonly [Word, Word] => {
  const k0: Word = { high: key[0], low: key[1] }
  const k1: Word = { high: key[2], low: key[3] }
  const schedule = [k0, k1, xorWords(define, xorWords(define, k0, k1), parity)] as const
  const high = define(`Math.floor(${count} * ${1 / 65536})`)
  let x0: Word = k0
  let x1 = addWords(define, k1, { high, low: define(`${count} - ${high} * 65536.0`) }, 0)
  for (let round = 0; round < 5; round++) {
    for (const by of rotations[round % 2] ?? []) {
      x0 = addWords(define, x0, x1, 0)
      x1 = xorWords(define, rotate(define, x1, by), x0)
    }
    x0 = addWords(define, x0, schedule[(round + 1) % 3] ?? k0, 0)
    x1 = addWords(define, x1, schedule[(round + 2) % 3] ?? k0, round + 1)
  }
  return [x0, x1]
}

export const limbOf = (define: Define, [a, b]: readonly [Word, Word], limb: string): string =>
  define(`${limb} < 1.0 ? ${a.high} : (${limb} < 2.0 ? ${a.low} : (${limb} < 3.0 ? ${b.high} : ${b.low}))`)

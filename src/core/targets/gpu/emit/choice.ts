/**
 * `test ? yes : no` with names and numbers for sides, which shader compilers turn into a select. With anything else for a side it becomes
 * two ways through the code, and in a loop some of them (SwiftShader, at least) take time that doubles with each such pair.
 */
import type { Define } from "./source.js"

const isPlain = (side: string): boolean => /^(?:\w+|\d[\w.]*(?:e[+-]\d+)?|\(-\d[\w.+-]*\))$/.test(side)

const plain = (define: Define, side: string): string => (isPlain(side) ? side : define(side))

export const choice = (define: Define, test: string, yes: string, no: string): string => {
  const sides = [plain(define, yes), plain(define, no)] as const
  return define(`${test} ? ${sides[0]} : ${sides[1]}`)
}

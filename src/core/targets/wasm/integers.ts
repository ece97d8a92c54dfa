/** Instructions on vectors of four 32-bit integers. */
import { simd } from "./assembly.js"

export const i32x4 = {
  lessS: simd(57),
  minS: simd(182),
  minU: simd(183),
  maxS: simd(184),
  maxU: simd(185),
} as const

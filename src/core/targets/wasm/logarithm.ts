/** What the logarithms of both precisions share: which numbers the main path serves, and what others give. */
import { bind } from "./assembly.js"
import type { Code, Fn } from "./emitter.js"
import type { Kit } from "./kits.js"

export interface Logarithm {
  /** The smallest normal number, and a power of two that makes subnormal numbers normal. */
  readonly least: number
  readonly shift: number
  /** log(x 2^-shift) for normal numbers; a null shift is 0. */
  readonly ofNormal: (k: Kit, f: Fn, x: Code, shift: Code | null) => Code
}

/** log x where all elements are normal, positive and finite, else `beyond`. */
export const log =
  (k: Kit, x: Code, { least, ofNormal }: Logarithm, beyond: Code): Code =>
  (f) => {
    k.all(k.both(k.lessEqual(k.f(least), x), k.less(x, k.f(Infinity))))(f)
    f.if(
      k.float,
      () => ofNormal(k, f, x, null)(f),
      () => beyond(f),
    )
  }

/** log x of any number, with the same bits. */
export const logOfAny =
  (k: Kit, x: Code, { least, shift, ofNormal }: Logarithm): Code =>
  (f) => {
    const subnormal = bind(f, k.mask, k.less(x, k.f(least)))
    const normal = bind(f, k.float, k.pick(subnormal, k.mul(x, k.f(2 ** shift)), x))
    const y = ofNormal(k, f, normal, k.only(subnormal, k.f(shift)))
    const ofPositive = k.pick(k.less(x, k.f(Infinity)), y, x)
    const ofOther = k.pick(k.equal(x, k.f(0)), k.f(-Infinity), k.f(NaN))
    k.pick(k.less(k.f(0), x), ofPositive, ofOther)(f)
  }

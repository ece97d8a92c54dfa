/** What the logarithm of both precisions does with numbers that are not positive, normal and finite. */
import { bind } from "./assembly.js"
import type { Code, Fn } from "./emitter.js"
import type { Kit } from "./kits.js"

/** The smallest normal number, and a power of two that makes subnormal numbers normal. */
interface Range {
  readonly least: number
  readonly shift: number
}

/** log of any number by `ofNormal`, log(x 2^-shift) of normal ones, without a shift where all are. */
export const logarithm =
  ({ least, shift }: Range, ofNormal: (k: Kit, f: Fn, x: Code, shift: Code | null) => Code) =>
  (k: Kit, f: Fn, x: Code): Code =>
  (g) => {
    k.all(k.both(k.lessEqual(k.f(least), x), k.less(x, k.f(Infinity))))(g)
    g.if(
      k.float,
      () => ofNormal(k, f, x, null)(g),
      () => {
        const subnormal = bind(f, k.mask, k.less(x, k.f(least)))
        const normal = bind(f, k.float, k.pick(subnormal, k.mul(x, k.f(2 ** shift)), x))
        const y = ofNormal(k, f, normal, k.only(subnormal, k.f(shift)))
        const ofPositive = k.pick(k.less(x, k.f(Infinity)), y, x)
        const ofOther = k.pick(k.equal(x, k.f(0)), k.f(-Infinity), k.f(NaN))
        k.pick(k.less(k.f(0), x), ofPositive, ofOther)(g)
      },
    )
  }

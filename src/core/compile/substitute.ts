/**
 * Rewriting scalar expressions: indices are replaced and simplified, loads answered by other expressions. What is one node
 * before is one node after, so a DAG stays a DAG.
 */
import { asNumber, at as constantIx, floorDiv, lit, modulo, plus, times } from "./build-nest.js"
import { type Extents, simplifyGuards, simplifyIx } from "./index-arithmetic.js"
import type { Guard, Ix, Scalar } from "./nest.js"

export type Load = Extract<Scalar, { readonly t: "load" }>

export interface Rules {
  /** Sizes of the loop variables of the result. */
  readonly extents: Extents
  /** What stands for a loop variable; itself by default. */
  readonly variable?: (axis: number) => Ix
  /** What stands for a load, given with its indices and guards already rewritten. */
  readonly load: (load: Load) => Scalar
  readonly acc?: Scalar
}

const ZERO = lit(0)

/** Rewrites any number of expressions by the same rules. */
export class Rewriter {
  private readonly scalars = new Map<Scalar, Scalar>()
  private readonly indices = new Map<Ix, Ix>()

  constructor(private readonly rules: Rules) {}

  ix(ix: Ix): Ix {
    const known = this.indices.get(ix)
    if (known !== undefined) return known
    const made = simplifyIx(this.replace(ix), this.rules.extents)
    this.indices.set(ix, made)
    return made
  }

  private replace(ix: Ix): Ix {
    switch (ix.t) {
      case "const":
        return ix
      case "var":
        return this.rules.variable?.(ix.axis) ?? ix
      case "add":
        return plus(this.replace(ix.a), this.replace(ix.b))
      case "mul":
        return times(this.replace(ix.a), ix.by)
      case "div":
        return floorDiv(this.replace(ix.a), ix.by)
      case "mod":
        return modulo(this.replace(ix.a), ix.by)
      case "value": {
        const of = this.scalar(ix.of)
        if (of.t === "ix") return of.ix
        return of.t === "lit" && Number.isInteger(of.value) ? constantIx(of.value) : of === ix.of ? ix : { t: "value", of }
      }
    }
  }

  /** Null where the guards never hold together. */
  guards(guards: readonly Guard[]): readonly Guard[] | null {
    return guards.length === 0
      ? guards
      : simplifyGuards(
          guards.map((g) => ({ ...g, ix: this.replace(g.ix) })),
          this.rules.extents,
        )
  }

  scalar(s: Scalar): Scalar {
    const known = this.scalars.get(s)
    if (known !== undefined) return known
    const made = this.rewrite(s)
    this.scalars.set(s, made)
    return made
  }

  private rewrite(s: Scalar): Scalar {
    switch (s.t) {
      case "lit":
      case "epsilon":
        return s
      case "acc":
        return this.rules.acc ?? s
      case "ix":
        return asNumber(this.ix(s.ix))
      case "load": {
        const guards = this.guards(s.guards)
        return guards === null ? ZERO : this.rules.load({ t: "load", input: s.input, at: s.at.map((i) => this.ix(i)), guards })
      }
      case "guarded": {
        const guards = this.guards(s.guards)
        return guards === null ? ZERO : underGuards(guards, this.scalar(s.a))
      }
      case "unary":
        return { ...s, a: this.scalar(s.a) }
      case "binary":
      case "xor16":
        return { ...s, a: this.scalar(s.a), b: this.scalar(s.b) }
      case "select":
        return { ...s, c: this.scalar(s.c), a: this.scalar(s.a), b: this.scalar(s.b) }
      case "threefry": {
        const [a, b, c, d] = s.key
        const key = [this.scalar(a), this.scalar(b), this.scalar(c), this.scalar(d)] as const
        return { t: "threefry", key, count: this.scalar(s.count), limb: this.scalar(s.limb) }
      }
    }
  }
}

const readsData = (ix: Ix): boolean => {
  switch (ix.t) {
    case "const":
    case "var":
      return false
    case "add":
      return readsData(ix.a) || readsData(ix.b)
    case "value":
      return true
    default:
      return readsData(ix.a)
  }
}

export const isDataDependent = (s: Load): boolean => s.at.some(readsData) || s.guards.some((g) => readsData(g.ix))

/** `a` where the guards hold, else 0. A plain load takes them itself; one that looks elsewhere first must not look in vain. */
export const underGuards = (guards: readonly Guard[], a: Scalar): Scalar => {
  if (guards.length === 0 || (a.t === "lit" && Object.is(a.value, 0))) return a
  if (a.t === "load" && !isDataDependent(a)) return { ...a, guards: [...guards, ...a.guards] }
  return { t: "guarded", guards, a }
}

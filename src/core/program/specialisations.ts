/** The specialisations of one program, by structure and types of its arguments; the one used longest ago is dropped first. */
import * as E from "fp-ts/lib/Either.js"
import type { RunError } from "../errors.js"
import type { Soon } from "../soon.js"
import type { Flat, Structure } from "../tensor/tree.js"
import type { TensorType } from "../tensor/types.js"
import { alike, type Leaf, signature } from "./args.js"
import type { Context } from "./context.js"
import { type Keep, stale } from "./handle.js"
import { type Specialised, type SpecialiseOptions, specialise } from "./specialise.js"

export interface SpecialisationsOptions extends SpecialiseOptions {
  readonly resident?: Keep
  readonly cacheSize?: number
}

/** A program for one structure and types of its arguments. */
export interface Made extends Specialised {
  /** Numbers of the results that stay on the device. */
  readonly kept: ReadonlySet<number>
  readonly args: { readonly structure: Structure; readonly types: readonly TensorType[] }
}

/** Which leaves of a result stay on the device, by number. */
const keptLeaves = (result: Structure, keep: Keep): ReadonlySet<number> => {
  const kept = new Set<number>()
  let leaf = 0
  const go = (s: Structure, k: Keep | undefined): void => {
    const part = (key: string | number) => (typeof k === "object" ? (k as Readonly<Record<string, Keep>>)[key] : k)
    if (s.t === "leaf") {
      if (k === true) kept.add(leaf)
      leaf++
    } else if (s.t === "list") s.items.forEach((item, i) => void go(item, part(i)))
    else if (s.t === "record") s.items.forEach((item, i) => void go(item, part(s.keys[i] as string)))
  }
  go(result, keep)
  return kept
}

export class Specialisations {
  disposed = false
  /** By signature, the one used last at the end. */
  private readonly bySignature = new Map<string, Made>()
  private last: Made | null = null

  constructor(
    private readonly f: (...args: readonly never[]) => unknown,
    private readonly options: SpecialisationsOptions,
  ) {}

  of(context: Context, { structure, leaves }: Flat<Leaf>): Soon<E.Either<RunError, Made>> {
    if (this.disposed) return E.left(stale("this program was disposed of; compile it again"))
    if (this.last !== null && alike(this.last.args, structure, leaves)) return E.right(this.last)
    const types = leaves.map((l) => l.type)
    const key = signature(structure, types)
    const known = this.bySignature.get(key)
    if (known === undefined) return this.make(context, structure, types, key)
    this.bySignature.delete(key)
    this.keep(key, known)
    return E.right(known)
  }

  private keep(key: string, made: Made): void {
    this.bySignature.set(key, made)
    this.last = made
  }

  private async make(context: Context, structure: Structure, types: readonly TensorType[], key: string): Promise<E.Either<RunError, Made>> {
    const { resident = false, cacheSize = 16 } = this.options
    const special = await specialise(context, this.f, structure, types, this.options)
    if (E.isLeft(special)) return special
    const made = { ...special.right, kept: keptLeaves(special.right.result, resident), args: { structure, types } }
    this.keep(key, made)
    const [oldest] = this.bySignature
    if (this.bySignature.size > cacheSize && oldest !== undefined) {
      this.bySignature.delete(oldest[0])
      oldest[1].dispose()
    }
    return E.right(made)
  }

  /** Gives up what they hold on the device. */
  dispose(): void {
    this.disposed = true
    this.last = null
    for (const made of this.bySignature.values()) made.dispose()
    this.bySignature.clear()
  }
}

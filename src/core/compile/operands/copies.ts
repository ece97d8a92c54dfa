/** Copies of operands in another order: each made once, and where what it copies doesn't change, before the loop that uses it. */
import type { Nest } from "../nest.js"
import type { BufferType, Step } from "../schedule.js"

/** A list of steps while copies are added to it. */
export interface Scope {
  readonly steps: Step[]
  /** The list around a loop's body; null at the top, and for a branch, out of which nothing moves. */
  readonly outer: Scope | null
  /** Turns that its steps make for one of the list around. */
  readonly turns: number
  /** Buffers that get their values in this list. */
  readonly made: Set<number>
  readonly copies: Map<string, number>
}

export const newScope = (outer: Scope | null, turns: number, made: Iterable<number> = []): Scope => ({
  steps: [],
  outer,
  turns,
  made: new Set(made),
  copies: new Map(),
})

/** Where a copy of a buffer is made, and how often it is used there while it is made once. */
export const homeOf = (scope: Scope, buffer: number): { readonly home: Scope; readonly turns: number } => {
  let [home, turns] = [scope, 1]
  while (!home.made.has(buffer) && home.outer !== null) {
    turns *= home.turns
    home = home.outer
  }
  return { home, turns }
}

/** What a copy is made of: a pointwise nest that reads one buffer. */
export interface CopySpec {
  readonly name: string
  readonly buffer: number
  /** Equal for equal copies of a buffer. */
  readonly key: string
  readonly nest: Nest
}

/** The buffer of a copy, made now or before. */
export const copyOf = (scope: Scope, buffers: BufferType[], { name, buffer, key, nest }: CopySpec): number => {
  const { home } = homeOf(scope, buffer)
  const full = `${buffer} ${key}`
  const known = home.copies.get(full)
  if (known !== undefined) return known
  const output = buffers.push({ elem: (buffers[buffer] as BufferType).elem, shape: nest.domain }) - 1
  home.copies.set(full, output)
  home.made.add(output)
  home.steps.push({ t: "kernel", name, nest, inputs: [buffer], output })
  return output
}

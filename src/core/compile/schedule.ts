/**
 * A schedule: a whole program as plain data, with structured control flow and no host callbacks. Buffers are virtual and
 * written by one step each (a carry's `current` excepted); `memory.ts` maps them to storage. Every element, whatever its
 * kind, is one float of the target's precision: int and bool as whole numbers, a key as four 16-bit limbs on a last axis.
 */
import type { Elem } from "../tensor/types.js"
import type { Nest } from "./nest.js"

export interface BufferType {
  readonly elem: Elem
  /** Physical shape, row-major: that of the tensor, with a last axis of 4 for keys. [] is one element. */
  readonly shape: readonly number[]
}

/** A loop-carried value. Before the loop `current := init`; after each turn `current := next`; after the loop `result := current`. */
export interface Carry {
  readonly init: number
  readonly current: number
  readonly next: number
  readonly result: number
}

/** One iteration's row of a slab: slab has shape [count, ...item]. Iteration i sees row i, or row count-1-i when the loop runs in reverse. */
export interface Row {
  readonly slab: number
  readonly item: number
}

/** Square windows of a buffer, in elements: element (i, j) of window p lies at `base + p . strides + i rows + j columns`. */
export interface Windows {
  readonly base: number
  readonly strides: readonly number[]
  readonly rows: number
  readonly columns: number
}

/** For every point p of a domain the window p of one buffer becomes the window p of another: `matrix window matrix'`. */
export interface Transform {
  readonly matrix: readonly (readonly number[])[]
  readonly domain: readonly number[]
  readonly from: Windows
  readonly to: Windows
}

export type Step =
  /** `output` has the nest's domain as its shape. `inputs[k]` is what `load.input = k` reads. */
  | { readonly t: "kernel"; readonly name: string; readonly nest: Nest; readonly inputs: readonly number[]; readonly output: number }
  | { readonly t: "copy"; readonly from: number; readonly to: number }
  /**
   * Counted loop (scan). `slices` are read at the head of a turn, `stacks` written at its end, before the carries move. A count of
   * 0 is legal.
   */
  | {
      readonly t: "loop"
      readonly count: number
      readonly reverse: boolean
      readonly carries: readonly Carry[]
      readonly slices: readonly Row[]
      readonly stacks: readonly Row[]
      readonly body: readonly Step[]
    }
  /** `while (condition; predicate[0] != 0) body`. `condition` reads the carries' `current`. The head reads the cancellation word. */
  | {
      readonly t: "while"
      readonly carries: readonly Carry[]
      readonly condition: readonly Step[]
      readonly predicate: number
      readonly body: readonly Step[]
    }
  /** Runs one side only and copies its `results` to `outputs`. */
  | {
      readonly t: "cond"
      readonly predicate: number
      readonly whenTrue: { readonly steps: readonly Step[]; readonly results: readonly number[] }
      readonly whenFalse: { readonly steps: readonly Step[]; readonly results: readonly number[] }
      readonly outputs: readonly number[]
    }
  /**
   * A named routine. `sort`: rows of the last axis of inputs[0] ascending and stable, NaN last (-0 equals 0); outputs[0] the
   * sorted values, outputs[1] the positions they came from.
   */
  | { readonly t: "routine"; readonly name: "sort"; readonly inputs: readonly number[]; readonly outputs: readonly number[] }
  /** Only for targets with vectors: see `Transform`. */
  | {
      readonly t: "routine"
      readonly name: "transform"
      readonly inputs: readonly [number]
      readonly outputs: readonly [number]
      readonly transform: Transform
    }

export interface Schedule {
  readonly buffers: readonly BufferType[]
  readonly inputs: readonly number[]
  /** May repeat, and may name an input. */
  readonly outputs: readonly number[]
  readonly steps: readonly Step[]
}

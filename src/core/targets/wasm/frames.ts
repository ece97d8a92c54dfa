/**
 * Loops whose turns know nothing of each other (nothing is carried), such as one over the images of a batch. Any thread can take
 * any turn, so what is made within a turn lies in a frame of memory that each thread has for itself.
 */
import type { Schedule, Step } from "../../compile/schedule.js"
import { sizeOf } from "../../tensor/types.js"

export type FreeLoop = Extract<Step, { readonly t: "loop" }>

export interface Frames {
  readonly loops: ReadonlySet<Step>
  /** Where buffers lie in a frame, in bytes. */
  readonly offsets: ReadonlyMap<number, number>
  /** Buffers whose address changes from turn to turn, which a frame holds at these offsets. */
  readonly slots: ReadonlyMap<number, number>
  /** Bytes of a frame. */
  readonly bytes: number
}

/** A frame stays in the last cache that a thread has for itself, or nearly. */
const MOST_BYTES = 2 ** 24

const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16

export const framesOf = (schedule: Schedule, bytes: number): Frames => {
  const finder = new Finder(schedule, bytes)
  finder.look(schedule.steps)
  return finder
}

class Finder implements Frames {
  readonly loops = new Set<Step>()
  readonly offsets = new Map<number, number>()
  readonly slots = new Map<number, number>()
  bytes = 0

  constructor(
    private readonly schedule: Schedule,
    private readonly elementBytes: number,
  ) {}

  look(steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.t === "cond") for (const side of [step.whenTrue, step.whenFalse]) this.look(side.steps)
      else if (step.t === "while") for (const body of [step.condition, step.body]) this.look(body)
      else if (step.t === "loop" && !this.take(step)) this.look(step.body)
    }
  }

  /** Makes a loop's frame, if it can have one. */
  private take(step: FreeLoop): boolean {
    if (step.carries.length > 0 || step.count < 2 || !isPlain(step)) return false
    const made = new Map<number, number>()
    const moving = new Map<number, number>()
    let next = 0
    const place = (at: Map<number, number>, buffer: number, size: number): void => {
      if (made.has(buffer) || moving.has(buffer)) return
      at.set(buffer, next)
      next += aligned(size)
    }
    const sizeOfBuffer = (b: number): number => sizeOf(this.schedule.buffers[b]?.shape ?? []) * this.elementBytes
    const go = (loop: FreeLoop): void => {
      for (const { item } of [...loop.slices, ...loop.stacks]) place(moving, item, 4)
      // a carry's current and next value exchange their places, so either has a place and says where it is
      for (const { current, next: value } of loop.carries)
        for (const b of [current, value]) {
          moving.set(b, next)
          next += 16
          made.set(b, next)
          next += aligned(sizeOfBuffer(b))
        }
      for (const inner of loop.body) {
        if (inner.t === "loop") {
          for (const { result } of inner.carries) place(made, result, sizeOfBuffer(result))
          for (const { slab } of inner.stacks) place(made, slab, sizeOfBuffer(slab))
          go(inner)
        } else for (const b of outputsOf(inner)) place(made, b, sizeOfBuffer(b))
      }
    }
    go(step)
    if (next > MOST_BYTES) return false
    this.loops.add(step)
    for (const [b, offset] of made) this.offsets.set(b, offset)
    for (const [b, offset] of moving) this.slots.set(b, offset)
    this.bytes = Math.max(this.bytes, next)
    return true
  }
}

const outputsOf = (step: Step): readonly number[] =>
  step.t === "kernel" ? [step.output] : step.t === "copy" ? [step.to] : step.t === "routine" ? step.outputs : []

/**
 * Only kernels, copies, transforms and loops within, whose stacks are made where they lie, and whose carries are made in the body,
 * each by a step of its own.
 */
const isPlain = (loop: FreeLoop): boolean => {
  const written = new Set(loop.body.flatMap(outputsOf))
  const own = new Set<number>()
  const sliced = new Set(loop.slices.map((r) => r.item))
  const isOwn = (b: number): boolean => written.has(b) && !sliced.has(b) && !own.has(b) && own.add(b).size > 0
  return (
    loop.count > 0 &&
    loop.stacks.every(({ item }) => isOwn(item)) &&
    loop.carries.every(({ next }) => isOwn(next)) &&
    loop.body.every(
      (step) =>
        step.t === "kernel" ||
        step.t === "copy" ||
        (step.t === "routine" && step.name === "transform") ||
        (step.t === "loop" && isPlain(step)),
    )
  )
}

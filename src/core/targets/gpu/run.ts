/** Runs a schedule from the host: a kernel is one launch, loops and branches are JavaScript, everything is awaited. */
import type { BufferType, Row, Schedule, Step } from "../../compile/schedule.js"
import type { RunError } from "../../errors.js"
import { sizeOf } from "../../tensor/types.js"
import type { Cancellation } from "../target.js"
import type { Block, Blocks } from "./blocks.js"
import { createBreather } from "./event-loop.js"
import type { Kernel } from "./kernels.js"
import type { Lifetimes } from "./lifetimes.js"

/** Ends a run with an error of the boundary. */
export class RunStopped extends Error {
  constructor(readonly error: RunError) {
    super(error.message)
  }
}

/** A kernel step, ready to launch. */
export interface Launch {
  readonly kernel: Kernel
  /** The buffers that are its array arguments. */
  readonly buffers: readonly number[]
  readonly numbers: readonly number[]
}

export interface Program {
  readonly schedule: Schedule
  readonly lifetimes: Lifetimes
  readonly launchOf: (step: Step) => Launch
  /** A slab is one array that is written row by row; else a list of rows. */
  readonly partialWrites: boolean
  /** Throws where the program or its session is no longer there. */
  readonly assertOpen: () => void
}

/** The stacked values of a loop, one block a row. */
interface Slab {
  readonly rows: (Block | null)[]
}

type Slot = Block | Slab

const isSlab = (slot: Slot): slot is Slab => "rows" in slot

export const runProgram = async (
  program: Program,
  blocks: Blocks,
  inputs: readonly Block[],
  cancellation: Cancellation,
): Promise<readonly Block[]> => {
  const { schedule, lifetimes } = program
  const slots = new Map<number, Slot>()
  const breathe = createBreather()

  const typeOf = (buffer: number): BufferType => {
    const type = schedule.buffers[buffer]
    if (type === undefined) throw new Error(`the schedule has no buffer ${buffer}`)
    return type
  }
  const elements = (buffer: number): number => sizeOf(typeOf(buffer).shape)

  const drop = (buffer: number): void => {
    const slot = slots.get(buffer)
    slots.delete(buffer)
    if (slot === undefined) return
    if (!isSlab(slot)) blocks.release(slot)
    else for (const row of slot.rows) if (row !== null) blocks.release(row)
  }
  const put = (buffer: number, slot: Slot): void => {
    drop(buffer)
    slots.set(buffer, slot)
  }
  const slotOf = (buffer: number): Slot => {
    const slot = slots.get(buffer)
    if (slot === undefined) throw new Error(`buffer ${buffer} is read before it is written`)
    return slot
  }
  /** A buffer as one block, which stays the buffer's: a slab that is read as a whole becomes one here. */
  const block = async (buffer: number): Promise<Block> => {
    const slot = slotOf(buffer)
    if (!isSlab(slot)) return slot
    const rows = slot.rows.map((row, i) => {
      if (row === null) throw new Error(`row ${i} of buffer ${buffer} is read before it is written`)
      return row
    })
    const whole = await blocks.concat(rows)
    put(buffer, whole)
    return whole
  }
  const held = async (buffer: number): Promise<Block> => blocks.hold(await block(buffer))
  const heldAll = async (buffers: readonly number[]): Promise<readonly Block[]> => {
    const all: Block[] = []
    for (const buffer of buffers) all.push(await held(buffer))
    return all
  }
  const putAll = (buffers: readonly number[], values: readonly Block[]): void => {
    buffers.forEach((buffer, i) => {
      const value = values[i]
      if (value !== undefined) put(buffer, value)
    })
  }
  const isTrue = async (buffer: number): Promise<boolean> => (await blocks.read(await block(buffer)))[0] !== 0

  const pause = async (): Promise<void> => {
    await breathe()
    program.assertOpen()
    if (cancellation.cancelled) throw new RunStopped({ _tag: "Cancelled", message: "the run was cancelled by its caller" })
  }

  const kernel = async (step: Extract<Step, { t: "kernel" }>): Promise<void> => {
    const size = elements(step.output)
    if (size === 0) return put(step.output, blocks.fromHost(new Float32Array(0)))
    const launch = program.launchOf(step)
    const args: Block[] = []
    for (const buffer of launch.buffers) args.push(await block(buffer))
    put(step.output, await blocks.launch(launch.kernel, size, args, launch.numbers))
  }

  const rowOf = async ({ slab, item }: Row, index: number): Promise<Block> => {
    const slot = slotOf(slab)
    if (!isSlab(slot)) return blocks.row(slot, index, elements(item))
    const row = slot.rows[index]
    if (row === undefined || row === null) throw new Error(`row ${index} of buffer ${slab} is read before it is written`)
    return blocks.hold(row)
  }

  const stack = async ({ slab, item }: Row, index: number): Promise<void> => {
    const slot = slotOf(slab)
    if (isSlab(slot)) {
      slot.rows[index] = await held(item)
      return
    }
    const size = elements(item)
    slot.host?.set(await blocks.read(await block(item)), index * size)
  }

  const loop = async (step: Extract<Step, { t: "loop" }>): Promise<void> => {
    const { carries, count } = step
    const current = carries.map((c) => c.current)
    putAll(current, await heldAll(carries.map((c) => c.init)))
    for (const { slab } of step.stacks) {
      const whole = program.partialWrites || elements(slab) === 0
      put(slab, whole ? blocks.fromHost(new Float32Array(elements(slab))) : { rows: new Array<Block | null>(count).fill(null) })
    }
    for (let turn = 0; turn < count; turn++) {
      await pause()
      const index = step.reverse ? count - 1 - turn : turn
      for (const row of step.slices) put(row.item, await rowOf(row, index))
      await steps(step.body)
      for (const row of step.stacks) await stack(row, index)
      putAll(current, await heldAll(carries.map((c) => c.next)))
    }
    putAll(
      carries.map((c) => c.result),
      await heldAll(current),
    )
  }

  const whileLoop = async (step: Extract<Step, { t: "while" }>): Promise<void> => {
    const { carries } = step
    const current = carries.map((c) => c.current)
    putAll(current, await heldAll(carries.map((c) => c.init)))
    for (;;) {
      await pause()
      await steps(step.condition)
      if (!(await isTrue(step.predicate))) break
      await steps(step.body)
      putAll(current, await heldAll(carries.map((c) => c.next)))
    }
    putAll(
      carries.map((c) => c.result),
      await heldAll(current),
    )
  }

  const one = async (step: Step): Promise<void> => {
    switch (step.t) {
      case "kernel":
        await pause()
        return kernel(step)
      case "copy":
        return put(step.to, await held(step.from))
      case "loop":
        return loop(step)
      case "while":
        return whileLoop(step)
      case "cond": {
        const side = (await isTrue(step.predicate)) ? step.whenTrue : step.whenFalse
        await steps(side.steps)
        return putAll(step.outputs, await heldAll(side.results))
      }
      case "routine":
        throw new Error(`gpu.js targets have no routine "${step.name}": it must be lowered to index notation`)
    }
  }

  const steps = async (list: readonly Step[]): Promise<void> => {
    for (let i = 0; i < list.length; i++) {
      const step = list[i]
      if (step !== undefined) await one(step)
      for (const buffer of lifetimes.after(list, i)) drop(buffer)
    }
  }

  try {
    schedule.inputs.forEach((buffer, i) => {
      const input = inputs[i]
      if (input !== undefined) slots.set(buffer, blocks.hold(input))
    })
    await steps(schedule.steps)
    return await heldAll(schedule.outputs)
  } finally {
    for (const buffer of [...slots.keys()]) drop(buffer)
  }
}

/** The values that loops carry from turn to turn: before, between and after the turns. */
import type { MemoryPlan } from "../../compile/memory.js"
import type { Carry } from "../../compile/schedule.js"
import { assign, get } from "./assembly.js"
import { type Fn, I32 } from "./emitter.js"
import type { Layout } from "./layout.js"

export const startCarries = (f: Fn, layout: Layout, plan: MemoryPlan, carries: readonly Carry[]): void => {
  for (const { init, current, next } of carries) {
    if (plan.exchanged.has(current)) for (const id of [current, next]) layout.setSlot(f, id, layout.home(id))
    layout.copyBuffer(f, current, init)
  }
}

/** `current := next` for all carries at once. */
export const turnCarries = (f: Fn, layout: Layout, { exchanged, staging }: MemoryPlan, carries: readonly Carry[]): void => {
  const copied = carries.filter(({ current, next }) => current !== next && !exchanged.has(current))
  for (const { current, next } of copied) {
    const offset = staging.get(current)
    if (offset !== undefined) layout.copy(f, layout.stored(offset), layout.address(next), layout.bytesOf(current))
  }
  for (const { current, next } of copied) {
    const offset = staging.get(current)
    const from = offset === undefined ? layout.address(next) : layout.stored(offset)
    layout.copy(f, layout.address(current), from, layout.bytesOf(current))
  }
  for (const { current, next } of carries) {
    if (!exchanged.has(current)) continue
    const old = f.local(I32)
    assign(f, old, layout.address(current))
    layout.setSlot(f, current, layout.address(next))
    layout.setSlot(f, next, get(old))
  }
}

export const finishCarries = (f: Fn, layout: Layout, carries: readonly Carry[]): void => {
  for (const { current, result } of carries) layout.copyBuffer(f, result, current)
}

/**
 * What every schedule keeps, whoever made it: buffers are written before they are read, by one step each, with the shapes they
 * have; kernels load what they name; carries are in the form that targets rely on.
 */
import type { Ix, Nest, Scalar } from "../../src/core/compile/nest.js"
import type { Carry, Schedule, Step } from "../../src/core/compile/schedule.js"

type Known = ReadonlySet<number>

const loadsOf = (nest: Nest): readonly { readonly input: number; readonly rank: number }[] => {
  const seen = new Set<Scalar>()
  const found: { input: number; rank: number }[] = []
  const goIx = (ix: Ix): void => {
    if (ix.t === "value") go(ix.of)
    else if (ix.t === "add") [ix.a, ix.b].forEach(goIx)
    else if (ix.t !== "const" && ix.t !== "var") goIx(ix.a)
  }
  const go = (s: Scalar): void => {
    if (seen.has(s)) return
    seen.add(s)
    if (s.t === "load") {
      found.push({ input: s.input, rank: s.at.length })
      s.at.forEach(goIx)
      s.guards.forEach((g) => void goIx(g.ix))
    }
    if (s.t === "guarded") s.guards.forEach((g) => void goIx(g.ix))
    if (s.t === "ix") goIx(s.ix)
    for (const part of Object.values(s)) {
      for (const x of Array.isArray(part) ? part : [part])
        if (typeof x === "object" && x !== null && "t" in x && isScalar(x)) go(x as Scalar)
    }
  }
  go(nest.body)
  if (nest.epilogue !== null) go(nest.epilogue)
  if (nest.reduce?.indicator !== undefined) goIx(nest.reduce.indicator.equals)
  return found
}

const scalarKinds = ["lit", "epsilon", "load", "ix", "unary", "binary", "select", "guarded", "threefry", "xor16", "acc"]
const isScalar = (x: object): boolean => scalarKinds.includes((x as Scalar).t)

export const checkSchedule = (schedule: Schedule, maxInputs = Number.POSITIVE_INFINITY): void => {
  const written = new Set<number>()
  const shape = (b: number): string => {
    const type = schedule.buffers[b]
    if (type === undefined) throw new Error(`there is no buffer ${b}`)
    return type.shape.join()
  }
  const read = (known: Known, b: number) => {
    if (!known.has(b)) throw new Error(`buffer ${b} is read where it is not written`)
  }
  const define = (known: Set<number>, b: number) => {
    shape(b)
    if (written.has(b)) throw new Error(`buffer ${b} is written twice`)
    written.add(b)
    known.add(b)
  }
  const same = (what: string, a: number, b: number) => {
    if (shape(a) !== shape(b)) throw new Error(`${what}: buffers ${a} and ${b} have shapes [${shape(a)}] and [${shape(b)}]`)
  }
  const block = (steps: readonly Step[], outside: Known): Set<number> => {
    const known = new Set(outside)
    for (const s of steps) step(s, known)
    return known
  }
  const carriesIn = (carries: readonly Carry[], known: Known): Set<number> => {
    const inside = new Set(known)
    for (const c of carries) {
      read(known, c.init)
      same("init", c.init, c.current)
      same("next", c.next, c.current)
      same("result", c.result, c.current)
      define(inside, c.current)
    }
    return inside
  }
  const carriesOut = (carries: readonly Carry[], inside: Known, body: Known, known: Set<number>) => {
    const named = new Set<number>()
    for (const c of carries) {
      read(body, c.next)
      if (c.next !== c.current && (inside.has(c.next) || named.has(c.next)))
        throw new Error(`carry ${c.current}: next ${c.next} is not its own`)
      named.add(c.next)
      define(known, c.result)
    }
  }
  const step = (s: Step, known: Set<number>): void => {
    switch (s.t) {
      case "kernel": {
        s.inputs.forEach((b) => void read(known, b))
        if (new Set(s.inputs).size > maxInputs) throw new Error(`kernel ${s.name} has ${s.inputs.length} inputs, more than ${maxInputs}`)
        for (const { input, rank } of loadsOf(s.nest)) {
          const type = schedule.buffers[s.inputs[input] as number]
          if (type?.shape.length !== rank) throw new Error(`kernel ${s.name} loads input ${input} with ${rank} indices`)
        }
        if (shape(s.output) !== s.nest.domain.join())
          throw new Error(`kernel ${s.name} has the domain [${s.nest.domain}], its output [${shape(s.output)}]`)
        return define(known, s.output)
      }
      case "copy":
        read(known, s.from)
        same("copy", s.from, s.to)
        return define(known, s.to)
      case "routine":
        s.inputs.forEach((b) => void read(known, b))
        return s.outputs.forEach((b) => void define(known, b))
      case "cond": {
        read(known, s.predicate)
        for (const side of [s.whenTrue, s.whenFalse]) {
          const inside = block(side.steps, known)
          side.results.forEach((b, k) => {
            read(inside, b)
            same("cond", b, s.outputs[k] as number)
          })
        }
        return s.outputs.forEach((b) => void define(known, b))
      }
      case "while": {
        const inside = carriesIn(s.carries, known)
        read(block(s.condition, inside), s.predicate)
        return carriesOut(s.carries, inside, block(s.body, inside), known)
      }
      case "loop": {
        const inside = carriesIn(s.carries, known)
        for (const r of s.slices) {
          read(known, r.slab)
          if (shape(r.slab) !== [s.count, ...(schedule.buffers[r.item]?.shape ?? [])].join())
            throw new Error(`slice ${r.item} is no row of ${r.slab}`)
          define(inside, r.item)
        }
        const body = block(s.body, inside)
        for (const r of s.stacks) {
          read(body, r.item)
          if (inside.has(r.item)) throw new Error(`the item ${r.item} of a stack is not written in the body`)
          if (shape(r.slab) !== [s.count, ...(schedule.buffers[r.item]?.shape ?? [])].join())
            throw new Error(`item ${r.item} is no row of ${r.slab}`)
          define(known, r.slab)
        }
        return carriesOut(s.carries, inside, body, known)
      }
    }
  }
  const top = new Set<number>()
  schedule.inputs.forEach((b) => void define(top, b))
  const known = block(schedule.steps, top)
  schedule.outputs.forEach((b) => void read(known, b))
}

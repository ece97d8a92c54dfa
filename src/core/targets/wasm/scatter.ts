/**
 * A sum over an indicator as a true scatter: the output starts at 0, and each summand is added where it belongs, those out
 * of range nowhere. The reduced axes are the outer loops, so each element receives its summands in the documented order.
 */
import { type Affine, atom, constant, plus, times } from "./affine.js"
import type { Arithmetic } from "./arithmetic.js"
import { at, forNonEmpty, i32 } from "./assembly.js"
import { extentsOf, reduces, type Source } from "./axes.js"
import { Dataflow } from "./dataflow.js"
import { type Fn, I32 } from "./emitter.js"
import { Evaluation } from "./evaluation.js"
import type { Library } from "./library.js"
import { Lowering, stridesOf } from "./lower.js"
import { operandsOf } from "./lowered.js"
import { Regions } from "./placement.js"

const clearOutput = (f: Fn, num: Arithmetic, { nest, shapes }: Source): void => {
  f.get(shapes.length)
  f.i32(0)
  f.i32(nest.domain.reduce((n, d) => n * d, num.bytes))
  f.op([0xfc, 11, 0])
}

export const emitScatter = (f: Fn, library: Library, source: Source): void => {
  clearOutput(f, library.num, source)
  if (reduces(source.nest)) emitUpdates(f, library, source)
}

const emitUpdates = (f: Fn, library: Library, source: Source): void => {
  const { nest, shapes } = source
  const { num } = library
  const indicator = nest.reduce?.indicator
  if (indicator === undefined) return
  const extents = extentsOf(nest)
  const rank = nest.domain.length
  const order = [...extents.keys()].filter((axis) => axis >= rank)
  for (let axis = 0; axis < rank; axis++) if (axis !== indicator.axis) order.push(axis)

  const flow = new Dataflow()
  const regions = new Regions()
  const axes = new Array<Affine>(extents.length).fill(constant(0))
  const locals = new Map<number, number>()
  const homes = new Map<number, number>()
  const loops: { readonly local: number; readonly extent: number; readonly region: number }[] = []
  let innermost = 0
  for (const axis of order) {
    const extent = at(extents, axis)
    if (extent === 1) continue
    innermost = regions.child(innermost, "loop")
    const variable = flow.variable(loops.length, extent)
    const local = f.local(I32)
    axes[axis] = atom(variable)
    locals.set(variable, local)
    homes.set(variable, innermost)
    loops.push({ local, extent, region: innermost })
  }
  const operands = operandsOf(flow, source)
  const out = at(operands, shapes.length).pointer
  const lowering = new Lowering(flow, num, axes, operands, -1)
  const condition = lowering.within(indicator.equals, at(nest.domain, indicator.axis))
  // The summand counts only where the axis has this value, and nothing lowered so far used it.
  axes[indicator.axis] = lowering.index(indicator.equals)
  const body = lowering.scalar(nest.body)
  const strides = stridesOf(nest.domain)
  const offset = nest.domain.reduce((sum, _, i) => plus(sum, times(at(axes, i), at(strides, i))), constant(0))
  const { address, immediate } = lowering.address(out, offset)
  flow.nodes.forEach(({ op, imm }, id) => {
    if (op === "pointer") locals.set(id, at(imm, 0))
  })

  const inside = regions.child(innermost, "guard")
  const roots = [
    { node: condition, region: innermost },
    { node: address, region: inside },
    { node: body, region: inside },
  ]
  const evaluation = new Evaluation({ f, flow, library, regions, roots, homes, locals, vector: null })
  const update = (): void => {
    evaluation.push(condition)
    f.if(null, () => {
      const target = f.local(I32)
      evaluation.begin(inside)
      evaluation.push(address)
      f.tee(target)
      f.get(target)
      f.memory(num.scalar.load, immediate)
      evaluation.push(body)
      f.op(num.scalar.add)
      f.memory(num.scalar.store, immediate)
    })
  }
  const run = (depth: number): void => {
    const loop = loops[depth]
    if (loop === undefined) return update()
    forNonEmpty(f, loop.local, i32.const(0), i32.const(loop.extent), 1, () => {
      evaluation.begin(loop.region)
      run(depth + 1)
    })
  }
  evaluation.begin(0)
  run(0)
}

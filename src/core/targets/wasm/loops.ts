/** A nest as plain loops: over its domain, and within over the reduced axes; along the last axis of the domain in vectors. */
import { assign, at, forNonEmpty, get, i32 } from "./assembly.js"
import { isSummed, type Part, reduces, type Source } from "./axes.js"
import type { Fn } from "./emitter.js"
import { Evaluation } from "./evaluation.js"
import type { Library } from "./library.js"
import { lowerNest } from "./lowered.js"
import { nested } from "./nested.js"
import { type Pass, planPasses, type Roots } from "./passes.js"
import { boundsOf, type Range } from "./range.js"
import { type Inner, innermost, type Loop, makeSkeleton } from "./skeleton.js"
import { addSummands, summandsOf } from "./summands.js"
import type { Tiling } from "./tiles.js"
import type { VectorMode } from "./values.js"

/** Emits the loops of a kernel, all of them or those of a range; says whether they use vectors. */
export const emitLoops = (f: Fn, library: Library, source: Source, tiling: Tiling, range: Range | null = null): boolean => {
  const vectors = tiling.parts.map((part) => emitPart(f, library, source, tiling, part, range))
  return vectors.includes(true)
}

const emitPart = (f: Fn, library: Library, source: Source, { groups, partial }: Tiling, part: Part, range: Range | null): boolean => {
  const { nest } = source
  const { num } = library
  const sums = reduces(nest) && !source.reduced
  const lowered = lowerNest(source, num, groups, part)
  const { flow, lowering, points } = lowered
  const skeleton = makeSkeleton(f, source, groups, part, lowered)
  const { regions, locals, homes, unguarded } = skeleton
  const kept = points.flatMap((p) => p.kept ?? [])
  const targets = points.map(({ offset }) => lowering.address(lowered.outPointer, offset))
  const addresses = targets.map((t) => t.address)

  const evaluation = (roots: Roots, vector: VectorMode | null): Evaluation => {
    const inRegion = (region: number, nodes: readonly number[]) => nodes.map((node) => ({ node, region }))
    const all = [
      ...inRegion(skeleton.result, [...roots.results, ...addresses]),
      ...inRegion(innermost(skeleton.guarded), roots.bodies),
      ...(partial ? inRegion(innermost({ region: 0, loops: skeleton.domain }), addresses) : []),
      ...(unguarded === null ? [] : inRegion(innermost(unguarded), roots.unguarded)),
      ...(unguarded === null
        ? []
        : inRegion(innermost({ region: 0, loops: [...skeleton.domain, ...skeleton.reduction] }), [unguarded.condition])),
    ]
    return new Evaluation({ f, flow, library, regions, roots: all, homes, locals, vector })
  }
  const last = skeleton.domain.at(-1)
  const passes = planPasses({
    num,
    flow,
    variable: part.vectors ? (last?.variable ?? -1) : -1,
    turns: last?.turns ?? 1,
    roots: {
      bodies: sums ? [...points.map((p) => p.body), ...kept.flatMap(({ value, address }) => [value, address])] : [],
      unguarded: unguarded?.bodies ?? [],
      results: points.map((p) => p.result),
    },
    addresses,
    copies: part.copies,
    evaluation,
  })

  const summands = part.summands > 0 ? summandsOf(library, lowered, skeleton, part, evaluation) : null

  const reduce = ({ evaluation, copies, roots }: Pass): void => {
    const lanes = copies > 0 ? num.vector : num.scalar
    const combine = nest.reduce?.combine === "max" ? lanes.max : lanes.add
    const start = nest.reduce?.combine === "max" ? -Infinity : 0
    const accs = points.flatMap(({ acc }, row) =>
      Array.from({ length: Math.max(1, copies) }, (_, copy) => ({ acc, row, copy, local: f.local(lanes.type) })),
    )
    const starts = (value: (local: (typeof accs)[number]) => void): void => {
      for (const one of accs) {
        value(one)
        f.set(one.local)
      }
    }
    const fresh = (): void => starts(() => (copies > 0 ? num.vectorConstant(f, () => start) : num.constant(f, start)))
    const stored = (): void =>
      starts(({ row, copy }) => {
        const { address, immediate } = at(targets, row)
        evaluation.push(address)
        f.memory(lanes.load, immediate + copy * 16)
      })
    // the first part of a sum finds nothing in the output
    const blocks = partial ? skeleton.domain.filter(({ group }) => isSummed(nest, groups, group)) : []
    if (!partial || (blocks.length === 0 && part.first)) fresh()
    else if (!part.first) stored()
    else {
      blocks.map((loop) => get(loop.local)).reduce(i32.or)(f)
      f.if(null, stored, fresh)
    }
    for (const { acc, copy, local } of accs) evaluation.bindAcc(acc, local, copy)
    if (summands !== null) {
      const locals = accs.map(({ local }) => local)
      return addSummands(f, num, summands, {
        evaluation,
        bodies: roots.bodies,
        kept,
        sums: locals,
        reduction: skeleton.reduction,
        combine,
      })
    }
    const run = ({ loops }: Inner, bodies: readonly number[]): void =>
      nested(f, loops, [evaluation], () => {
        for (const { row, copy, local } of accs) {
          f.get(local)
          evaluation.push(at(bodies, row), copy)
          f.op(combine)
          f.set(local)
        }
      })
    const side = (inner: Inner, bodies: readonly number[]) => (): void => {
      evaluation.begin(inner.region)
      run(inner, bodies)
    }
    nested(f, skeleton.reduction, [evaluation], () => {
      if (unguarded === null) return run(skeleton.guarded, roots.bodies)
      evaluation.push(unguarded.condition)
      f.if(null, side(unguarded, roots.unguarded), side(skeleton.guarded, roots.bodies))
    })
  }

  const point = (pass: Pass): void => {
    if (sums) reduce(pass)
    pass.evaluation.begin(skeleton.result)
    targets.forEach(({ address, immediate }, row) => {
      for (let copy = 0; copy < Math.max(1, pass.copies); copy++) {
        pass.evaluation.push(address)
        pass.evaluation.push(at(pass.roots.results, row), copy)
        f.memory(pass.copies > 0 ? num.vector.store : num.scalar.store, immediate + copy * 16)
      }
    })
  }

  const evaluations = [...passes.map((pass) => pass.evaluation), ...(summands === null ? [] : [summands.evaluation])]
  const bounds = boundsOf(f, part, range)
  const along = (pass: Pass, { local, region, group }: Loop): void => {
    const turn = (): void => {
      pass.evaluation.begin(region)
      summands?.evaluation.begin(region)
      point(pass)
    }
    if (range?.group === group) return bounds.within(local, pass, turn)
    if (pass.to - pass.from > pass.step) return forNonEmpty(f, local, i32.const(pass.from), i32.const(pass.to), pass.step, turn)
    assign(f, local, i32.const(pass.from))
    turn()
  }
  bounds.guard(() => {
    for (const evaluation of evaluations) evaluation.begin(0)
    nested(
      f,
      skeleton.domain.slice(0, -1),
      evaluations,
      () => {
        for (const pass of passes) {
          if (last === undefined) point(pass)
          else along(pass, last)
        }
      },
      bounds.of,
    )
  })
  return passes.some((pass) => pass.copies > 0)
}

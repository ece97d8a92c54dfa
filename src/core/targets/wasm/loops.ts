/** A nest as plain loops: over its domain, and within over the reduced axes; along the last axis of the domain in vectors. */
import type { Arithmetic } from "./arithmetic.js"
import { at, forNonEmpty, i32 } from "./assembly.js"
import { extentsOf, groupExtent, type Lowered, lowerNest, mergeAxes, reduces, type Source } from "./axes.js"
import { type Fn, I32 } from "./emitter.js"
import { Evaluation, type VectorMode } from "./evaluation.js"
import type { Library } from "./library.js"
import { Regions } from "./placement.js"
import { vectorise } from "./vector.js"

interface Loop {
  readonly variable: number
  readonly local: number
  readonly extent: number
  readonly region: number
}

/** A stretch of the last axis of the domain, in steps of one element or of some vectors. */
interface Pass {
  readonly evaluation: Evaluation
  readonly from: number
  readonly to: number
  readonly step: number
  /** Vectors of a step; 0 for single elements. */
  readonly copies: number
  readonly body: number
  readonly result: number
}

/** Sums kept in registers at once, so that additions that wait for each other don't stand in line. */
const sumsAtOnce = 4

/** Emits the body of a kernel; says whether it uses vectors. */
export const emitLoops = (f: Fn, library: Library, source: Source): boolean => {
  const { nest } = source
  const { num } = library
  const rank = nest.domain.length
  const sums = reduces(nest) && !source.reduced
  const groups = mergeAxes(source, num)
  const lowered = lowerNest(source, num, groups)
  const { flow, lowering, variables } = lowered
  const { address, immediate } = lowering.address(lowered.outPointer, lowered.offset)

  const regions = new Regions()
  const extents = extentsOf(nest)
  const loops = { domain: [] as Loop[], reduction: [] as Loop[] }
  const locals = new Map<number, number>()
  const homes = new Map<number, number>()
  let innermost = 0
  let domainRegion = 0
  groups.forEach((group, g) => {
    const variable = at(variables, g)
    const reduced = at(group, 0) >= rank
    if (variable >= 0 && (!reduced || sums)) {
      innermost = regions.child(innermost, "loop")
      const loop = { variable, local: f.local(I32), extent: groupExtent(group, extents), region: innermost }
      loops[reduced ? "reduction" : "domain"].push(loop)
      locals.set(variable, loop.local)
      homes.set(variable, innermost)
    }
    if (!reduced) domainRegion = innermost
  })
  const resultRegion = regions.child(domainRegion, "sequel")
  const acc = flow.make("acc")
  homes.set(acc, resultRegion)
  flow.nodes.forEach(({ op, imm }, id) => {
    if (op === "pointer") locals.set(id, at(imm, 0))
  })

  const evaluation = (body: number, result: number, vector: VectorMode | null): Evaluation => {
    const roots = [
      { node: result, region: resultRegion },
      { node: address, region: resultRegion },
      ...(sums ? [{ node: body, region: innermost }] : []),
    ]
    return new Evaluation({ f, flow, library, regions, roots, homes, locals, vector })
  }
  const passes = planPasses(num, lowered, address, loops.domain.at(-1), sums, evaluation)

  const reduce = (pass: Pass): void => {
    const lanes = pass.copies > 0 ? num.vector : num.scalar
    const copies = Math.max(1, pass.copies)
    const start = nest.reduce?.combine === "max" ? -Infinity : 0
    const accs = Array.from({ length: copies }, () => f.local(lanes.type))
    accs.forEach((local, copy) => {
      if (pass.copies > 0) num.vectorConstant(f, () => start)
      else num.constant(f, start)
      f.set(local)
      pass.evaluation.bindAcc(local, copy)
    })
    nested(
      f,
      loops.reduction,
      (region) => pass.evaluation.begin(region),
      () => {
        accs.forEach((local, copy) => {
          f.get(local)
          pass.evaluation.push(pass.body, copy)
          f.op(nest.reduce?.combine === "max" ? lanes.max : lanes.add)
          f.set(local)
        })
      },
    )
  }

  const point = (pass: Pass): void => {
    if (sums) reduce(pass)
    pass.evaluation.begin(resultRegion)
    for (let copy = 0; copy < Math.max(1, pass.copies); copy++) {
      pass.evaluation.push(address)
      pass.evaluation.push(pass.result, copy)
      f.memory(pass.copies > 0 ? num.vector.store : num.scalar.store, immediate + copy * 16)
    }
  }

  const last = loops.domain.pop()
  for (const pass of passes) pass.evaluation.begin(0)
  nested(
    f,
    loops.domain,
    (region) => passes.forEach((pass) => pass.evaluation.begin(region)),
    () => {
      for (const pass of passes) {
        if (last === undefined) point(pass)
        else
          forNonEmpty(f, last.local, i32.const(pass.from), i32.const(pass.to), pass.step, () => {
            pass.evaluation.begin(last.region)
            point(pass)
          })
      }
    },
  )
  return passes.some((pass) => pass.copies > 0)
}

/** Divides the last axis into stretches: several vectors at a time, one vector, one element. */
const planPasses = (
  num: Arithmetic,
  { flow, body, result }: Lowered,
  address: number,
  last: Loop | undefined,
  sums: boolean,
  evaluation: (body: number, result: number, vector: VectorMode | null) => Evaluation,
): readonly Pass[] => {
  const passes: Pass[] = []
  let from = 0
  const extent = last?.extent ?? 1
  if (last !== undefined && extent >= num.width) {
    const vector = vectorise(flow, last.variable, num.bytes, sums ? [body, result, address] : [result, address], sums)
    const vectorRoots = vector?.roots
    if (vector !== null && vectorRoots !== undefined && vector.slope[address] === num.bytes) {
      for (const copies of sums ? [sumsAtOnce, 1] : [1]) {
        const step = copies * num.width
        const to = extent - ((extent - from) % step)
        if (to === from) continue
        const [newBody, newResult] = sums ? [at(vectorRoots, 0), at(vectorRoots, 1)] : [at(vectorRoots, 0), at(vectorRoots, 0)]
        passes.push({
          evaluation: evaluation(newBody, newResult, { varying: vector.varying, slope: vector.slope, copies }),
          from,
          to,
          step,
          copies,
          body: newBody,
          result: newResult,
        })
        from = to
      }
    }
  }
  if (from < extent) passes.push({ evaluation: evaluation(body, result, null), from, to: extent, step: 1, copies: 0, body, result })
  return passes
}

/** Loops within loops, with the statements of each body before what it contains. */
const nested = (f: Fn, loops: readonly Loop[], begin: (region: number) => void, body: () => void): void => {
  const [first, ...rest] = loops
  if (first === undefined) return body()
  forNonEmpty(f, first.local, i32.const(0), i32.const(first.extent), 1, () => {
    begin(first.region)
    nested(f, rest, begin, body)
  })
}

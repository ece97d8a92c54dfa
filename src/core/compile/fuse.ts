/**
 * Fusion: kernels into the kernels that use them. The value of every element stays bit for bit what it was; only where it is
 * computed changes. The policy, in the order in which it is asked:
 *
 * - Nothing crosses the border of a region (checkpoint), but for what loads nothing.
 * - Numbers, ranges and small masks made of them are computed wherever they are used, also inside loops and branches.
 * - A plain change of indices (broadcast, permute, slice, reshape, pad) is made by its users' loads. Several users, users in an
 *   inner body, and reductions that read an element many times (contractions), take it only where indices stay sums of
 *   multiples of loop variables and no guard is added: such loads are what targets tile.
 * - Any other pointwise kernel goes into its user if it has only one, in the same list of steps, and if that does not compute
 *   more elements than before. So no elementary function is repeated, neither per row nor per output of a contraction.
 * - A pointwise user of a reduction becomes its epilogue, if it is the only user and reads each result where it is made.
 * - A kernel reads at most `maxInputs` buffers and has at most `MAX_SIZE` nodes; what would exceed that stays a kernel.
 */
import type { Capabilities } from "../targets/target.js"
import { type Extents, keyOf } from "./index-arithmetic.js"
import {
  extentsOf,
  formOf,
  isAffineRemap,
  isFree,
  joined,
  type Kernel,
  type KernelForm,
  kernelOf,
  mapNest,
  points,
  remapped,
  type Site,
  sitesOf,
} from "./kernel-form.js"
import type { Lowered } from "./lower.js"
import type { Nest, Scalar } from "./nest.js"
import type { Schedule, Step } from "./schedule.js"
import { bodiesOf, readBy } from "./step-reads.js"
import { type Load, Rewriter, underGuards } from "./substitute.js"

/** So that generated kernels stay of a size that every target compiles quickly. */
const MAX_SIZE = 200

/** A kernel that could be inlined, and where it stands. */
interface Definition {
  readonly form: KernelForm
  readonly block: number
  readonly region: number
}

interface Uses {
  /** Kernels of the same block that load it. */
  readonly kernels: number
  /** Used by anything else: a loop, a branch, an output, a kernel of another block. */
  readonly elsewhere: boolean
}

/** The schedule with kernels fused. Kernels that went into all their users are still there, and loads name buffers. */
export const fuse = ({ schedule, regions }: Lowered, capabilities: Capabilities): Schedule => {
  const fuser = new Fuser(regions, capabilities, countUses(schedule))
  return { ...schedule, steps: fuser.block(schedule.steps) }
}

/** Uses of every buffer; the fuser keeps them true as kernels go into their only users. */
interface UseCounts {
  readonly of: (buffer: number) => Uses
  /** One kernel less loads it. */
  readonly less: (buffer: number) => void
}

const countUses = (schedule: Schedule): UseCounts => {
  const kernels = new Int32Array(schedule.buffers.length)
  const elsewhere = new Uint8Array(schedule.buffers.length)
  const madeIn = new Int32Array(schedule.buffers.length)
  let blocks = 0
  const go = (steps: readonly Step[]): void => {
    const block = ++blocks
    for (const step of steps) {
      for (const b of step.t === "kernel" ? new Set(step.inputs) : readBy(step)) {
        if (step.t === "kernel" && madeIn[b] === block) kernels[b] = (kernels[b] as number) + 1
        else elsewhere[b] = 1
      }
      for (const body of bodiesOf(step)) go(body)
      if (step.t === "kernel") madeIn[step.output] = block
    }
  }
  go(schedule.steps)
  for (const b of schedule.outputs) elsewhere[b] = 1
  return {
    of: (b) => ({ kernels: kernels[b] as number, elsewhere: elsewhere[b] === 1 }),
    less: (b) => {
      kernels[b] = (kernels[b] as number) - 1
    },
  }
}

const isIdentity = (load: Load, rank: number): boolean =>
  load.guards.length === 0 && load.at.length === rank && load.at.every((ix, i) => ix.t === "var" && ix.axis === i)

class Fuser {
  private readonly definitions = new Map<number, Definition>()
  private blocks = 0

  constructor(
    private readonly regions: readonly number[],
    private readonly capabilities: Capabilities,
    private readonly uses: UseCounts,
  ) {}

  block(steps: readonly Step[]): readonly Step[] {
    const block = this.blocks++
    return steps.map((step): Step => {
      switch (step.t) {
        case "kernel":
          return this.kernel(step, block)
        case "cond":
          return {
            ...step,
            whenTrue: { ...step.whenTrue, steps: this.block(step.whenTrue.steps) },
            whenFalse: { ...step.whenFalse, steps: this.block(step.whenFalse.steps) },
          }
        case "while":
          return { ...step, condition: this.block(step.condition), body: this.block(step.body) }
        case "loop":
          return { ...step, body: this.block(step.body) }
        default:
          return step
      }
    })
  }

  private kernel(step: Kernel, block: number): Step {
    const region = this.regions[step.output] as number
    const form = this.intoReduction(this.withProducers(formOf(step), block, region), block, region)
    this.definitions.set(step.output, { form, block, region })
    return kernelOf(form, step.output)
  }

  /** A kernel with the producers inlined that the policy lets in. */
  private withProducers(form: KernelForm, block: number, region: number): KernelForm {
    const sites = sitesOf(form.nest)
    const chosen = new Map<number, KernelForm>()
    let { size, costly } = form
    const own = new Set(form.inputs)
    const brought = new Set<number>()
    // what this kernel and a producer that it takes in both load: one user less when all are chosen, so that none of them is chosen itself
    const shared: number[] = []
    for (const [buffer, places] of sites) {
      const d = this.definitions.get(buffer)
      if (d === undefined || !this.allows(form, d, buffer, places, block, region)) continue
      const grown = size + d.form.size * new Set(places.map((p) => p.key)).size
      const inputs = new Set([...own, ...brought])
      const merged = new Set([...brought, ...d.form.inputs, ...own].filter((b) => b !== buffer || brought.has(b)))
      const fits = grown <= MAX_SIZE && merged.size <= Math.max(this.capabilities.maxInputs, inputs.size)
      if (!fits) continue
      if (this.isAlone(d, buffer, block)) shared.push(...d.form.inputs.filter((b) => inputs.has(b)))
      own.delete(buffer)
      for (const b of d.form.inputs) brought.add(b)
      chosen.set(buffer, d.form)
      size = grown
      costly ||= d.form.costly
    }
    if (chosen.size === 0) return form
    for (const b of shared) this.uses.less(b)
    const parts = [...[...chosen.values()].filter((f) => !isFree(f) && remapped(f) === null), form]
    const made = { nest: inlineAll(form.nest, chosen), ...joined(parts), inputs: [...new Set([...own, ...brought])], size, costly }
    // two producers that read the same are one user of it now, which may be its only one: the two halves of random bits
    return shared.length > 0 && made.nest.reduce === null ? this.withProducers(made, block, region) : made
  }

  private allows(user: KernelForm, d: Definition, buffer: number, places: readonly Site[], block: number, region: number): boolean {
    const { form } = d
    if (form.nest.reduce !== null) return false
    if (isFree(form)) return true
    if (d.region !== region) return false
    const alone = this.isAlone(d, buffer, block)
    const repeats = evaluations(user.nest, places) > points(form.nest.domain)
    if (remapped(form) !== null) return isAffineRemap(form) || (alone && !(repeats && user.nest.reduce !== null))
    return alone && !repeats && places.every((p) => !p.asIndex)
  }

  /** Whether one kernel of the block that makes it is its only user. */
  private isAlone(d: Definition, buffer: number, block: number): boolean {
    const uses = this.uses.of(buffer)
    return d.block === block && uses.kernels === 1 && !uses.elsewhere
  }

  /** A pointwise kernel as the epilogue of the reduction whose results it reads, or as it is. */
  private intoReduction(user: KernelForm, block: number, region: number): KernelForm {
    if (user.nest.reduce !== null) return user
    let best: { readonly buffer: number; readonly form: KernelForm } | null = null
    const sites = sitesOf(user.nest)
    for (const [buffer, places] of sites) {
      const d = this.definitions.get(buffer)
      if (d === undefined || d.form.nest.reduce === null || d.region !== region) continue
      const { domain } = d.form.nest
      const alone = this.isAlone(d, buffer, block)
      const sameDomain = domain.length === user.nest.domain.length && domain.every((n, i) => n === user.nest.domain[i])
      if (!alone || !sameDomain || !places.every((p) => isIdentity(p.load, domain.length) && !p.asIndex)) continue
      const inputs = new Set([...user.inputs, ...d.form.inputs])
      const fits = inputs.size - 1 <= this.capabilities.maxInputs && user.size + d.form.size <= MAX_SIZE
      if (fits && (best === null || points(extentsOf(d.form.nest)) > points(extentsOf(best.form.nest)))) best = { buffer, form: d.form }
    }
    return best === null ? user : asEpilogue(user, best.buffer, best.form)
  }
}

/** How often the loads of one buffer are made in a run of a nest. */
const evaluations = (nest: Nest, places: readonly Site[]): number => {
  const counted = new Set<string>()
  let n = 0
  for (const { key, inEpilogue } of places) {
    const id = `${inEpilogue} ${key}`
    if (counted.has(id)) continue
    counted.add(id)
    n += points(inEpilogue ? nest.domain : extentsOf(nest))
  }
  return n
}

/** A nest in which loads of some buffers are replaced by the pointwise kernels that make them. */
const inlineAll = (nest: Nest, producers: ReadonlyMap<number, KernelForm>): Nest => {
  const extents = extentsOf(nest)
  const made = new Map<string, Scalar>()
  return mapNest(nest, (load) => {
    const producer = producers.get(load.input)
    if (producer === undefined) return load
    const key = `${load.input}@${load.at.map(keyOf).join()}`
    const known = made.get(key) ?? valueAt(producer.nest, load, extents)
    made.set(key, known)
    return underGuards(load.guards, known)
  })
}

/** The value of a pointwise nest at the indices of a load. */
const valueAt = ({ domain, body }: Nest, load: Load, extents: Extents): Scalar => {
  const same = isIdentity({ ...load, guards: [] }, domain.length) && domain.every((n, i) => n === extents[i])
  return same ? body : new Rewriter({ extents, variable: (axis) => load.at[axis] as Load["at"][number], load: (l) => l }).scalar(body)
}

const asEpilogue = (user: KernelForm, buffer: number, reduction: KernelForm): KernelForm => {
  const { nest } = reduction
  const value: Scalar = nest.epilogue ?? { t: "acc" }
  const { body } = mapNest(user.nest, (l) => (l.input === buffer ? value : l))
  return {
    nest: { ...nest, epilogue: body },
    ...joined([reduction, user]),
    inputs: [...new Set([...reduction.inputs, ...user.inputs.filter((b) => b !== buffer)])],
    size: user.size + reduction.size,
    costly: user.costly || reduction.costly,
  }
}

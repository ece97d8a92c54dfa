/** A kernel while it is being fused: its nest with loads that name buffers, and what the fuser has to know of it. */
import { binary, lit } from "./build-nest.js"
import { type Extents, isAffine, keyOf, keyOfGuard } from "./index-arithmetic.js"
import type { Ix, Nest, Scalar } from "./nest.js"
import type { Step } from "./schedule.js"
import { isDataDependent, type Load, Rewriter } from "./substitute.js"

export type Kernel = Extract<Step, { readonly t: "kernel" }>

export interface KernelForm {
  readonly nest: Nest
  /** Ops it is made of, first to last: some of them, and how many there are. */
  readonly names: readonly string[]
  readonly parts: number
  /** Distinct buffers that it loads. */
  readonly inputs: readonly number[]
  /** Nodes of its expressions, an upper bound. */
  readonly size: number
  /** Has elementary functions or random bits: not to be computed twice. */
  readonly costly: boolean
}

/** One place from which a kernel loads a buffer. */
export interface Site {
  readonly load: Load
  /** Loads with equal keys read the same element. */
  readonly key: string
  readonly inEpilogue: boolean
  /** Its value is an index of another load. */
  readonly asIndex: boolean
}

export const extentsOf = ({ domain, reduce }: Pick<Nest, "domain" | "reduce">): Extents =>
  reduce === null ? domain : [...domain, ...reduce.extent]

export const points = (sizes: Extents): number => sizes.reduce((n, d) => n * d, 1)

/** A reduction over nothing is its only summand, as the reduction would leave it: 0 + x. */
const withoutEmptyReduction = (nest: Nest): Nest => {
  const { reduce, epilogue } = nest
  if (reduce === null || reduce.extent.length > 0 || reduce.indicator !== undefined) return nest
  const value = binary(reduce.combine === "sum" ? "add" : "max", lit(reduce.combine === "sum" ? 0 : Number.NEGATIVE_INFINITY), nest.body)
  const body = epilogue === null ? value : new Rewriter({ extents: nest.domain, load: (l) => l, acc: value }).scalar(epilogue)
  return { domain: nest.domain, reduce: null, body, epilogue: null }
}

/** A nest with each of its expressions rewritten; loop variables stay what they are. */
export const mapNest = (nest: Nest, load: (l: Load) => Scalar): Nest => {
  const rules = { extents: extentsOf(nest), load }
  const rewriter = new Rewriter(rules)
  const { reduce } = nest
  return {
    domain: nest.domain,
    reduce:
      reduce?.indicator === undefined
        ? reduce
        : { ...reduce, indicator: { axis: reduce.indicator.axis, equals: rewriter.ix(reduce.indicator.equals) } },
    body: rewriter.scalar(nest.body),
    epilogue: nest.epilogue === null ? null : rewriter.scalar(nest.epilogue),
  }
}

const COSTLY: readonly string[] = ["exp", "log", "tanh", "sqrt", "sin", "cos"]

/** Visits every node of a nest's expressions once. */
export const visit = (nest: Nest, scalar: (s: Scalar, inEpilogue: boolean, asIndex: boolean) => void): void => {
  const seen = new Set<Scalar | Ix>()
  let inEpilogue = false
  const goIx = (ix: Ix): void => {
    if (seen.has(ix)) return
    seen.add(ix)
    if (ix.t === "value") go(ix.of, true)
    else if (ix.t === "add") {
      goIx(ix.a)
      goIx(ix.b)
    } else if (ix.t !== "const" && ix.t !== "var") goIx(ix.a)
  }
  const go = (s: Scalar, asIndex: boolean): void => {
    if (seen.has(s)) return
    seen.add(s)
    scalar(s, inEpilogue, asIndex)
    switch (s.t) {
      case "ix":
        return goIx(s.ix)
      case "load":
        for (const ix of s.at) goIx(ix)
        for (const g of s.guards) goIx(g.ix)
        return
      case "guarded":
        for (const g of s.guards) goIx(g.ix)
        return go(s.a, asIndex)
      case "unary":
        return go(s.a, asIndex)
      case "binary":
      case "xor16":
        go(s.a, asIndex)
        return go(s.b, asIndex)
      case "select":
        go(s.c, asIndex)
        go(s.a, asIndex)
        return go(s.b, asIndex)
      case "threefry":
        for (const k of s.key) go(k, asIndex)
        go(s.count, asIndex)
        return go(s.limb, asIndex)
    }
  }
  if (nest.reduce?.indicator !== undefined) goIx(nest.reduce.indicator.equals)
  go(nest.body, false)
  if (nest.epilogue !== null) {
    inEpilogue = true
    seen.clear()
    go(nest.epilogue, false)
  }
}

const loadKey = (l: Load): string => `${l.at.map(keyOf).join()};${l.guards.map(keyOfGuard).join()}`

/** Where a kernel loads from, by buffer. */
export const sitesOf = (nest: Nest): ReadonlyMap<number, readonly Site[]> => {
  const sites = new Map<number, Site[]>()
  visit(nest, (s, inEpilogue, asIndex) => {
    if (s.t !== "load") return
    const list = sites.get(s.input) ?? []
    sites.set(s.input, list)
    const key = loadKey(s)
    if (!list.some((o) => o.key === key && o.inEpilogue === inEpilogue && o.asIndex === asIndex))
      list.push({ load: s, key, inEpilogue, asIndex })
  })
  return sites
}

/** A kernel as it was lowered, its indices simplified. */
export const formOf = ({ name, nest: own, inputs }: Kernel): KernelForm => {
  const nest = mapNest(withoutEmptyReduction(own), (l) => ({ ...l, input: inputs[l.input] as number }))
  let size = 0
  let costly = false
  const loads = new Set<number>()
  visit(nest, (s) => {
    size += s.t === "load" ? 1 + s.guards.length : 1
    costly ||= s.t === "threefry" || (s.t === "unary" && COSTLY.includes(s.fn))
    if (s.t === "load") loads.add(s.input)
  })
  return { nest, names: [name], parts: 1, inputs: [...loads], size, costly }
}

const SHOWN = 6

/** Names and number of the parts of a kernel made of others. */
export const joined = (forms: readonly KernelForm[]): Pick<KernelForm, "names" | "parts"> => ({
  names: forms.flatMap((f) => f.names).slice(0, SHOWN),
  parts: forms.reduce((n, f) => n + f.parts, 0),
})

/** A form as a step again. Its loads still name buffers. */
export const kernelOf = ({ nest, names, parts, inputs }: KernelForm, output: number): Kernel => ({
  t: "kernel",
  name: `${names.join("+")}${parts > names.length ? `+${parts - names.length} more` : ""}`,
  nest,
  inputs,
  output,
})

/** Loads name places in the list of inputs, as targets read them. */
export const numberLoads = (kernel: Kernel): Kernel => {
  const places = new Map(kernel.inputs.map((b, i) => [b, i]))
  return { ...kernel, nest: mapNest(kernel.nest, (l) => ({ ...l, input: places.get(l.input) as number })) }
}

/** No loads, nothing costly, and little of it: numbers, ranges, masks made of them. Computed wherever it is used. */
export const isFree = (f: KernelForm): boolean => f.nest.reduce === null && f.inputs.length === 0 && !f.costly && f.size <= 8

/** The load that a kernel does nothing but repeat at other indices, or null. */
export const remapped = (f: KernelForm): Load | null =>
  f.nest.reduce === null && f.nest.body.t === "load" && !isDataDependent(f.nest.body) ? f.nest.body : null

/** A remap whose indices are sums of multiples of loop variables, and that no guard can stop. */
export const isAffineRemap = (f: KernelForm): boolean => {
  const load = remapped(f)
  return load !== null && load.guards.length === 0 && load.at.every(isAffine)
}

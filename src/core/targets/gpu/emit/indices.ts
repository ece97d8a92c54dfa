/**
 * Index expressions as statements, all in floats: every index is a whole number below 2^24, which float32 holds exactly, and integer
 * division is a multiplication that cannot round to the wrong side, since GPUs do not promise exact division.
 */

import { sizeOf } from "../../../tensor/types.js"
import type { Affine, Atom, Term } from "./affine.js"
import { type Bounds, largest } from "./bounds.js"
import { choice } from "./choice.js"
import type { NodeId } from "./ir.js"
import { loopVariable, type Source } from "./source.js"

/** Whole numbers up to here are exact in float32. */
export const exactLimit = 2 ** 24

/** Up to here `floor((x + 0.5) * (1 / by))` cannot be wrong, with a bit to spare for a reciprocal that is parsed one unit off. */
const halfStepLimit = 2 ** 21

export interface Indices {
  /** A name or a literal for the value of a form, and the loop level that it belongs to. */
  readonly print: (form: Affine) => string
  readonly levelOf: (form: Affine) => number
}

/** What a form's data-dependent indices refer to: names and levels of expression nodes. */
export interface NodeText {
  readonly name: (id: NodeId) => string
  readonly level: (id: NodeId) => number
}

const isPowerOfTwo = (n: number): boolean => 2 ** Math.round(Math.log2(n)) === n

export const createIndices = (source: Source, domain: readonly number[], nodes: NodeText): Indices => {
  const names = new Map<string, string>()
  const once = (key: string, make: () => string): string => {
    const known = names.get(key)
    if (known !== undefined) return known
    const name = make()
    names.set(key, name)
    return name
  }

  const levelOf = (form: Affine): number => {
    let level = 0
    for (const axis of form.axes) level = Math.max(level, axis - domain.length + 1)
    for (const node of form.nodes) level = Math.max(level, nodes.level(node))
    return level
  }

  const divide = (level: number, x: string, by: number, bounds: Bounds): string => {
    const reciprocal = 1 / by
    if (isPowerOfTwo(by)) return source.define(level, `Math.floor(${x} * ${reciprocal})`)
    if (largest(bounds) <= halfStepLimit) return source.define(level, `Math.floor((${x} + 0.5) * ${reciprocal})`)
    const guess = source.define(level, `Math.floor(${x} * ${reciprocal})`)
    const rest = source.define(level, `${x} - ${guess} * ${by}.0`)
    const define = (expression: string) => source.define(level, expression)
    return choice(define, `${rest} < 0.0`, `${guess} - 1.0`, choice(define, `${rest} >= ${by}.0`, `${guess} + 1.0`, guess))
  }

  /** `floor(thread / stride)`: the axes before an axis and the axis itself, as one number. */
  const quotient = (stride: number): string => {
    const thread = once("thread", () => source.define(0, "this.thread.x"))
    return stride === 1 ? thread : once(`thread/${stride}`, () => divide(0, thread, stride, { lo: 0, hi: sizeOf(domain) - 1 }))
  }
  const strideAfter = (axis: number): number => sizeOf(domain.slice(axis + 1))

  const atomName = (atom: Atom): string => {
    switch (atom.t) {
      case "var": {
        if (atom.axis >= domain.length) return loopVariable(atom.axis - domain.length)
        return once(atom.key, () => {
          const size = domain[atom.axis] ?? 1
          const upTo = quotient(strideAfter(atom.axis))
          const before = strideAfter(atom.axis) * size
          return before === sizeOf(domain) ? upTo : source.define(0, `${upTo} - ${size}.0 * ${quotient(before)}`)
        })
      }
      case "value":
        return nodes.name(atom.node)
      case "div":
        return once(atom.key, () => divide(levelOf(atom.of), print(atom.of), atom.by, atom.of.bounds))
      case "mod":
        return once(atom.key, () => {
          const level = levelOf(atom.of)
          const x = print(atom.of)
          const whole = once(`(${atom.of.key}/${atom.by})`, () => divide(level, x, atom.by, atom.of.bounds))
          return source.define(level, `${x} - ${atom.by}.0 * ${whole}`)
        })
    }
  }

  /**
   * The domain's part of a form, over quotients of the thread number instead of over axes: an axis is a difference of two quotients,
   * and in a strided sum these cancel, so that a contiguous index is the thread number itself. null where axes are as good.
   */
  const overQuotients = (terms: readonly Term[]): readonly { readonly name: () => string; readonly by: number }[] | null => {
    const by = domain.map((_, axis) => terms.find(({ atom }) => atom.t === "var" && atom.axis === axis)?.by ?? 0)
    const parts: { name: () => string; by: number }[] = []
    let magnitude = 0
    let inner = 0 // coefficient times size of the axis after this one
    for (let axis = domain.length - 1; axis >= 0; axis--) {
      const size = domain[axis] ?? 1
      if (size === 1) continue
      const stride = strideAfter(axis)
      const coefficient = (by[axis] ?? 0) - inner
      inner = (by[axis] ?? 0) * size
      if (coefficient === 0) continue
      parts.push({ name: () => quotient(stride), by: coefficient })
      magnitude += Math.abs(coefficient) * (sizeOf(domain) / stride)
    }
    return parts.length <= by.filter((b) => b !== 0).length && magnitude < exactLimit ? parts : null
  }

  const product = (name: string, by: number): string => (by === 1 ? name : `${name} * ${by}.0`)

  const sum = (form: Affine): string => {
    const outer = form.terms.filter(({ atom }) => atom.t === "var" && atom.axis < domain.length)
    const quotients = overQuotients(outer)
    const named =
      quotients === null
        ? form.terms.map(({ atom, by }) => ({ name: atomName(atom), by }))
        : [
            ...quotients.map(({ name, by }) => ({ name: name(), by })),
            ...form.terms.filter((term) => !outer.includes(term)).map(({ atom, by }) => ({ name: atomName(atom), by })),
          ]
    const positiveFirst = [...named].sort((a, b) => Math.sign(b.by) - Math.sign(a.by))
    const [first, ...rest] = positiveFirst
    if (first === undefined) return `${form.constant}.0`
    const head = first.by < 0 ? `${form.constant}.0 - ${product(first.name, -first.by)}` : product(first.name, first.by)
    const tail = rest.map(({ name, by }) => (by < 0 ? ` - ${product(name, -by)}` : ` + ${product(name, by)}`)).join("")
    if (first.by < 0 || form.constant === 0) return head + tail
    return `${head}${tail} ${form.constant < 0 ? "-" : "+"} ${Math.abs(form.constant)}.0`
  }

  const print = (form: Affine): string => {
    if (form.terms.length === 0) return form.constant < 0 ? `(-${-form.constant}.0)` : `${form.constant}.0`
    if (largest(form.bounds) >= exactLimit && Number.isFinite(form.bounds.hi)) {
      throw new RangeError(`an index reaches ${largest(form.bounds)}; whole numbers are exact below 2^24 only: use smaller tensors`)
    }
    return once(form.key, () => {
      const text = sum(form)
      return /^\w+$/.test(text) ? text : source.define(levelOf(form), text)
    })
  }

  return { print, levelOf }
}

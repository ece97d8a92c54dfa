/** The normal form of indices, and the source text of kernels. */
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  at,
  axes,
  axis,
  binary,
  floorDiv,
  load,
  modulo,
  plus,
  pointwise,
  reduced,
  times,
  unary,
} from "../../../src/core/compile/build-nest.js"
import type { Ix, Nest } from "../../../src/core/compile/nest.js"
import { type Affine, createAffines } from "../../../src/core/targets/gpu/emit/affine.js"
import { kernelSource } from "../../../src/core/targets/gpu/emit/kernel-source.js"
import { modes } from "../../../src/core/targets/gpu/index.js"
import { randomNest } from "../../support/random-nests.js"

const sizes = [5, 64, 7]

const anyIx: fc.Arbitrary<Ix> = fc.letrec<{ ix: Ix }>((tie) => ({
  ix: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    fc.integer({ min: -100, max: 100 }).map(at),
    fc.nat({ max: 2 }).map(axis),
    fc.tuple(tie("ix"), tie("ix")).map(([a, b]): Ix => ({ t: "add", a, b })),
    fc.tuple(tie("ix"), fc.constantFrom(-64, -3, 0, 1, 2, 7, 64)).map(([a, by]): Ix => ({ t: "mul", a, by })),
    fc.tuple(tie("ix"), fc.constantFrom(1, 2, 5, 7, 64)).map(([a, by]): Ix => ({ t: "div", a, by })),
    fc.tuple(tie("ix"), fc.constantFrom(1, 2, 5, 7, 64)).map(([a, by]): Ix => ({ t: "mod", a, by })),
  ),
})).ix

const evaluate = (ix: Ix, v: readonly number[]): number => {
  switch (ix.t) {
    case "const":
      return ix.value
    case "var":
      return v[ix.axis] ?? 0
    case "add":
      return evaluate(ix.a, v) + evaluate(ix.b, v)
    case "mul":
      return evaluate(ix.a, v) * ix.by
    case "div":
      return Math.floor(evaluate(ix.a, v) / ix.by)
    case "mod": {
      const a = evaluate(ix.a, v)
      return a - ix.by * Math.floor(a / ix.by)
    }
    case "value":
      throw new Error("no values here")
  }
}

const evaluateForm = (form: Affine, v: readonly number[]): number => {
  let sum = form.constant
  for (const { atom, by } of form.terms) {
    const of = atom.t === "var" ? (v[atom.axis] ?? 0) : atom.t === "value" ? Number.NaN : evaluateForm(atom.of, v)
    sum += by * (atom.t === "div" ? Math.floor(of / atom.by) : atom.t === "mod" ? of - atom.by * Math.floor(of / atom.by) : of)
  }
  return sum
}

const formOf = (ix: Ix): Affine => {
  const affines = createAffines()
  const go = (i: Ix): Affine => {
    switch (i.t) {
      case "const":
        return affines.constant(i.value)
      case "var":
        return affines.variable(i.axis, sizes[i.axis] ?? 1)
      case "add":
        return affines.sum([
          { form: go(i.a), by: 1 },
          { form: go(i.b), by: 1 },
        ])
      case "mul":
        return affines.sum([{ form: go(i.a), by: i.by }])
      case "div":
        return affines.divide(go(i.a), i.by)
      case "mod":
        return affines.mod(go(i.a), i.by)
      case "value":
        return affines.value(0)
    }
  }
  return go(ix)
}

describe("the normal form of an index", () => {
  it("has the value of the index, within its bounds", () => {
    fc.assert(
      fc.property(anyIx, fc.tuple(...sizes.map((size) => fc.nat({ max: size - 1 }))), (ix, v) => {
        const form = formOf(ix)
        const value = evaluate(ix, v)
        expect(evaluateForm(form, v) - value).toBeCloseTo(0, 9)
        expect(form.bounds.lo).toBeLessThanOrEqual(value)
        expect(form.bounds.hi).toBeGreaterThanOrEqual(value)
      }),
    )
  })

  it("undoes a reshape of a reshape", () => {
    const flat = plus(plus(times(axis(0), 448), times(axis(1), 7)), axis(2))
    const other = plus(times(floorDiv(flat, 32), 32), modulo(flat, 32))
    expect(formOf(other).terms).toEqual(formOf(flat).terms)
    expect(formOf(floorDiv(other, 448)).terms.map(({ atom, by }) => [atom.key, by])).toEqual([["v0", 1]])
  })
})

const text = (nest: Nest, ...shapes: readonly (readonly number[])[]): string =>
  kernelSource(
    nest,
    shapes.map((shape, buffer) => ({ buffer, shape })),
    modes.webgpu.source,
  ).text

describe("the source of a kernel", () => {
  it("indexes a contiguous load by the thread itself", () => {
    const source = text(pointwise([8, 64], load(0, axes(2))), [8, 64])
    expect(source).not.toContain("floor")
    expect(source).toContain("in0[t0]")
  })

  it("computes what is shared once", () => {
    const e = unary("exp", load(0, [axis(0)]))
    const source = text(pointwise([8], binary("mul", e, binary("add", e, unary("exp", load(0, [axis(0)]))))), [8])
    expect(source.match(/in0\[/g)).toHaveLength(1)
    expect(source.match(/0\.693359375/g)).toHaveLength(1)
  })

  it("takes out of a loop what does not change in it", () => {
    const source = text(reduced([8], "sum", [4], binary("mul", unary("exp", load(0, [axis(0)])), load(1, [axis(1)]))), [8], [4])
    const [before, inside] = source.split("for (")
    expect(before).toContain("0.693359375")
    expect(inside).not.toContain("0.693359375")
  })

  it("guards no load that cannot leave its array", () => {
    const safe = load(0, [modulo(plus(axis(0), at(3)), 8)], [{ t: "range", ix: modulo(plus(axis(0), at(3)), 8), lo: 0, hi: 8 }])
    expect(text(pointwise([20], safe), [8])).not.toContain("?")
  })

  it("stays short for a long chain of reshapes that share their parts", () => {
    let flat: Ix = plus(times(axis(0), 7), axis(1))
    for (let k = 0; k < 60; k++) {
      const [rows, columns] = k % 2 === 0 ? [5, 7] : [7, 5]
      // the transpose of a [rows, columns] array, flattened
      flat = plus(times(modulo(flat, columns), rows), floorDiv(flat, columns))
    }
    expect(text(pointwise([5, 7], load(0, [flat])), [35]).length).toBeLessThan(10_000)
  })

  it("chooses between names and numbers alone, so that no choice is a branch", () => {
    fc.assert(
      fc.property(randomNest, fc.constantFrom(...Object.values(modes)), ({ nest, inputs }, { source }) => {
        const operands = inputs.map(({ shape }, buffer) => ({ buffer, shape }))
        for (const [line] of kernelSource(nest, operands, source)
          .text.replaceAll(/\(-([\w.+-]+)\)/g, "$1")
          .matchAll(/^.*\?.*$/gm))
          expect(line).toMatch(/^(?:const )?\w+ = [^?]+ \? [\w.]+(?:e[+-]\d+)? : [\w.]+(?:e[+-]\d+)?;$/)
      }),
    )
  })

  it("takes a chain of ten thousand operations without recursion", () => {
    let body = load(0, [axis(0)])
    for (let k = 0; k < 10_000; k++) body = binary("add", body, load(0, [axis(0)]))
    expect(text(pointwise([2], body), [2]).length).toBeGreaterThan(10_000)
  })
})

/**
 * Random kernels for targets: nests with guards, divided and remaindered indices, gathers, reductions, indicators and epilogues, on
 * inputs whose arithmetic is exact in float32. What decides (comparisons, floors, indices) is exact; only what is continuous goes
 * through inexact functions, so a target may differ from the float64 oracle by rounding and by nothing else.
 */
import * as fc from "fast-check"
import type { BinaryFn, Guard, Ix, Nest, Scalar, UnaryFn } from "../../src/core/compile/nest.js"
import type { Job } from "./gpu-driver.js"

interface Scope {
  /** Loop variables that may be used, with their sizes. */
  readonly axes: readonly { readonly axis: number; readonly size: number }[]
  readonly shapes: readonly (readonly number[])[]
}

const smallShape = (maxRank: number, max = 5): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.integer({ min: 1, max }), { maxLength: maxRank })

const constant = (value: number): Ix => ({ t: "const", value })

/** Any index at all. */
const anyIx = (scope: Scope, depth: number): fc.Arbitrary<Ix> => {
  const leaves: fc.Arbitrary<Ix>[] = [fc.integer({ min: -3, max: 6 }).map(constant)]
  if (scope.axes.length > 0) leaves.push(fc.constantFrom(...scope.axes).map(({ axis }): Ix => ({ t: "var", axis })))
  if (depth === 0) return fc.oneof(...leaves)
  const inner = anyIx(scope, depth - 1)
  return fc.oneof(
    ...leaves,
    fc.tuple(inner, inner).map(([a, b]): Ix => ({ t: "add", a, b })),
    fc.tuple(inner, fc.integer({ min: -3, max: 7 })).map(([a, by]): Ix => ({ t: "mul", a, by })),
    fc.tuple(inner, fc.integer({ min: 1, max: 7 })).map(([a, by]): Ix => ({ t: "div", a, by })),
    fc.tuple(inner, fc.integer({ min: 1, max: 7 })).map(([a, by]): Ix => ({ t: "mod", a, by })),
  )
}

/** An index that stays in `[0, size)`. */
const safeIx = (scope: Scope, size: number): fc.Arbitrary<Ix> => {
  const fitting = scope.axes.filter((a) => a.size <= size).map(({ axis }): Ix => ({ t: "var", axis }))
  const wrapped = anyIx(scope, 2).map((a): Ix => ({ t: "mod", a, by: size }))
  return fitting.length === 0 ? wrapped : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...fitting) }, { weight: 1, arbitrary: wrapped })
}

const guardOf = (scope: Scope): fc.Arbitrary<Guard> =>
  fc.oneof(
    fc
      .tuple(anyIx(scope, 1), fc.integer({ min: -2, max: 3 }), fc.integer({ min: 0, max: 6 }))
      .map(([ix, lo, length]): Guard => ({ t: "range", ix, lo, hi: lo + length })),
    fc.tuple(anyIx(scope, 1), fc.integer({ min: 1, max: 4 })).map(([ix, by]): Guard => ({ t: "divides", ix, by })),
  )

const loadOf = (scope: Scope, depth: number): fc.Arbitrary<Scalar> =>
  fc.nat({ max: scope.shapes.length - 1 }).chain((input) => {
    const shape = scope.shapes[input] ?? []
    const safe = fc.tuple(...shape.map((size) => safeIx(scope, size)))
    // An index that may leave the array has a guard on its axis; a gathered one may even be a NaN.
    const wild = fc.tuple(...shape.map(() => (depth > 0 ? fc.oneof(anyIx(scope, 2), gathered(scope, depth - 1)) : anyIx(scope, 2))))
    const extra = fc.array(guardOf(scope), { maxLength: 1 })
    return fc.oneof(
      safe.map((at): Scalar => ({ t: "load", input, at, guards: [] })),
      fc.tuple(safe, extra).map(([at, guards]): Scalar => ({ t: "load", input, at, guards })),
      fc.tuple(wild, extra).map(
        ([at, guards]): Scalar => ({
          t: "load",
          input,
          at,
          guards: [...at.map((ix, k): Guard => ({ t: "range", ix, lo: 0, hi: shape[k] ?? 1 })), ...guards],
        }),
      ),
    )
  })

/** A value as an index: a whole number, or nothing that a guard lets through. */
const gathered = (scope: Scope, depth: number): fc.Arbitrary<Ix> =>
  exactScalar(scope, depth).map((of): Ix => ({ t: "value", of: { t: "unary", fn: "floor", a: of } }))

const unary = (fn: UnaryFn, a: Scalar): Scalar => ({ t: "unary", fn, a })
const binary = (fn: BinaryFn, a: Scalar, b: Scalar): Scalar => ({ t: "binary", fn, a, b })
const literals = [0, -0, 1, -1, 0.5, 2.25, -3, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]

const limb = (scope: Scope): fc.Arbitrary<Scalar> => anyIx(scope, 1).map((a): Scalar => ({ t: "ix", ix: { t: "mod", a, by: 65536 } }))

/** Arithmetic that float32 does exactly on small dyadic numbers. */
const exactScalar = (scope: Scope, depth: number): fc.Arbitrary<Scalar> => {
  const leaves: fc.Arbitrary<Scalar>[] = [
    fc.constantFrom(...literals).map((value): Scalar => ({ t: "lit", value })),
    anyIx(scope, 2).map((ix): Scalar => ({ t: "ix", ix })),
    fc.constant<Scalar>({ t: "epsilon" }).map((e): Scalar => binary("mul", e, { t: "lit", value: 0 })),
  ]
  if (scope.shapes.length > 0) leaves.push(loadOf(scope, depth), loadOf(scope, depth))
  if (depth === 0) return fc.oneof(...leaves)
  const inner = exactScalar(scope, depth - 1)
  return fc.oneof(
    { weight: 3, arbitrary: fc.oneof(...leaves) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom<UnaryFn>("neg", "floor", "not", "isFinite"), inner).map(([fn, a]) => unary(fn, a)) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.constantFrom<BinaryFn>("add", "sub", "max", "min", "less", "lessEqual", "equal", "and", "or"), inner, inner)
        .map(([fn, a, b]) => binary(fn, a, b)),
    },
    { weight: 1, arbitrary: inner.map((a) => binary("mul", a, { t: "lit", value: 0.5 })) },
    { weight: 1, arbitrary: inner.map((a) => binary("max", binary("add", a, a), unary("neg", a))) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(anyIx(scope, 2), fc.constantFrom(-5, 1, 3, 7))
        .map(([ix, value]) => binary("rem", { t: "ix", ix }, { t: "lit", value })),
    },
    { weight: 1, arbitrary: fc.tuple(inner, inner, inner).map(([c, a, b]): Scalar => ({ t: "select", c, a, b })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.array(guardOf(scope), { minLength: 1, maxLength: 2 }), inner)
        .map(([guards, a]): Scalar => ({ t: "guarded", guards, a })),
    },
    { weight: 1, arbitrary: fc.tuple(limb(scope), limb(scope)).map(([a, b]): Scalar => ({ t: "xor16", a, b })) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(limb(scope), limb(scope), limb(scope), fc.constantFrom(0, -1, -70000))
        .map(
          ([a, b, from, by]): Scalar =>
            binary(
              "mul",
              { t: "threefry", key: [a, b, b, a], count: binary("add", from, { t: "lit", value: by }), limb: { t: "lit", value: 2 } },
              { t: "lit", value: 2 ** -10 },
            ),
        ),
    },
  )
}

/** Continuous functions of exact values, of moderate size. */
const smoothScalar = (scope: Scope, depth: number): fc.Arbitrary<Scalar> => {
  const exact = exactScalar(scope, depth)
  const bounded = exact.map((a) => binary("min", binary("max", a, { t: "lit", value: -4 }), { t: "lit", value: 4 }))
  return fc.oneof(
    { weight: 3, arbitrary: exact },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom<UnaryFn>("exp", "tanh", "sin", "cos", "sqrt", "log"), bounded).map(([fn, a]) => unary(fn, a)),
    },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom<BinaryFn>("mul", "add"), bounded, bounded).map(([fn, a, b]) => binary(fn, a, b)) },
    // not by something that may be a zero: its sign would decide, and no law fixes the sign of max(0, -0)
    {
      weight: 1,
      arbitrary: fc.tuple(bounded, bounded).map(([a, b]) => binary("div", a, binary("add", binary("mul", b, b), { t: "lit", value: 0.5 }))),
    },
  )
}

/** Quarters are exact through every exact operation; now and then something that no arithmetic should hide. */
const value = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -24, max: 24 }).map((n) => n / 4) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0) },
)

const reduction = (domain: readonly number[]): fc.Arbitrary<Nest["reduce"]> =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constant(null) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom("sum" as const, "max" as const), fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 2 }))
        .map(([combine, extent]) => ({ combine, extent })),
    },
    {
      weight: domain.length > 0 ? 1 : 0,
      arbitrary: fc
        .tuple(fc.nat({ max: Math.max(0, domain.length - 1) }), fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 }))
        .chain(([axis, extent]) =>
          indicatorIx(domain, axis, extent).map((equals) => ({ combine: "sum" as const, extent, indicator: { axis, equals } })),
        ),
    },
  )

const indicatorIx = (domain: readonly number[], axis: number, extent: readonly number[]): fc.Arbitrary<Ix> =>
  anyIx({ axes: scopeAxes([...domain, ...extent]).filter((a) => a.axis !== axis), shapes: [] }, 2)

const scopeAxes = (sizes: readonly number[]) => sizes.map((size, axis) => ({ axis, size }))

export const nestJob: fc.Arbitrary<Job> = fc
  .tuple(smallShape(3, 6), fc.array(smallShape(3), { minLength: 1, maxLength: 3 }))
  .chain(([domain, shapes]) => fc.tuple(fc.constant(domain), fc.constant(shapes), reduction(domain)))
  .chain(([domain, shapes, reduce]) => {
    const scope: Scope = { axes: scopeAxes([...domain, ...(reduce?.extent ?? [])]).filter((a) => a.size > 0), shapes }
    const outer: Scope = { axes: scopeAxes(domain), shapes }
    const epilogue =
      reduce === null ? fc.constant(null) : fc.option(exactScalar(outer, 1).map((s): Scalar => binary("add", { t: "acc" }, s)))
    const data = fc.tuple(
      ...shapes.map((shape) =>
        fc.array(value, { minLength: shape.reduce((n, d) => n * d, 1), maxLength: shape.reduce((n, d) => n * d, 1) }),
      ),
    )
    return fc.tuple(smoothScalar(scope, 2), epilogue, data).map(([body, last, inputs]): Job => {
      const nest: Nest = { domain, reduce, body, epilogue: last }
      const buffers = [...shapes, domain].map((shape) => ({ elem: "float" as const, shape }))
      const ids = shapes.map((_, i) => i)
      return {
        schedule: {
          buffers,
          inputs: ids,
          outputs: [shapes.length],
          steps: [{ t: "kernel", name: "random", nest, inputs: ids, output: shapes.length }],
        },
        inputs,
      }
    })
  })

/** The first element that differs by more than rounding, as a sentence; null where none does. */
export const difference = (found: readonly number[], wanted: ArrayLike<number>, tolerance = 2e-5): string | null => {
  if (found.length !== wanted.length) return `${found.length} elements instead of ${wanted.length}`
  for (let i = 0; i < found.length; i++) {
    const a = found[i] ?? Number.NaN
    const b = wanted[i] ?? Number.NaN
    const same =
      Number.isNaN(a) || Number.isNaN(b) || !Number.isFinite(b) ? Object.is(a, b) : Math.abs(a - b) <= tolerance * (1 + Math.abs(b))
    if (!same) return `element ${i} is ${a} instead of ${b}`
  }
  return null
}

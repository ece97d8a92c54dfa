/** Deep equilibrium and monotone operator layers: solved again by plain loops, differentiated against differences and unrolled steps. */
import { describe, expect, test } from "vitest"
import { compile, constant, evaluate, flatten, type Tensor, toArray, unflatten, valueAndGrad } from "../../../src/core/index.js"
import {
  anderson,
  damped,
  exact,
  forwardBackward,
  gmres,
  newton,
  peacemanRachford,
  picard,
  type Solver,
  unrolled,
} from "../../../src/implicit/index.js"
import { drawn } from "../../../src/laws/arbitraries/index.js"
import * as laws from "../../../src/laws/index.js"
import {
  deq,
  type MonotoneOptions,
  monotone,
  transformerBlock,
  transformerDeq,
  type UncheckedLayer,
} from "../../../src/models/layers/index.js"
import { add, key, mul, square, sum, tanh } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"
import * as loops from "./loops.js"
import { close, context, draw, nested, plain } from "./support.js"

const tight = { rtol: 1e-14, atol: 1e-14, maxEvaluations: 4000 }
const exactly = { ...tight, adjoint: exact(gmres({ rtol: 1e-14 })) }

interface At {
  readonly params: unknown
  readonly x: Tensor
}

interface Linear {
  readonly w: loops.Matrix
  readonly b: loops.Row
}
const linear = ({ w, b }: Linear, rows: loops.Matrix): loops.Matrix => rows.map((row) => loops.linear(row, w, b))

/** A smooth scalar of a layer's output at parameters and an input. */
const lossOf =
  (layer: UncheckedLayer) =>
  ({ params, x }: At): Tensor<[]> => {
    const y = layer.apply(params, x, context) as Tensor
    return add(sum(square(y)), sum(tanh(y))) as Tensor<[]>
  }

/** Initial parameters with noise, so that no shift is zero. */
const startOf = (layer: UncheckedLayer, x: Tensor, noise = 0.1): At => {
  const { leaves, structure } = flatten("parameters", right(evaluate(layer.init(key(4)))))
  const moved = leaves.map((t, i) => right(evaluate(add(t as Tensor, mul(draw(50 + i, ...t.shape), noise)) as Tensor)) as Tensor)
  return { params: unflatten(structure, moved), x }
}

/** The loss and its gradient, compiled: the interpreter takes minutes for hundreds of unrolled steps. */
const gradientOf = async (layer: UncheckedLayer, at: At): Promise<readonly number[]> => {
  const step = valueAndGrad(lossOf(layer))
  const program = compile((p: never) => step(p), { target: "wasm:f64" })
  const found = flatten("found", right(await program(at as never)())).leaves.flatMap((t) => [...toArray(t as Tensor)])
  program.dispose()
  return found
}

/** The gradient agrees with differences of the loss solved anew, along every `every`th coordinate of parameters and input. */
const agreesWithDifferences = async (layer: UncheckedLayer, at: At, every: number) => {
  const { leaves, structure } = flatten("at", at)
  const values = leaves.map((t) => Float64Array.from(toArray(t as Tensor)))
  const H = 1e-5
  const program = compile((p: never) => lossOf(layer)(p), { target: "wasm:f64" })
  const lossAt = async (data: readonly Float64Array[]) => {
    const tree = unflatten(
      structure,
      leaves.map((t, i) => constant(t.type, data[i] as Float64Array)),
    )
    return toArray(right(await program(tree as never)()) as Tensor)[0] as number
  }
  const found = await gradientOf(layer, at)
  const [expected, told] = [[await lossAt(values)], [found[0] as number]]
  const places = values.flatMap((data, k) => Array.from(data, (v, i) => ({ k, i, v })))
  for (const [place, { k, i, v }] of places.entries()) {
    if (place % every !== 0) continue
    const moved = (h: number) => lossAt(values.map((other, n) => (n === k ? other.with(i, v + h) : other)))
    expected.push(((await moved(H)) - (await moved(-H))) / (2 * H))
    told.push(found[place + 1] as number)
  }
  program.dispose()
  expect(expected.length).toBeGreaterThan(8)
  expect(relativeError(expected, told)).toBeLessThan(1e-7)
}

const onTargets = (layer: UncheckedLayer, at: At) =>
  test.each([
    ["interpreter", 1e-7],
    ["wasm", 1e-3],
  ] as const)("%s: value and gradient", async (target, tolerance) => {
    const step = valueAndGrad(lossOf(layer))
    const program = compile((p: never) => step(p), { target })
    const found = flatten("found", right(await program(at as never)())).leaves.flatMap((t) => [...toArray(t as Tensor)])
    program.dispose()
    expect(relativeError(await gradientOf(layer, at), found)).toBeLessThan(tolerance)
  })

const isSame = async (layer: UncheckedLayer, other: UncheckedLayer, at: At, tolerance = 1e-10) =>
  expect(relativeError(await gradientOf(layer, at), await gradientOf(other, at))).toBeLessThan(tolerance)

describe("deq", () => {
  const made = (solver: Solver): UncheckedLayer => deq(3, 4, { solver })
  const at = startOf(made(picard()), draw(1, 5, 3))

  test("is the state that plain iteration comes to, rows and single vectors", () => {
    const { w, input } = plain<{ readonly w: loops.Matrix; readonly input: Linear }>(at.params)
    const solved = (rows: loops.Matrix) =>
      linear(input, rows).map((given) => {
        let z: loops.Row = given.map(() => 0)
        for (let i = 0; i < 200; i++) z = loops.linear(z, w, given).map(Math.tanh)
        return z
      })
    close(made(anderson(tight)).apply(at.params, at.x, context), solved(nested<loops.Matrix>(at.x)))
    const one = draw(7, 3)
    close(made(anderson(tight)).apply(at.params, one, context), solved([nested<loops.Row>(one)]))
  })

  test("the map contracts by a half at first, whatever x is", () => {
    const { w } = plain<{ readonly w: loops.Matrix }>(made(picard()).init(key(9)))
    w.forEach((a, i) => {
      w.forEach((b, j) => void expect(loops.dot(a, b)).toBeCloseTo(i === j ? 0.25 : 0, 12))
    })
  })

  test("gradients: differences of the loss solved anew; 120 unrolled steps; another solver", { timeout: 240_000 }, async () => {
    await agreesWithDifferences(made(anderson(exactly)), at, 5)
    await isSame(made(anderson(exactly)), made(picard({ adjoint: unrolled(120) })), at, 1e-10)
    await isSame(made(anderson(exactly)), made(newton(tight)), at)
    // the limit is not reached at once: the test tells them apart
    expect(
      relativeError(await gradientOf(made(anderson(exactly)), at), await gradientOf(made(picard({ adjoint: unrolled(3) })), at)),
    ).toBeGreaterThan(1e-3)
  })

  onTargets(made(anderson()), at)
})

describe("transformerDeq", () => {
  const made = (solver: Solver): UncheckedLayer => transformerDeq(4, { heads: 2, hidden: 6, activation: "gelu", solver })
  const at = startOf(made(picard()), draw(2, 2, 3, 4), 0.02)

  test("leaves its state as it is: z = block(z + x)", () => {
    const layer = made(anderson(tight))
    const z = right(evaluate(layer.apply(at.params, at.x, context) as Tensor)) as Tensor
    const [, params] = at.params as readonly [null, never]
    const block = transformerBlock(4, { heads: 2, hidden: 6, activation: "gelu", norm: "post" })
    close(block.apply(params, add(z, at.x) as Tensor, context), nested(z), 1e-10)
  })

  test("gradients: differences of the loss solved anew; unrolled steps; another solver", { timeout: 240_000 }, async () => {
    await agreesWithDifferences(made(anderson(exactly)), at, 9)
    await isSame(made(anderson(exactly)), made(picard({ adjoint: unrolled(300) })), at, 1e-8)
    await isSame(made(anderson(exactly)), made(newton(tight)), at, 1e-9)
  })

  onTargets(made(anderson()), at)
})

describe("monotone", () => {
  const made = (options: MonotoneOptions): UncheckedLayer => monotone(3, 3, { margin: 0.5, ...options })
  const at = startOf(made({}), draw(8, 4, 3), 0.3)
  // the residual of a map undone from a step of 1/50 rounds fifty times as much
  const reference = made({ splitting: forwardBackward({ alpha: 0.02 }), solver: anderson({ ...exactly, rtol: 1e-12, atol: 1e-12 }) })
  test("is the solution of z = relu(z W + x U + b), W = (1 - m) I - P'P + Q - Q', where units are on and off", () => {
    const { p, q, input } = plain<{ readonly p: loops.Matrix; readonly q: loops.Matrix; readonly input: Linear }>(at.params)
    const w = p.map((_, i) =>
      p.map(
        (_row, j) =>
          (i === j ? 0.5 : 0) -
          p.reduce((s, row) => s + (row[i] as number) * (row[j] as number), 0) +
          (q[i]?.[j] as number) -
          (q[j]?.[i] as number),
      ),
    )
    const z = linear(input, nested<loops.Matrix>(at.x)).map((given) => {
      let row: loops.Row = given.map(() => 0)
      for (let i = 0; i < 3000; i++) {
        const before = row
        row = loops.linear(before, w, given).map((y, j) => Math.max(0, 0.98 * (before[j] as number) + 0.02 * y))
      }
      return row
    })
    expect(z.flat().filter((x) => x === 0).length).toBeGreaterThan(0)
    expect(z.flat().filter((x) => x > 0.05).length).toBeGreaterThan(3)
    close(reference.apply(at.params, at.x, context), z)
    close(made({ solver: picard(tight) }).apply(at.params, at.x, context), z)
  })

  test("gradients: differences of the loss solved anew; unrolled steps; every splitting and solver", { timeout: 240_000 }, async () => {
    await agreesWithDifferences(reference, at, 5)
    for (const alpha of [0.5, 1, 3])
      await isSame(reference, made({ splitting: peacemanRachford({ alpha }), solver: anderson({ ...exactly, safeguard: {} }) }), at)
    await isSame(reference, made({ solver: newton(tight) }), at)
    await isSame(reference, made({ solver: damped(picard(tight), 0.7) }), at)
    await isSame(reference, made({ solver: picard({ adjoint: unrolled(400) }) }), at, 1e-8)
  })

  test("has its solution far from a contraction, where plain iteration has none", () => {
    const far: At = { ...at, params: scaled(at.params, 6) }
    const z = made({}).apply(far.params, far.x, context) as Tensor
    expect(relativeError(numbers(made({ solver: newton(tight) }).apply(far.params, far.x, context)), numbers(z))).toBeLessThan(1e-8)
  })
  const scaled = (tree: unknown, by: number): unknown => {
    const { leaves, structure } = flatten("parameters", tree)
    return unflatten(
      structure,
      leaves.map((t) => right(evaluate(mul(t as Tensor, by))) as Tensor),
    )
  }

  onTargets(made({}), at)
})

/** Rows of `features` numbers with the mean 0 and the deviation `by`. */
const spread = (x: Tensor, by: number): Tensor => {
  const features = x.shape[x.shape.length - 1] as number
  const all = toArray(x)
  const made = Array.from(all, (v, i) => {
    const row = all.subarray(i - (i % features), i - (i % features) + features)
    const mean = row.reduce((sum, y) => sum + y, 0) / features
    return (by * (v - mean)) / Math.hypot(...Array.from(row, (y) => (y - mean) / Math.sqrt(features)))
  })
  return constant(x.type, Float64Array.from(made)) as Tensor
}

/** Parameters with everything but the norms made smaller. */
const withSmallWeights = (params: unknown, by: number): unknown => {
  const { leaves, paths, structure } = flatten("parameters", params)
  return unflatten(
    structure,
    leaves.map((t, i) => ((paths[i] as string).includes("norm") ? t : right(evaluate(mul(t as Tensor, by) as Tensor)))),
  )
}

describe("laws of implicit layers", () => {
  const few = { runs: 2 }
  const asDrawn = { small: (params: unknown) => params, given: (x: Tensor) => x }
  test.each([
    ["deq", deq(2, 2) as UncheckedLayer, [3, 2], asDrawn],
    ["monotone by Peaceman-Rachford", monotone(2, 2) as UncheckedLayer, [3, 2], asDrawn],
    [
      "monotone by forward-backward",
      monotone(2, 2, { splitting: forwardBackward({ alpha: 0.02 }), solver: anderson() }) as UncheckedLayer,
      [3, 2],
      asDrawn,
    ],
    // Without weights the block is z -> N(z + x), N the normalisation to deviation 1, which contracts by 1 / (s - 1) where the elements of x
    // have the deviation s above 2. With less it need not, and there is more than one solution: -N(x) beside N(x), below 1.
    [
      "transformerDeq, where it contracts",
      transformerDeq(4, { heads: 2, hidden: 3 }) as UncheckedLayer,
      [1, 2, 4],
      { small: (params: unknown) => withSmallWeights(params, 0.1), given: (x: Tensor) => spread(x, 4) },
    ],
  ] as const)("%s", { timeout: 240_000 }, async (_name, layer, shape, { small, given }) => {
    const params = drawn((d) => small(right(evaluate(layer.init(key(d.int(0, 1000)) as never)))) as never)
    const x = drawn((d) => given(draw(d.int(0, 1000), ...shape)) as never)
    const f = (p: never, input: never) => layer.apply(p, input, context)
    const reports = await laws.assert(laws.implicitLayer(f as never, [params, x] as never), few)
    const told = reports.filter((r) => r.vacuous < r.runs).map((r) => r.law.replace("implicit layer: ", ""))
    expect(told).toEqual(
      expect.arrayContaining([
        "determinism",
        "stored solver",
        "warm start",
        "no gradient to the start",
        "forward is reverse",
        "scale",
        "solver independence",
      ]),
    )
  })

  test("transformerDeq has two solutions where x is small, so that the laws of one do not hold of it", () => {
    const layer = transformerDeq(4, { heads: 2, hidden: 3 }) as UncheckedLayer
    const [, block] = withSmallWeights(right(evaluate(layer.init(key(3)))), 0) as readonly [null, never]
    const cell = transformerBlock(4, { heads: 2, hidden: 3, norm: "post", epsilon: 1e-12 })
    const x = spread(draw(9, 1, 2, 4), 0.5)
    for (const sign of [1, -1]) {
      const z = spread(x, sign)
      close(cell.apply(block, add(z, x) as Tensor, context), nested(z), 1e-9)
    }
  })
})

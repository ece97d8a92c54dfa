/** laws.implicitLayer: every law holds on layers of every kind, and each catches the fault it is there for. */
import * as t from "io-ts"
import { describe, expect, test } from "vitest"
import { type AnyOp, type AnyTensor, apply, apply1, closeBody, inline, type Op, type Tensor, walk } from "../../src/core/index.js"
import {
  anderson,
  broyden,
  defineAdjoint,
  exact,
  fixedPoint,
  gmres,
  iterate,
  neumann,
  newton,
  newtonKrylov,
  oneStep,
  perRow,
  picard,
  type Solver,
  unrolled,
} from "../../src/implicit/index.js"
import { contraction, normal, uniform } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { abs, add, cond, greater, less, mul, scan, sin, stopGradient, sum, tanh, vmap, where, zerosLike } from "../../src/ops/index.js"
import { times } from "../support/contraction.js"
import { failure } from "./support.js"

const few = { runs: 2 }
const names = [
  "determinism",
  "stored solver",
  "warm start",
  "no gradient to the start",
  "forward is reverse",
  "scale",
  "start independence",
  "solver independence",
  "damping",
  "unrolled in the limit",
  "Neumann bound",
  "Hessian symmetry",
]

const layer = (solver: Solver) => (w: Tensor, x: Tensor) =>
  fixedPoint((z: Tensor) => tanh(add(times(z, w), x)) as Tensor, zerosLike(x), solver)
const inputs = [contraction(2, 0.8), normal([2])] as const

/** Names of the laws that say something about a layer. */
const telling = async (f: (...args: never[]) => unknown, args: readonly unknown[], options = few) => {
  const reports = await laws.assert(laws.implicitLayer(f as never, args as never), options)
  return reports.filter((r) => r.vacuous < r.runs).map((r) => r.law.replace("implicit layer: ", ""))
}

describe("the laws hold", () => {
  test.each([
    ["picard", picard({ maxEvaluations: 2000 })],
    ["anderson, useBest", anderson({ onFailure: "useBest" })],
    ["broyden", broyden()],
    ["newton", newton()],
    ["newtonKrylov, gmres", newtonKrylov({ adjoint: exact(gmres()) })],
  ] as const)("all of them, of a layer solved by %s", async (_, solver) => expect(await telling(layer(solver), inputs)).toEqual(names))

  test("of rows, by perRow and by vmap", async () => {
    const rows = [contraction(2, 0.8), normal([3, 2])] as const
    expect(await telling(layer(perRow(broyden())), rows)).toEqual(names)
    const each = (w: Tensor, xs: Tensor) => vmap((x: Tensor) => layer(newton())(w, x))(xs)
    expect(await telling(each, rows)).toEqual(names)
  })

  test("of a state of several leaves, and of two layers one after the other", async () => {
    const two = (w: Tensor, x: Tensor) => {
      const pair = fixedPoint(
        ({ a, b }: { readonly a: Tensor; readonly b: Tensor }) => ({ a: tanh(add(times(b, w), x)) as Tensor, b: mul(a, 0.5) as Tensor }),
        { a: zerosLike(x), b: zerosLike(x) },
        anderson(),
      )
      return { pair, next: layer(newton())(w, pair.a) }
    }
    // the Neumann bound is about one solve
    expect(await telling(two, inputs)).toEqual(names.filter((n) => n !== "Neumann bound"))
  })

  test("of solves in the bodies of scan and cond", async () => {
    const deep = (w: Tensor, x: Tensor) =>
      scan(
        (z: Tensor, _: null) =>
          [
            cond(
              greater(sum(z), 0.25),
              () => layer(newton())(w, add(z, x) as Tensor),
              () => sin(add(z, x)) as Tensor,
            ),
            null,
          ] as const,
        x,
        null,
        { length: 3 },
      )[0]
    expect(await telling(deep, inputs)).toEqual(
      names.filter((n) => n !== "Neumann bound" && n !== "warm start" && n !== "no gradient to the start"),
    )
  })

  test("a fixed number of steps is no solution: laws of the solution say nothing", async () =>
    expect(await telling(layer(iterate(4)), inputs)).toEqual([
      "determinism",
      "stored solver",
      "no gradient to the start",
      "forward is reverse",
      "scale",
      "Hessian symmetry",
    ]))

  test.each([
    ["oneStep", oneStep],
    ["neumann(2)", neumann(2)],
  ] as const)("a gradient that is biased on purpose (%s) is not held to be exact", async (_, adjoint) =>
    expect(await telling(layer(anderson({ adjoint })), inputs)).toEqual(
      names.filter((n) => !["damping", "unrolled in the limit", "Neumann bound", "Hessian symmetry"].includes(n)),
    ),
  )

  test("a map that is no contraction has no limit to unroll to, and the other laws", async () => {
    const steep = (x: Tensor) => fixedPoint((z: Tensor) => add(mul(z, -3), x) as Tensor, zerosLike(x), newton())
    expect(await telling(steep, [normal([2])])).toEqual(names.filter((n) => n !== "unrolled in the limit" && n !== "Neumann bound"))
  })
})

/** A layer whose fixedPoint is another op: the record with parts of it replaced. */
const sabotaged = (change: (op: AnyOp) => Partial<AnyOp>, f = layer(anderson())) => {
  const made = new Map<AnyOp, AnyOp>()
  const broken = (op: AnyOp): AnyOp => {
    if (op.name !== "fixedPoint") return op
    const known = made.get(op) ?? { ...op, ...change(op) }
    made.set(op, known)
    return known
  }
  return (w: Tensor, x: Tensor) => {
    const { graph, captured } = closeBody("test", [w.type, x.type], ([a, b]) => [f(a as Tensor, b as Tensor)])
    return walk<AnyTensor>(graph, [...captured, w, x], (e, ins) => apply(broken(e.op), e.params, ins))[0] as Tensor
  }
}

/** The identity with a transpose of one's own. */
const through = (back: (ct: Tensor) => Tensor): ((x: AnyTensor) => AnyTensor) => {
  const op: Op<null> = {
    name: "through",
    type: (_, [t]) => [t as AnyTensor["type"]],
    jvp: (_p, _i, _o, [d]) => [apply1(op, null, [d as AnyTensor])],
    transpose: (_p, _i, _l, [ct]) => [back(ct as Tensor)],
    batch: (_p, [x]) => ({ outputs: [apply1(op, null, [x as AnyTensor])], batched: [true] }),
    simplify: (_p, [x]) => [x as AnyTensor],
    lower: (_p, [t]) => ({ t: "graph", graph: closeBody("through", [t as AnyTensor["type"]], (args) => args).graph }),
    cheap: true,
    example: () => {
      throw new Error("no example")
    },
  }
  return (x) => apply1(op, null, [x])
}
const tangentThrough = (change: (x: AnyTensor) => AnyTensor) => (op: AnyOp) => ({
  jvp: (...args: Parameters<AnyOp["jvp"]>) => op.jvp(...args).map((t) => (t === null ? null : change(t))),
})

/** z = tanh(3 z + x / 64): three solutions. */
const bistable = (solver: Solver) => (x: Tensor) =>
  fixedPoint((z: Tensor) => tanh(add(mul(z, 3), mul(x, 1 / 64))) as Tensor, mul(zerosLike(x), 0), solver)

const lawOf = (name: string, f: (...args: never[]) => unknown, args: readonly unknown[] = inputs) =>
  laws.implicitLayer(f as never, args as never).find((l) => l.name === `implicit layer: ${name}`) as laws.AnyLaw

const unwritable = defineAdjoint({ name: "test: unwritable", options: t.strict({ by: t.number }), differentiate: ({ f, z }) => f(z) })
let traces = 0
const faults: Readonly<Record<string, readonly [(...args: never[]) => unknown, readonly unknown[], RegExp]>> = {
  determinism: [(w: Tensor, x: Tensor) => layer(anderson())(w, add(x, traces++ * 1e-9) as Tensor), inputs, /output 0 traced and run again/],
  "stored solver": [
    // an option that JSON has no word for
    layer(picard({ adjoint: unwritable({ by: Number.POSITIVE_INFINITY }) })),
    inputs,
    /the options of test: unwritable must be/,
  ],
  "warm start": [
    // the first step is taken before the first test
    sabotaged((op) => ({
      harvest: () => null,
      lower: (p, ins, outs) => {
        const lowered = op.lower(p, ins, outs)
        const graph = (args: readonly AnyTensor[]) => {
          const count = p.constants.length
          const moved = args.slice(count).map((t) => add(t as Tensor, 0.01) as AnyTensor)
          return lowered.t === "graph" ? inline(lowered.graph, [...args.slice(0, count), ...moved]) : []
        }
        return { t: "graph", graph: closeBody("test", ins, graph).graph }
      },
    })),
    inputs,
    /takes \d+ evaluations of f, expected 1/,
  ],
  "no gradient to the start": [
    sabotaged((op) => ({
      jvp: (p, ins, outs, ts) => {
        const own = op.jvp(p, ins, outs, ts)
        const start = ts[p.constants.length]
        return own.map((t, i) =>
          i > 0 || start == null
            ? t
            : t === null
              ? mul(start as Tensor, 1e-6)
              : (add(t as Tensor, mul(start as Tensor, 1e-6)) as AnyTensor),
        )
      },
    })),
    inputs,
    /the gradient to the start of the state/,
  ],
  "forward is reverse": [sabotaged(tangentThrough(through((ct) => mul(ct, 1.000001) as Tensor))), inputs, /<u, J v>/],
  scale: [sabotaged(tangentThrough(through((ct) => where(less(abs(ct), 1e-30), zerosLike(ct), ct) as Tensor))), inputs, /J' \(2\^-\d+ u\)/],
  "start independence": [bistable(picard({ maxEvaluations: 2000 })), [normal([1])], /from another start/],
  "solver independence": [bistable(picard({ maxEvaluations: 2000 })), [uniform([1])], /by another solver/],
  damping: [sabotaged((op) => ({ jvp: (p, ins, outs, ts) => oneStepTangent(op, p, ins, outs, ts) })), inputs, /with f damped by/],
  "unrolled in the limit": [
    sabotaged((op) => ({ jvp: (p, ins, outs, ts) => oneStepTangent(op, p, ins, outs, ts) })),
    inputs,
    /with its 320 steps unrolled/,
  ],
  "Neumann bound": [sabotaged(tangentThrough((t) => mul(t as Tensor, 3) as AnyTensor)), inputs, /with \d terms the adjoint state errs by/],
  "Hessian symmetry": [
    // right once, wrong twice: the point of linearisation is taken for a constant
    sabotaged((op) => ({
      jvp: (p, ins, outs, ts) =>
        op.jvp(
          p,
          ins,
          outs.map((t) => (t.type.elem === "float" ? stopGradient(t as Tensor) : t)),
          ts,
        ),
    })),
    inputs,
    /H w|w1' H w2/,
  ],
}

/** B theta' instead of (I - A)^-1 B theta'. */
function oneStepTangent(op: AnyOp, ...[p, ins, outs, ts]: Parameters<AnyOp["jvp"]>): ReturnType<AnyOp["jvp"]> {
  const rough = {
    ...p,
    solver: { ...p.solver, adjoint: { _tag: "exact", linear: { _tag: "picard", maxEvaluations: 2 } }, onFailure: "useBest" },
  }
  return op.jvp(rough, ins, outs, ts)
}

describe("each law catches its fault", () => {
  test("there is a fault for every law", () => expect(Object.keys(faults)).toEqual(names))

  test.each(Object.entries(faults))("%s", async (name, [f, args, message]) => {
    const found = await failure(lawOf(name, f, args), { runs: 12 })
    expect(found.law).toBe(`implicit layer: ${name}`)
    expect(found.message).toMatch(message)
  })

  test("and no right layer is taken for a fault: the same run holds", async () => {
    for (const name of names) await laws.assert(lawOf(name, layer(anderson())), few)
  })

  test("a function without a solve is refused in words", async () =>
    expect(
      (
        await failure(
          laws.implicitLayer((x: Tensor) => sin(x), [normal([2])] as never),
          few,
        )
      ).message,
    ).toContain("the function has no solve in it"))

  test("unrolled has no solve either: it is a finite program", async () =>
    expect((await failure(laws.implicitLayer(layer(picard({ adjoint: unrolled(3) })), inputs as never), few)).message).toContain(
      "laws.gradient is for any function",
    ))
})

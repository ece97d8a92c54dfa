/** defineAdjoint: a user's own adjoint as a pure function, and as data by its name. */
import * as t from "io-ts"
import { describe, expect, it } from "vitest"
import { grad, jvp, type Tensor, tensor } from "../../src/core/index.js"
import {
  type Adjoint,
  anderson,
  bilevel,
  decodeSolver,
  defineAdjoint,
  fixedPoint,
  isBiased,
  neumann,
  picard,
  solverCodec,
  type Tolerances,
} from "../../src/implicit/index.js"
import { add, stopGradient, sub, sum, tanh } from "../../src/ops/index.js"
import { apply, b } from "../support/contraction.js"
import { left, right } from "../support/either.js"
import { numbers, relativeError } from "../support/outcome.js"
import { exactTargets, numbersOn } from "../support/targets.js"

type Leaves = readonly Tensor[]
const plus = (x: Leaves, y: Leaves): Leaves => x.map((v, i) => add(v, y[i] as Tensor) as Tensor)

/** The truncated Neumann series as a user writes it, with the public `jvp`. */
const ownNeumann = defineAdjoint({
  name: "test: neumann",
  options: t.strict({ terms: t.number }),
  differentiate: ({ f, frozen, z }, { terms }) => {
    const y = f(z)
    const value = y.map((v) => stopGradient(v))
    let term: Leaves = y.map((v, i) => sub(v, value[i] as Tensor) as Tensor)
    let total = term
    for (let i = 0; i < terms; i++) {
      term = jvp((at: Leaves) => frozen(at), [z], [term])[1]
      total = plus(total, term)
    }
    return plus(value, total)
  },
})

interface State {
  readonly p: Tensor
  readonly q: Tensor
}
const W = tensor([
  [0.3, -0.4],
  [0.2, 0.1],
]) as Tensor
const layer =
  (adjoint: Adjoint, tolerances: Tolerances = { atol: 1e-14, rtol: 1e-14 }) =>
  (w: Tensor) => {
    const s = fixedPoint(
      ({ p, q }: State): State => ({ p: tanh(add(apply(w, q), b)) as Tensor, q: tanh(sub(apply(w, p), q)) as Tensor }),
      { p: b, q: b },
      anderson({ adjoint, ...tolerances }),
    )
    return add(sum(s.p), sum(s.q)) as Tensor<[]>
  }
const gradient = (adjoint: Adjoint) => numbers(grad(layer(adjoint))(W))

describe("defineAdjoint", () => {
  it.each([0, 1, 5])("a user's Neumann series of %i terms is ours, on a state of two leaves", (terms) => {
    expect(relativeError(gradient(neumann(terms)), gradient(ownNeumann({ terms })))).toBeLessThan(1e-14)
    expect(relativeError(gradient(neumann(terms + 1)), gradient(ownNeumann({ terms })))).toBeGreaterThan(1e-6)
  })

  it.each(exactTargets)("on %s", async (target, epsilon) => {
    const found = await numbersOn(target, () => grad(layer(ownNeumann({ terms: 3 }), {}))(W))
    // the default tolerance of the target, eps^(2/3), is an error of the solution
    expect(relativeError(gradient(neumann(3)), found)).toBeLessThan(16 * epsilon ** (2 / 3))
  })

  it("is biased, and can be the inner one of bilevel", () => {
    expect(isBiased(picard({ adjoint: ownNeumann({ terms: 1 }) }))).toBe(true)
    expect(gradient(bilevel(ownNeumann({ terms: 2 })))).toEqual(gradient(ownNeumann({ terms: 2 })))
  })

  it("goes through JSON by its name", () => {
    const solver = picard({ adjoint: ownNeumann({ terms: 2 }) })
    const again = right(decodeSolver(JSON.parse(JSON.stringify(solverCodec.encode(solver)))))
    expect(again).toEqual(solver)
    expect(gradient(again.adjoint)).toEqual(gradient(solver.adjoint))
  })

  it("names what is unknown, taken or wrong", () => {
    const read = (adjoint: unknown) => left(decodeSolver({ ...picard(), adjoint })).message
    expect(read({ _tag: "defined", name: "nobody's", options: {} })).toMatch(/no adjoint is called nobody's; there are .*test: neumann/)
    expect(read({ _tag: "defined", name: "test: neumann", options: { terms: "many" } })).toContain("the options of test: neumann must be ")
    expect(() => gradient({ _tag: "defined", name: "nobody's", options: {} })).toThrow("no adjoint is called nobody's")
    expect(() => gradient({ _tag: "defined", name: "test: neumann", options: 3 })).toThrow("the options of test: neumann must be")
    expect(() => defineAdjoint({ name: "test: neumann", options: t.strict({}), differentiate: ({ z }) => z })).toThrow(
      "called test: neumann already",
    )
  })

  it("sees f live, and frozen: with its parameters stopped", () => {
    const of = (which: "f" | "frozen") =>
      defineAdjoint({ name: `test: ${which}`, options: t.strict({}), differentiate: (at) => at[which](at.z) })({})
    expect(gradient(of("f"))).toEqual(gradient(neumann(0)))
    expect(gradient(of("frozen"))).toEqual([0, 0, 0, 0])
  })

  it("has to return the leaves of the state", () => {
    const short = defineAdjoint({ name: "test: short", options: t.strict({}), differentiate: ({ z }) => z.slice(1) })
    expect(() => gradient(short({}))).toThrow("the adjoint test: short has to return the leaves of the state")
  })
})

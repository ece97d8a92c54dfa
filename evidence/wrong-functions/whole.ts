/** Functions that are wrong as a whole: every equation in them keeps its own rules, and the message says so. */
import {
  add,
  cast,
  einsum,
  fixedPoint,
  iota,
  mean,
  mul,
  picard,
  softmax,
  solveFixedPoint,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  take,
  tanh,
  vmap,
  zerosLike,
} from "../../src/index.js"
import { contraction, normal, permutation } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import type { WrongFunction } from "./case.js"

type Vector = Tensor<[3]>
type Pair = Tensor<[2]>
type Rows = Tensor<[3, 2]>

/** An equilibrium that is said to be that of a contraction, and is tried on maps that spread by three. */
const spreading = (a: Tensor<[2, 2]>, x: Pair) => fixedPoint((z: Pair) => tanh(add(einsum("ij,j->i", a, z), x)), zerosLike(x), picard())

/** One step of slots that read three inputs; it adds to each slot where it stands. */
const slots = (z: Rows, x: Rows): Rows => {
  const weights = softmax(einsum("kd,nd->kn", z, x), 0)
  const position = mul(cast(iota(3), "float"), 0.25)
  return add(einsum("kn,nd->kd", weights, x), einsum("k,kd->kd", position, z))
}

/** A solver that does not look: whatever it stopped at is moved, and the status told all the same. */
const careless: laws.Solve = (f, init, solver) => {
  const solved = solveFixedPoint(f, init, solver)
  return { ...solved, z: add(solved.z as never, 0.01) as never }
}

/** The row less its mean; and what is said to be that on all rows, and takes the mean over the rows away. */
const centredRow = (x: Pair): Pair => sub(x, mean(x))
const centredRows = (x: Rows): Rows => sub(x, mean(x, [0]))

/** Gradient descent with momentum that is kept beside the state. */
const forgetful = (): laws.OptimiserLike => {
  let steps = 0
  return {
    init: () => null,
    update: (gradients: { readonly a: Vector; readonly b: readonly [Vector] }) => {
      const rate = -0.1 / (1 + (steps++ % 5))
      return [{ a: mul(gradients.a, rate), b: [mul(gradients.b[0], rate)] }, null]
    },
  }
}

/** The length of a vector, which has a kink at 0. */
const length = (x: Tensor<[1]>) => sqrt(sum(square(x)))

const order = permutation(3)
const permuted = (g: Tensor<[3], "int">, z: Rows): Rows => take(z, g)

export const wrongAsAWhole: readonly WrongFunction[] = [
  {
    title: "a layer that is said to contract and does not",
    laws: laws.implicitLayer(spreading, [contraction(2, 3), normal([2])]),
    law: "implicit layer: determinism",
    culprit: null,
    says: /fixedPoint at .* ended as Stalled, with a residual of/,
    nonzero: 6,
  },
  {
    title: "slots that know their place",
    laws: laws.equivariance(slots, [normal([3, 2]), normal([3, 2])], {
      group: order,
      onArguments: (g, z, x): [Rows, Rows] => [permuted(g, z), x],
      onResult: permuted,
    }),
    law: "equivariance",
    culprit: null,
    says: /f\(g x\), against g f\(x\),/,
    nonzero: 1,
  },
  {
    title: "a solver that says Converged where it did not",
    laws: laws.solver(picard(), { solve: careless }),
    law: "solver: honest status",
    culprit: null,
    says: /it says Converged, and \|f\(z\) - z\| is/,
    nonzero: 2,
  },
  {
    title: "a layer whose rows interact",
    laws: laws.sameFunction(vmap(centredRow), centredRows, [normal([3, 2])]),
    law: "two programs are one function",
    culprit: null,
    says: /every equation's own rules hold at this input/,
    nonzero: 1,
  },
  {
    title: "an optimiser that remembers beside its state",
    laws: laws.optimiser(forgetful()),
    law: "optimiser: storage",
    culprit: null,
    says: /a run that was stored after every step/,
    nonzero: 1,
  },
  {
    title: "a function with a kink that is said to be smooth",
    laws: laws.gradient(length, [normal([1])]),
    options: { runs: 400 },
    law: "gradient: Taylor",
    culprit: null,
    says: /sqrt at .* has no finite derivative there/,
    nonzero: 0,
  },
]

/** What is tried on every target: an op's own example, or a function made of ops, on drawn inputs. */
import type { AnyOp, AnyTensor, Domain, Tensor, TensorType } from "../../src/core/index.js"
import type { Draw } from "../../src/laws/arbitraries/draw.js"
import { instance } from "../../src/laws/op/instance.js"
import type { Fn, Values } from "../../src/laws/run.js"

/** A function at a point, and where other points may lie. */
export interface At {
  readonly fn: Fn
  readonly domains: readonly Domain[]
  readonly x: Values
}

export interface Subject {
  readonly name: string
  readonly draw: (d: Draw) => At
  /** Runs forwards only, by design: `vjp` is refused. */
  readonly forwardOnly: boolean
  /** Solves by iteration: a target stops at a residual of its own, eps^(2/3), and reports how it went. */
  readonly solves: boolean
}

/** Status, residual and evaluations: the last outputs of a solve, each target's own. */
const REPORTS = 3
const solving: readonly string[] = ["fixedPoint", "linearSolve"]

const withoutReports = (at: At): At => ({
  ...at,
  fn: { inputs: at.fn.inputs, apply: (args) => at.fn.apply(args).slice(0, -REPORTS) },
})

export const subjectOfOp = (op: AnyOp): Subject => ({
  name: op.name,
  draw: (d) => (solving.includes(op.name) ? withoutReports(instance(d, op)) : instance(d, op)),
  forwardOnly: op.modes === "forward",
  solves: solving.includes(op.name),
})

/** A function of one tensor. */
export const subjectOf = (name: string, f: (x: never) => AnyTensor | readonly AnyTensor[], type: TensorType, domain: Domain): Subject => ({
  name,
  forwardOnly: false,
  solves: solving.includes(name),
  draw: (d) => ({
    fn: { inputs: [type], apply: ([x]) => [f(x as never)].flat() as readonly Tensor[] },
    domains: [domain],
    x: [d.values(type, domain)],
  }),
})

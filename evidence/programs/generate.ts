/** Random programs with their gradients, as graphs: the value of the loss, then its gradient in every float input. */
import * as fc from "fast-check"
import { closeBody, constantData, simplifyGraph } from "../../src/core/index.js"
import { type AnyTensor, type Graph, type Tensor, valueAndGrad } from "../../src/index.js"
import { type Program, programs } from "../../src/laws/arbitraries/index.js"
import { marked } from "./marked.js"

/** A graph with data for its inputs. */
export interface Case {
  readonly show: string
  readonly graph: Graph
  readonly inputs: readonly Float64Array[]
}

/**
 * A function to be differentiated by somebody else, as it was written: its transforms and named functions are equations (see `marked`),
 * and nothing is simplified, so its `stopGradient`s are there.
 */
export interface Primal {
  readonly graph: Graph
  readonly inputs: readonly Float64Array[]
  /** Which inputs the other graph has gradients in, in its order. */
  readonly active: readonly number[]
}

export interface CaseWithPrimal extends Case {
  readonly primal: Primal
}

const isFloat = (t: AnyTensor): boolean => t.type.elem === "float"

type Loss = (...inputs: readonly AnyTensor[]) => Tensor<[]>

export interface CaseOptions {
  readonly differentiate?: boolean
  /** The same function as it is written down. */
  readonly written?: Loss
}

/** A scalar function at `at`: its own graph, and that of its value and its gradients in the float inputs (if there are any). */
export const caseOf = (
  show: string,
  loss: Loss,
  at: readonly AnyTensor[],
  { differentiate = true, written = loss }: CaseOptions = {},
): CaseWithPrimal => {
  const types = at.map((t) => t.type)
  const floats = at.flatMap((t, i) => (isFloat(t) && differentiate ? [i] : []))
  const withGradients = closeBody("programs", types, (args) => {
    if (floats.length === 0) return [loss(...args)]
    const moved = (xs: readonly AnyTensor[]) => loss(...args.map((t, i) => xs[floats.indexOf(i)] ?? t))
    const [value, gradients] = valueAndGrad(moved)(floats.map((i) => args[i]) as never)
    return [value, ...(gradients as unknown as readonly Tensor[])]
  })
  const own = closeBody("programs", types, (args) => [written(...args)])
  const data = (tensors: readonly AnyTensor[]) => tensors.map((t) => constantData(t) as Float64Array)
  return {
    show,
    graph: simplifyGraph(withGradients.graph),
    inputs: data([...withGradients.captured, ...at]),
    primal: { graph: own.graph, inputs: data([...own.captured, ...at]), active: floats.map((i) => own.captured.length + i) },
  }
}

/** How deep transforms are nested in random programs. */
const DEPTH = 3

export const randomPrograms = (count: number, seed: number): readonly Program[] =>
  fc.sample(programs({ transforms: DEPTH }), { numRuns: count, seed })

export const caseOfProgram = (p: Program): CaseWithPrimal => caseOf(p.show(), p.loss, p.inputs, { written: p.in(marked).loss })

export const cases = (count: number, seed: number): readonly CaseWithPrimal[] => randomPrograms(count, seed).map(caseOfProgram)

/**
 * An op is one record that holds all its rules. Every transform is a walk over a graph that looks up one field of it.
 */
import type { Nest } from "./compile/nest.js"
import { TraceError } from "./errors.js"
import type { Graph } from "./graph/graph.js"
import type { AnyTensor } from "./tensor/shape-types.js"
import type { TensorType } from "./tensor/types.js"

/** A tangent or cotangent; `null` is a zero known while tracing, which rules keep where they can. */
export type Tangent = AnyTensor | null

/** What an op's meaning is made of. */
export type Lowering =
  /** Index notation, one nest an output. */
  | { readonly t: "index"; readonly nests: readonly Nest[] }
  /** A graph of simpler ops with the same inputs and outputs. */
  | { readonly t: "graph"; readonly graph: Graph }
  /** A routine that targets may have, with a graph for those that don't. */
  | { readonly t: "routine"; readonly name: "sort"; readonly graph: () => Graph }
  /** Inputs: constants, carry, slices of xs. Body: (constants, carry, x) -> (carry, y). Outputs: carry, stacked ys. */
  | {
      readonly t: "scan"
      readonly constants: number
      readonly carry: number
      readonly length: number
      readonly reverse: boolean
      readonly body: Graph
    }
  /** Inputs: constants, carry. `condition`, `body`: (constants, carry) -> bool[] | carry. Outputs: carry. */
  | { readonly t: "while"; readonly constants: number; readonly condition: Graph; readonly body: Graph }
  /** Inputs: a bool scalar, then operands of both branches. */
  | { readonly t: "cond"; readonly whenTrue: Graph; readonly whenFalse: Graph }
  /** A body that nothing is merged into, moved into or moved out of. */
  | { readonly t: "region"; readonly body: Graph }

/** How values seen inside a program (statuses of solves, taps) are carried out of it: a monoid of tensor tuples. */
export interface Emission {
  readonly kind: string
  /** Static description: name of the site, policy. */
  readonly site: string
  readonly info: unknown
  readonly types: readonly TensorType[]
  /** The neutral element has zeros in every place. */
  readonly merge: (a: readonly AnyTensor[], b: readonly AnyTensor[]) => readonly AnyTensor[]
}

export interface Harvest {
  readonly emissions: readonly Emission[]
  /** Applies the op again, with what was emitted as further values, one tuple an emission. */
  readonly apply: (inputs: readonly AnyTensor[]) => {
    readonly outputs: readonly AnyTensor[]
    readonly emitted: readonly (readonly AnyTensor[])[]
  }
}

/** Where an op's laws are tested: which values an input may take. */
export type Domain =
  | { readonly t: "real" } // moderate values, none near 0 where `awayFromZero`
  | { readonly t: "extended" } // moderate values, infinities and NaN
  | { readonly t: "positive" }
  | { readonly t: "distinct" } // no two elements close: no ties
  | { readonly t: "index"; readonly below: number } // whole numbers in [-1, below]: also just outside the range
  | { readonly t: "bool" }
  | { readonly t: "key" }
  | { readonly t: "awayFromZero" }
  | { readonly t: "between"; readonly lo: number; readonly hi: number }
  | { readonly t: "fraction" } // moderate values, none whole or a multiple of 1/16: no ties with those
  /**
   * Matrices with an element in each row and column that outweighs the others there: well conditioned. On the diagonal, positive and
   * no two alike; or `anywhere`, of either sign.
   */
  | { readonly t: "dominant"; readonly anywhere: boolean }

/** A source of choices for examples; laws drive it from fast-check. */
export interface Choices {
  /** A whole number in [lo, hi]. */
  readonly int: (lo: number, hi: number) => number
  readonly bool: () => boolean
  /** A shape of at most `rank` axes of size 1 to 4. */
  readonly shape: (rank: number) => readonly number[]
}

/** One well-typed use of an op. */
export interface Example<P> {
  readonly params: P
  readonly inputs: readonly TensorType[]
  readonly domains: readonly Domain[]
}

export interface Op<P = unknown> {
  readonly name: string
  /** Output types, or a `TraceError` that names the op, the argument and both shapes. */
  readonly type: (params: P, inputs: readonly TensorType[]) => readonly TensorType[]
  /** Output tangents. At least one tangent is not null. */
  readonly jvp: (params: P, inputs: readonly AnyTensor[], outputs: readonly AnyTensor[], tangents: readonly Tangent[]) => readonly Tangent[]
  /**
   * For ops with bodies: values and tangents made together, so that the body runs once. Used instead of `jvp`.
   */
  readonly dual?: (
    params: P,
    inputs: readonly AnyTensor[],
    tangents: readonly Tangent[],
  ) => { readonly outputs: readonly AnyTensor[]; readonly tangents: readonly Tangent[] }
  /**
   * For ops linear in some of their inputs (jointly): cotangents of the outputs to cotangents of those inputs. `linear[i]`
   * says whether input i is one; only the values of the others may be used. At least one cotangent is not null.
   */
  readonly transpose?: (
    params: P,
    inputs: readonly AnyTensor[],
    linear: readonly boolean[],
    cotangents: readonly Tangent[],
  ) => readonly Tangent[]
  /**
   * For ops with bodies: a known part, which replaces the primal and leaves residuals, and a part that is linear in the
   * tangents. `active[i]` says whether input i has a tangent.
   */
  readonly split?: (
    params: P,
    inputs: readonly AnyTensor[],
    active: readonly boolean[],
  ) => { readonly outputs: readonly AnyTensor[]; readonly linear: (tangents: readonly Tangent[]) => readonly Tangent[] }
  /** One application for all rows. A batched value has its batch axis first; at least one input is batched. */
  readonly batch: (
    params: P,
    inputs: readonly AnyTensor[],
    batched: readonly boolean[],
    size: number,
  ) => { readonly outputs: readonly AnyTensor[]; readonly batched: readonly boolean[] }
  /** An exact identity of this op: something equal and simpler, or null. */
  readonly simplify?: (params: P, inputs: readonly AnyTensor[]) => readonly AnyTensor[] | null
  readonly lower: (params: P, inputs: readonly TensorType[], outputs: readonly TensorType[]) => Lowering
  /** In a loop, recomputed in the backward pass rather than stored. */
  readonly cheap: boolean
  /** For ops that emit, or whose bodies may: null where there is nothing. */
  readonly harvest?: (params: P) => Harvest | null
  /** The part of the parameters that takes part in equality; everything by default. */
  readonly identity?: (params: P) => unknown
  /** The parameters of two equal applications that become one, where `identity` leaves something out; the first's by default. */
  readonly unite?: (a: P, b: P) => P
  /** A random well-typed use: what the laws run on. */
  readonly example: (choose: Choices) => Example<P>
}

/** An op with its parameters' type forgotten; params and record always travel together. */
// biome-ignore lint/suspicious/noExplicitAny: existential type; the pair (op, params) is made by `apply`, which checks it
export type AnyOp = Op<any>

const registry = new Map<string, AnyOp>()

/**
 * Registers an op under its name. A name stands for one record for ever: graphs are stored by it.
 *
 * @throws TraceError when another record has the name.
 */
export const defineOp = <P>(op: Op<P>): Op<P> => {
  if (registry.has(op.name)) throw new TraceError(`defineOp: an op named "${op.name}" exists already; choose another name`)
  registry.set(op.name, op)
  return op
}

/** All ops there are, by name: what the laws run over, and what a stored graph is read with. */
export const ops = (): ReadonlyMap<string, AnyOp> => registry

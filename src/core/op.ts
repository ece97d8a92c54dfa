/**
 * An op is one record that holds all its rules. Every transform is a walk over a graph that looks up one field of it.
 */
import type { Nest } from "./compile/nest.js"
import { TraceError } from "./errors.js"
import type { Graph } from "./graph/graph.js"
import { checkRecord } from "./op-record.js"
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

/** What an op, or the bodies in its parameters, emit, and how to apply it so that this comes out. */
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
  /** An entry an input. */
  readonly domains: readonly Domain[]
  /** How far a value may be from the exact one, relative to its size, beyond rounding: what a solver stops at. Default 0. */
  readonly accuracy?: number
}

/** Modes of differentiation. */
export type Modes = "both" | "forward" | "reverse"

/** `N` of them, as a tuple where the number is known. */
export type Many<T, N extends number> = number extends N
  ? readonly T[]
  : N extends 0
    ? readonly []
    : N extends 1
      ? readonly [T]
      : N extends 2
        ? readonly [T, T]
        : N extends 3
          ? readonly [T, T, T]
          : N extends 4
            ? readonly [T, T, T, T]
            : readonly T[]

/** Tangents or cotangents, at least one of which is not null: a single one never is. */
export type Tangents<N extends number> = number extends N ? readonly Tangent[] : N extends 1 ? readonly [AnyTensor] : Many<Tangent, N>

/**
 * The rules of an op: `P` are its parameters, `N` the number of its inputs and `M` that of its outputs, where they are fixed. The
 * rules are written as methods, which TypeScript compares loosely, so that records of all arities fit into one registry (`AnyOp`).
 *
 * @example
 * const twice: Op<null, 1, 1> = defineOp<null, 1, 1>({
 *   name: "twice",
 *   type: (_, [x]) => [x],
 *   jvp: (_, _inputs, _outputs, [dx]) => [apply1(twice, null, [dx])],
 *   transpose: (_, _inputs, _linear, [ct]) => [apply1(twice, null, [ct])],
 *   batch: (_, [x]) => ({ outputs: [apply1(twice, null, [x])], batched: [true] }),
 *   lower: (_, [x]) => ({ t: "index", nests: [pointwise(x.shape, binary("mul", lit(2), load(0, axes(x.shape.length))))] }),
 *   cheap: true,
 *   example: (choose) => ({ params: null, inputs: [{ elem: "float", shape: choose.shape(2) }], domains: [{ t: "real" }] }),
 * })
 */
export interface Op<P = unknown, N extends number = number, M extends number = number> {
  /** By which graphs are stored. */
  readonly name: string
  /** Output types, or a `TraceError` that names the op, the argument and both shapes. */
  type(params: P, inputs: Many<TensorType, N>): Many<TensorType, M>
  /** Output tangents, null for outputs that are not float. At least one tangent is not null. */
  jvp(params: P, inputs: Many<AnyTensor, N>, outputs: Many<AnyTensor, M>, tangents: Tangents<N>): Many<Tangent, M>
  /**
   * For ops with bodies: values and tangents made together, so that the body runs once. Used instead of `jvp`.
   */
  dual?(
    params: P,
    inputs: Many<AnyTensor, N>,
    tangents: Tangents<N>,
  ): { readonly outputs: Many<AnyTensor, M>; readonly tangents: Many<Tangent, M> }
  /**
   * For ops linear in some of their inputs (jointly): cotangents of the outputs to cotangents of those inputs. `linear[i]`
   * says whether input i is one; only the values of the others may be used. At least one cotangent is not null.
   */
  transpose?(params: P, inputs: Many<AnyTensor, N>, linear: Many<boolean, N>, cotangents: Tangents<M>): Many<Tangent, N>
  /**
   * For ops with bodies: a known part, which replaces the primal and leaves residuals, and a part that is linear in the
   * tangents. `active[i]` says whether input i has a tangent.
   */
  split?(
    params: P,
    inputs: Many<AnyTensor, N>,
    active: Many<boolean, N>,
  ): { readonly outputs: Many<AnyTensor, M>; readonly linear: (tangents: readonly Tangent[]) => readonly Tangent[] }
  /** One application for all rows. A batched value has its batch axis first; at least one input is batched. */
  batch(
    params: P,
    inputs: Many<AnyTensor, N>,
    batched: Many<boolean, N>,
    size: number,
  ): { readonly outputs: Many<AnyTensor, M>; readonly batched: Many<boolean, M> }
  /** An exact identity of this op: something equal and simpler, or null. */
  simplify?(params: P, inputs: Many<AnyTensor, N>): Many<AnyTensor, M> | null
  lower(params: P, inputs: Many<TensorType, N>, outputs: Many<TensorType, M>): Lowering
  /** In a loop, recomputed in the backward pass rather than stored. */
  readonly cheap: boolean
  /** For ops that emit, or whose bodies may: null where there is nothing. */
  harvest?(params: P): Harvest | null
  /** The part of the parameters that takes part in equality; everything by default. */
  identity?(params: P): unknown
  /** The parameters of two equal applications that become one, where `identity` leaves something out; the first's by default. */
  unite?(a: P, b: P): P
  /**
   * Modes of differentiation that the op has by design; the other one is refused with a `TraceError`: by `jvp`, where there is only
   * reverse mode, by the missing `transpose`, where there is only forward mode. Default "both".
   */
  readonly modes?: Modes
  /**
   * Whether an output, given by its number, is a constant to every derivative by definition, though it depends on the inputs: a status,
   * the value of `stopGradient`. By default none is.
   *
   * @example
   * constant: (_params, output) => output === 1 // [solution, residual]
   */
  constant?(params: P, output: number): boolean
  /** A random well-typed use: what the laws run on. Its domains keep clear of kinks and ties, where the derivative is a choice. */
  example(choose: Choices): Example<P> & { readonly inputs: Many<TensorType, N>; readonly domains: Many<Domain, N> }
}

/** An op with its parameters' type forgotten; params and record always travel together. */
// biome-ignore lint/suspicious/noExplicitAny: existential type; the pair (op, params) is made by `apply`, which checks it
export type AnyOp = Op<any, any, any>

const registry = new Map<string, AnyOp>()
/** Those that nobody has used so far: their examples are still to be looked at. */
const unused = new Set<AnyOp>()

/**
 * Registers an op under its name. A name stands for one record for ever: graphs are stored by it. The record is checked now, its
 * example and derivative when it is first applied.
 *
 * @throws TraceError when another record has the name, or the record lacks what transforms and laws need.
 *
 * @example
 * const halfOp: Op<null, 1, 1> = defineOp<null, 1, 1>({
 *   name: "half",
 *   type: (_, [x]) => [x],
 *   jvp: (_, _inputs, _outputs, [dx]) => [apply1(halfOp, null, [dx])],
 *   transpose: (_, _inputs, _linear, [ct]) => [apply1(halfOp, null, [ct])],
 *   batch: (_, [x]) => ({ outputs: [apply1(halfOp, null, [x])], batched: [true] }),
 *   lower: (_, [x]) => ({ t: "index", nests: [pointwise(x.shape, binary("mul", lit(0.5), load(0, axes(x.shape.length))))] }),
 *   cheap: true,
 *   example: (choose) => ({ params: null, inputs: [{ elem: "float", shape: choose.shape(2) }], domains: [{ t: "real" }] }),
 * })
 * evaluate(apply1(halfOp, null, [tensor(3)])) // right(1.5)
 */
export const defineOp = <P, N extends number = number, M extends number = number>(op: Op<P, N, M>): Op<P, N, M> => {
  checkRecord(op)
  if (registry.has(op.name)) throw new TraceError(`defineOp: an op named "${op.name}" exists already; choose another name`)
  registry.set(op.name, op)
  unused.add(op)
  return op
}

/** Runs `check` if nobody has used the op; if that throws, it runs again at the next use. */
export const beforeFirstUse = (op: AnyOp, check: (op: AnyOp) => void): void => {
  // before the check, which uses the op itself
  if (!unused.delete(op)) return
  try {
    check(op)
  } catch (e) {
    unused.add(op)
    throw e
  }
}

/**
 * All ops there are, by name: what the laws run over, and what a stored graph is read with.
 *
 * @example
 * ops().get("add") === addOp // true
 */
export const ops = (): ReadonlyMap<string, AnyOp> => registry

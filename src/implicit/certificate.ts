/**
 * How far a gradient can be from the true one, told from what is at hand.
 *
 * Let q < 1 bound |df/dz| near the solution z*, and at the z that was found: r = |f(z) - z|, s = |u + A' l - l| for the cotangent u
 * and the adjoint state l that was used. Then |z - z*| <= r / (1 - q) and |l - l_z| <= s / (1 - q), l_z the exact adjoint state at z,
 * and with Lipschitz constants L in z of A = df/dz, B = df/dp and the loss's gradient, and |B| <= b,
 *
 *     |B_z' l - B' l*|  <=  b s / (1 - q)  +  ( L_B |l_z| + b (L_A |l_z| + L_u) / (1 - q) ) r / (1 - q).
 *
 * |l_z| is bounded by |l| + s / (1 - q). With the constants given, the bound is proved (up to rounding). Without, q and b are
 * estimated by the power method, which errs from below, and the L by the change from z to f(z): the bound is an estimate then.
 */
import { type AnyTensor, flatten, jvp, type Tensor, TraceError, type TreeLike, unflatten, vjp } from "../core/index.js"
import { add, div, equal, full, less, mul, norm, pick, place, stopGradient, sub, where } from "../ops/index.js"
import { adjointState, type Leaves } from "./adjoint-state.js"
import { exact } from "./constructors/index.js"
import { pack, unpack } from "./pack.js"
import { leadingDirection } from "./power.js"
import type { Adjoint } from "./spec/index.js"

/** Bounds in 2-norms over all leaves together that hold on a ball around z of radius |f(z) - z| / (1 - contraction), in which the solution lies. */
export interface LipschitzBounds {
  /** Of df/dz; below 1. */
  readonly contraction: number
  /** Of df/dp. */
  readonly parameters: number
  /** Lipschitz constants in z of df/dz, of df/dp and of the gradient of the loss. Zero where f is affine and the loss linear. */
  readonly change: { readonly state: number; readonly parameters: number; readonly loss: number }
}

/** What `certificate` takes. */
export interface CertificateOptions {
  /** How the gradient was made. Default `exact()`. */
  readonly adjoint?: Adjoint
  /** Without them all constants are estimated, and nothing is proved. */
  readonly lipschitz?: LipschitzBounds
}

/** Bounds of errors as scalars of the program, constant to every transform. */
export interface Certificate {
  /** `proved` from the bounds given, else `estimated`. */
  readonly kind: "proved" | "estimated"
  /** Of |gradient - true gradient| over all leaves of the parameters; infinite where f is not seen to contract. */
  readonly gradient: Tensor<[]>
  /** Of |z - z*|. */
  readonly solution: Tensor<[]>
  /** |f(z) - z|. */
  readonly residual: Tensor<[]>
  /** |u - (I - A') lambda|. */
  readonly adjointResidual: Tensor<[]>
  /** The bound, or the estimate, of |df/dz|. */
  readonly contraction: Tensor<[]>
}

type Scalar = Tensor<[]>

const size = (x: Leaves): Scalar => norm(pack(x, 0)) as Scalar
const minus = (x: Leaves, y: Leaves): Leaves => x.map((t, i) => sub(t, y[i] as Tensor) as Tensor)
const times = (...xs: readonly (Scalar | number)[]): Scalar => xs.map(scalar).reduce((a, b) => mul(a, b) as Scalar)
const total = (...xs: readonly (Scalar | number)[]): Scalar => xs.map(scalar).reduce((a, b) => add(a, b) as Scalar)
const scalar = (x: Scalar | number): Scalar => (typeof x === "number" ? (full([], x) as Scalar) : x)

/** What is known at the state that was found. */
interface Known {
  readonly lambda: Leaves
  readonly residual: Scalar
  readonly adjointResidual: Scalar
  /** B' l and A' l at a state. */
  readonly pulled: (v: Leaves, l: Leaves) => readonly [Leaves, Leaves]
  /** A times a direction, B times a direction of the parameters' float leaves. */
  readonly pushed: (v: Leaves) => Leaves
  readonly pushedParameters: (v: Leaves) => Leaves
  readonly cotangent: (v: Leaves) => Leaves
  readonly at: Leaves
  readonly next: Leaves
}

interface Bounds {
  readonly contraction: Scalar
  /** 1 / (1 - contraction) */
  readonly gap: Scalar
  readonly gradient: Scalar
}

const proved = ({ lambda, residual, adjointResidual }: Known, { contraction, parameters, change }: LipschitzBounds): Bounds => {
  const gap = 1 / (1 - contraction)
  const adjointError = times(adjointResidual, gap)
  const largest = total(size(lambda), adjointError)
  const perDistance = total(times(largest, change.parameters), times(total(times(largest, change.state), change.loss), parameters * gap))
  return {
    contraction: scalar(contraction),
    gap: scalar(gap),
    gradient: total(times(adjointError, parameters), times(perDistance, residual, gap)),
  }
}

const checkBounds = ({ contraction, parameters, change }: LipschitzBounds): void => {
  if (!(contraction >= 0 && contraction < 1))
    throw new TraceError(`certificate: the contraction has to be in [0, 1), found ${contraction}: nothing follows from it`)
  for (const [name, bound] of Object.entries({ parameters, ...prefixed(change) }))
    if (!(bound >= 0 && bound < Number.POSITIVE_INFINITY))
      throw new TraceError(
        `certificate: the bound ${name} has to be a finite number of at least 0, found ${bound}: nothing follows from it`,
      )
}

const prefixed = (change: LipschitzBounds["change"]): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(change).map(([name, bound]) => [`change.${name}`, bound]))

/** Turns of the power method. */
const TURNS = 32

const estimated = ({ lambda, adjointResidual, pulled, pushed, pushedParameters, cotangent, at, next }: Known): Bounds => {
  const types = at.map((t) => t.type)
  const vector = (v: Tensor): Leaves => unpack(v, types, 0)
  const count = pack(at, 0).shape[0] as number
  const state = leadingDirection((v) => pack(pulled(at, pushed(vector(v)))[1], 0), count, TURNS)
  const q = size(pushed(vector(state)))
  const output = leadingDirection((v) => pack(pushedParameters(pulled(at, vector(v))[0]), 0), count, TURNS)
  const b = size(pulled(at, vector(output))[0])
  const contracts = less(q, 1)
  const gap = where(contracts, div(1, where(contracts, sub(1, q), scalar(1))), scalar(Number.POSITIVE_INFINITY)) as Scalar
  const [[back, through], [backNext, throughNext]] = [pulled(at, lambda), pulled(next, lambda)]
  const moved = total(size(minus(throughNext, through)), size(minus(cotangent(next), cotangent(at))))
  const bound = total(times(b, adjointResidual), size(minus(backNext, back)), times(b, moved, where(contracts, gap, scalar(0)) as Scalar))
  // infinity times zero is no number: the gap is put in last
  return { contraction: q, gap, gradient: where(contracts, times(bound, where(contracts, gap, scalar(1)) as Scalar), gap) as Scalar }
}

/**
 * A bound on the error of an implicit layer's gradient, from the solution that was found and the adjoint that was used: how good a
 * rough solve or a biased adjoint is, for the price of some products with the Jacobian. `loss` is a function of the state alone.
 *
 * @example
 * // z <- p z + 1 with p = 0.5 solved exactly, the loss z itself, one step of the adjoint: 2 instead of 4, and the bound is just that
 * const one = certificate((p, z) => add(mul(p, z), 1), tensor(0.5), tensor(2), (z) => z, {
 *   adjoint: oneStep,
 *   lipschitz: { contraction: 0.5, parameters: 2, change: { state: 0, parameters: 1, loss: 0 } },
 * })
 * evaluate(one.gradient) // right(2)
 */
export const certificate = <P, Z>(
  f: (parameters: P, z: Z) => NoInfer<Z>,
  parameters: P & TreeLike<P>,
  z: Z & TreeLike<Z>,
  loss: (z: Z) => Tensor<[]>,
  { adjoint = exact(), lipschitz }: CertificateOptions = {},
): Certificate => {
  if (lipschitz !== undefined) checkBounds(lipschitz)
  const own = flatten("certificate: the parameters", parameters)
  const state = flatten("certificate: the state", z)
  const at: Leaves = state.leaves.map((t) => stopGradient(t as Tensor))
  const float = own.leaves.map((t) => t.type.elem === "float")
  const theta: Leaves = pick(own.leaves, float).map((t) => stopGradient(t as Tensor))
  const still = place(
    pick(
      own.leaves,
      float.map((yes) => !yes),
    ),
    float.map((yes) => !yes),
    null,
  )
  const step = (p: Leaves, v: Leaves): Leaves => {
    const leaves = place(p, float, null).map((t, i) => t ?? (still[i] as AnyTensor))
    const made = f(unflatten(own.structure, leaves) as P, unflatten(state.structure, v) as Z)
    return flatten("certificate: the state that f returns", made).leaves as Leaves
  }
  const cotangent = (v: Leaves): Leaves =>
    vjp((w: Leaves) => loss(unflatten(state.structure, w) as Z), v)[1](full([], 1) as Scalar)[0] as Leaves
  const pulled: Known["pulled"] = (v, l) => vjp(step, theta, v)[1](l) as readonly [Leaves, Leaves]
  const u = cotangent(at)
  const lambda = adjointState((v) => step(theta, v), at, u, adjoint).map((t) => stopGradient(t))
  const next = step(theta, at)
  const residual = size(minus(next, at))
  const adjointResidual = size(minus(u, minus(lambda, pulled(at, lambda)[1])))
  const known: Known = {
    lambda,
    residual,
    adjointResidual,
    pulled,
    pushed: (v) => jvp((w: Leaves) => step(theta, w), [at], [v])[1],
    pushedParameters: (v) => jvp((p: Leaves) => step(p, at), [theta], [v])[1],
    cotangent,
    at,
    next,
  }
  const { gradient, gap, contraction } = lipschitz === undefined ? estimated(known) : proved(known, lipschitz)
  const constant = (t: Scalar): Scalar => stopGradient(t)
  return {
    kind: lipschitz === undefined ? "estimated" : "proved",
    gradient: constant(gradient),
    solution: constant(where(equal(residual, 0), scalar(0), times(gap, residual)) as Scalar),
    residual: constant(residual),
    adjointResidual: constant(adjointResidual),
    contraction: constant(contraction),
  }
}

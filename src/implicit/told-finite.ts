/**
 * The identity, which tells where what goes through it is not finite, as a solve that ended so.
 *
 * An adjoint that is no solve (oneStep, neumann, phantom, ...) has no status of its own, and that of one that is a solve ends at the adjoint
 * state: where a slope of zero meets an infinite parameter the gradient is NaN, though the value and the adjoint state are finite. What goes
 * through here says so by the name of the solve, and its policy decides, as it does for an adjoint that is one. It can look at what goes forward
 * (values, tangents) and at what comes back (cotangents).
 */
import {
  type AnyTensor,
  apply1,
  axes,
  constantData,
  defineOp,
  load,
  type Op,
  pointwise,
  rowType,
  sameType,
  showType,
  type Tensor,
  type TensorType,
  TraceError,
} from "../core/index.js"
import { all, finite, full, where } from "../ops/index.js"
import type { Policy } from "./spec/index.js"
import { bothNames, code, derivativeSite, linearEmission, solveEmission } from "./status.js"

interface ToldFiniteParams {
  readonly type: TensorType
  readonly site: string
  readonly policy: Policy
  /** What is told where it is not finite; null for what is told of any solve. */
  readonly advice: string | null
  /** What its derivatives are told with: a linear solve under the same name is one entry of the report with them. */
  readonly beside: "nothing" | "linearSolve"
  /** Whether what goes through this very application is looked at, whether its tangent is, and whether its cotangent. */
  readonly seen: boolean
  readonly forward: boolean
  readonly backward: boolean
}

const derivative = (p: ToldFiniteParams, seen: boolean): ToldFiniteParams => ({ ...p, site: derivativeSite(p.site), seen })

export const toldFiniteOp: Op<ToldFiniteParams, 1, 1> = defineOp<ToldFiniteParams, 1, 1>({
  name: "toldFinite",
  type: ({ type, site }, [x]) => {
    if (!sameType(type, x)) throw new TraceError(`toldFinite: "${site}" was made for ${showType(type)}, found ${showType(x)}`)
    return [type]
  },
  jvp: (p, _inputs, _outputs, [dx]) => [dx === null ? null : apply1(toldFiniteOp, derivative(p, p.forward), [dx])],
  // what a cotangent's tangent is comes back, and what its cotangent is goes forward
  transpose: (p, _inputs, _linear, [ct]) => [
    ct === null ? null : apply1(toldFiniteOp, { ...derivative(p, p.backward), forward: p.backward, backward: p.forward }, [ct]),
  ],
  batch: (p, [x], _batched, size) => ({
    outputs: [apply1(toldFiniteOp, { ...p, type: rowType(p.type, size) }, [x])],
    batched: [true],
  }),
  lower: (_p, [{ shape }]) => ({ t: "index", nests: [pointwise(shape, load(0, axes(shape.length)))] }),
  // what it tells has been made an output before, or it looks at nothing
  simplify: ({ seen }, [x]) => (seen ? null : [x]),
  harvest: ({ site, policy, advice, beside, seen }) =>
    seen
      ? {
          emissions: [(beside === "linearSolve" ? linearEmission : solveEmission)(site, policy, advice)],
          // of finite numbers that nothing ran, which is neutral: no residual was looked at
          apply: ([x]) => {
            const sound = all(finite(x as Tensor))
            const none = full([], 0) as Tensor<[]>
            return {
              outputs: [x as AnyTensor],
              emitted: [
                [
                  where(sound, none, code("NonFinite")),
                  where(sound, none, Number.POSITIVE_INFINITY),
                  none,
                  ...(beside === "linearSolve" ? [none, none] : []),
                ] as readonly AnyTensor[],
              ],
            }
          },
        }
      : null,
  cheap: false,
  identity: ({ site: _site, ...rest }) => rest,
  unite: (a, b) => ({ ...a, site: bothNames(a.site, b.site) }),
  example: (choose) => {
    const type: TensorType = { elem: "float", shape: choose.shape(2) }
    return {
      params: { type, site: "example", policy: "reject", advice: null, beside: "nothing", seen: true, forward: true, backward: true },
      inputs: [type],
      domains: [{ t: "real" }],
    }
  },
})

type Looks = Pick<ToldFiniteParams, "seen" | "forward" | "backward">

const through =
  (looks: Looks) =>
  (
    site: string,
    policy: Policy,
    leaves: readonly AnyTensor[],
    { advice = null, beside = "nothing" }: Partial<Pick<ToldFiniteParams, "advice" | "beside">> = {},
  ): readonly AnyTensor[] =>
    leaves.map((t) =>
      // data has no derivatives to look at
      t.type.elem === "float" && (looks.seen || constantData(t) === null)
        ? apply1(toldFiniteOp, { type: t.type, site, policy, advice, beside, ...looks }, [t])
        : t,
    )

/** Leaves whose cotangents are told where they are not finite. */
export const cotangentsTold = through({ seen: false, forward: false, backward: true })
/** Leaves whose tangents are told where they are not finite. */
export const tangentsTold = through({ seen: false, forward: true, backward: false })
/** Leaves that are told where they, or their tangents, are not finite. */
export const valuesTold = through({ seen: true, forward: true, backward: false })

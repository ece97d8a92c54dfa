/** customVjp: a function with a rule of its own for reverse mode. */
import {
  type AnyTensor,
  apply,
  asBatched,
  batchBody,
  bodyOf,
  type Choices,
  closeBody,
  defineOp,
  flatten,
  type GradOf,
  type Graph,
  inline,
  inputTypes,
  linearizeGraph,
  type Op,
  outputTypes,
  sumAxes,
  type TensorType,
  TraceError,
  transposeDag,
  unflatten,
  zerosOf,
} from "../../core/index.js"
import { pick, place } from "../control/index.js"
import type { DerivativeOf } from "./custom-jvp.js"
import { instantiated, transposeBySplit } from "./transpose.js"
import { derivativesOf, guarded, isFloat, leavesOf, refuseCaptured, sameInputs, sameTree, together } from "./trees.js"
import { byValue, exampleValue } from "./value.js"

export interface CustomVjpParams {
  /** The function's name, for messages. */
  readonly name: string
  /** What the captured values are, for messages. They are the first inputs. */
  readonly captured: readonly string[]
  readonly value: Graph
  /** Inputs -> (outputs, residuals). */
  readonly forward: Graph
  /** (captured, residuals, cotangents of the float outputs) -> cotangents of the arguments that get one. */
  readonly backward: Graph
  /** Which arguments get a cotangent. */
  readonly live: readonly boolean[]
}

/** Forward mode was asked of a function that has a rule for reverse mode only. */
export class ReverseOnly extends TraceError {
  constructor(name: string) {
    super(
      `customVjp: ${name} has a rule for reverse mode only, and forward mode is asked for (jvp, linearize and jacobian use it; jacobian takes { mode: "reverse" }; grad, vjp, hvp and hessian work). With customJvp both modes work`,
    )
  }
}

interface PullbackParams {
  readonly name: string
  /** Captured values and residuals. */
  readonly known: number
  readonly backward: Graph
  readonly live: readonly boolean[]
  /** Types of the float outputs, whose tangents it would give. */
  readonly outputs: readonly TensorType[]
}

/** (known, tangents of the arguments that get a cotangent) -> tangents of the float outputs: nobody knows them, but their transpose. */
const pullbackOp: Op<PullbackParams> = {
  name: "customVjp",
  type: ({ outputs }) => outputs,
  jvp: (params, inputs, _outputs, tangents) => {
    if (tangents.slice(0, params.known).some((t) => t !== null)) throw new ReverseOnly(params.name)
    return apply(pullbackOp, params, [...inputs.slice(0, params.known), ...instantiated(tangents, inputs).slice(params.known)])
  },
  transpose: ({ known, backward, name, outputs }, inputs, linear, cotangents) => {
    if (linear.slice(0, known).some((l) => l)) throw new ReverseOnly(name)
    const cts = cotangents.map((t, i) => t ?? zerosOf(outputs[i] as TensorType))
    return [...inputs.slice(0, known).map(() => null), ...inline(backward, [...inputs.slice(0, known), ...cts])]
  },
  batch: (params, inputs, batched, size) => {
    const back = batchBackward(
      params,
      batched.slice(0, params.known),
      inputs.slice(params.known).map(() => true),
      size,
    )
    const rows = inputs.map((value, i) => (i < params.known ? value : asBatched({ value, batched: batched[i] as boolean }, size)))
    const outputs = params.outputs.map((t): TensorType => ({ elem: t.elem, shape: [size, ...t.shape] }))
    return { outputs: apply(pullbackOp, { ...params, backward: back, outputs }, rows), batched: outputs.map(() => true) }
  },
  lower: ({ name }) => {
    throw new ReverseOnly(name)
  },
  example: () => {
    throw new TraceError("customVjp: the derivative of a function with a rule for reverse mode has no example")
  },
  cheap: false,
}

/** The backward rule on rows: an argument that all rows share gets the sum of their cotangents. */
const batchBackward = (
  { backward, outputs }: Pick<PullbackParams, "backward" | "outputs">,
  flags: readonly boolean[],
  args: readonly boolean[],
  size: number,
): Graph => {
  const all = batchBody("customVjp", backward, [...flags, ...outputs.map(() => true)], size, "all").graph
  return bodyOf("customVjp", inputTypes(all), (given) => inline(all, given).map((t, i) => (args[i] ? t : sumAxes(t, [0]))))
}

const split: NonNullable<Op<CustomVjpParams>["split"]> = (params, inputs, active) => {
  const { name, captured, forward, backward, live } = params
  refuseCaptured("customVjp", name, captured, active)
  const outs = inline(forward, inputs)
  const n = params.value.outputs.length
  const [outputs, residuals] = [outs.slice(0, n), outs.slice(n)]
  const float = outputs.map((t) => isFloat(t.type))
  return {
    outputs,
    linear: (tangents) => {
      const moved = pick(instantiated(tangents, inputs).slice(captured.length), live)
      const known = [...inputs.slice(0, captured.length), ...residuals]
      const types = pick(outputs, float).map((t) => t.type)
      const made = apply(pullbackOp, { name, known: known.length, backward, live, outputs: types }, [...known, ...moved])
      return place(made, float, null)
    },
  }
}

export const customVjpOp: Op<CustomVjpParams> = defineOp<CustomVjpParams>({
  name: "customVjp",
  type: ({ name, captured, value, forward, backward, live }, inputs) => {
    const [taken, outputs] = [inputTypes(value), outputTypes(value)]
    sameInputs("customVjp", `the inputs of ${name}`, taken, inputs)
    sameInputs("customVjp", `the inputs of ${name}'s forward`, taken, inputTypes(forward))
    const made = outputTypes(forward)
    sameInputs("customVjp", `what ${name}'s forward gives`, outputs, made.slice(0, outputs.length))
    sameInputs(
      "customVjp",
      `the inputs of ${name}'s backward`,
      [...taken.slice(0, captured.length), ...made.slice(outputs.length), ...outputs.filter(isFloat)],
      inputTypes(backward),
    )
    sameInputs("customVjp", `what ${name}'s backward gives`, pick(taken.slice(captured.length), live), outputTypes(backward))
    return outputs
  },
  jvp: ({ name }) => {
    throw new ReverseOnly(name)
  },
  modes: "reverse",
  split,
  transpose: transposeBySplit("customVjp", split),
  batch: (params, inputs, batched, size) => {
    const { captured, value, live } = params
    const n = value.outputs.length
    const forward = batchBody("customVjp", params.forward, batched, size, [
      ...value.outputs.map(() => true),
      ...params.forward.outputs.slice(n).map(() => false),
    ])
    const flags = [...batched.slice(0, captured.length), ...forward.batched.slice(n)]
    const back = batchBackward(
      { backward: params.backward, outputs: outputTypes(value).filter(isFloat) },
      flags,
      pick(batched.slice(captured.length), live),
      size,
    )
    const made = batchBody("customVjp", value, batched, size, "all").graph
    const outputs = apply(customVjpOp, { ...params, value: made, forward: forward.graph, backward: back }, inputs)
    return { outputs, batched: outputs.map(() => true) }
  },
  ...byValue,
  identity: ({ captured, value, forward, backward, live }) => ({ captured: captured.length, value, forward, backward, live }),
  example: (choose: Choices) => {
    const shape = choose.shape(1)
    const t: TensorType = { elem: "float", shape }
    const types: readonly TensorType[] = [{ elem: "bool", shape }, t, t]
    const value = exampleValue(choose, types)
    const forward = bodyOf("customVjp", types, (args) => [...inline(value, args), ...args.slice(1)])
    const backward = bodyOf("customVjp", [...types, t, t], ([mask, a, b, ...cts]) => {
      const lin = linearizeGraph("customVjp", value, [mask, a, b] as readonly AnyTensor[], [false, true, true])
      return instantiated(transposeDag(lin.leaves, lin.tangents, cts), [a, b] as readonly AnyTensor[])
    })
    return {
      params: { name: "example", captured: ["example"], value, forward, backward, live: [true, true] },
      inputs: types,
      domains: [{ t: "bool" }, { t: "real" }, { t: "real" }],
    }
  },
})

/** The two halves of a rule for reverse mode. */
export interface ReverseRule<A extends readonly unknown[], O, R> {
  /** The value, and what backward needs of the computation. */
  readonly forward: (...args: A) => readonly [O, R]
  /** Cotangents of the arguments, a list with one tree an argument; `null` is zero in place of any part. Linear in `cotangents`. */
  readonly backward: (residuals: R, cotangents: GradOf<O>) => readonly [...{ [K in keyof A]: DerivativeOf<A[K]> }] | null
}

/**
 * `f` with a rule of its own for reverse mode: `forward` gives its value and residuals, `backward` turns cotangents of the value
 * into cotangents of the arguments (`null` at leaves that aren't float). Second derivatives work through what the two
 * halves are made of (hvp and hessian too); vmap and loops around it and in it work. Forward mode is refused: nobody knows the tangents, only
 * their transpose (write a `customJvp` if you can, from which both modes follow). A value taken from outside is a constant to it:
 * asking for the derivative in it is an error that names it (as in JAX).
 *
 * @throws TraceError when trees or types of the halves differ from the function's, or they call the function that they belong to.
 * @example
 * // the identity, whose gradient is clipped
 * const clipped = customVjp((x: Tensor) => x, {
 *   forward: (x) => [x, null],
 *   backward: (_, ct) => [min2(max2(ct, -1), 1)],
 * })
 */
export const customVjp = <A extends readonly unknown[], O, R>(
  f: (...args: A) => O,
  { forward, backward }: ReverseRule<A, NoInfer<O>, R>,
): ((...args: A) => O) => {
  const name = f.name === "" ? "the function" : f.name
  const once = guarded("customVjp", name)
  return (...args) => {
    const flat = flatten("customVjp", args)
    const like = leavesOf(flat)
    const tree = (leaves: readonly AnyTensor[]) => unflatten(flat.structure, leaves) as A
    let [out, kept] = [like, like]
    let live: readonly boolean[] = []
    const bodies = once(() => {
      const value = closeBody("customVjp", like.types, (leaves) => {
        const made = flatten("customVjp: the function's result", f(...tree(leaves)))
        out = leavesOf(made)
        return made.leaves
      })
      const first = closeBody("customVjp", like.types, (leaves) => {
        const made: unknown = forward(...tree(leaves))
        if (!Array.isArray(made) || made.length !== 2)
          throw new TraceError(`customVjp: forward of ${name} must return a pair [output, residuals]; the residuals may be null`)
        const outputs = sameTree("customVjp", `the value that forward of ${name} gives`, made[0], out)
        const residuals = flatten(`customVjp: the residuals of ${name}`, made[1])
        kept = leavesOf(residuals)
        return [...outputs, ...residuals.leaves]
      })
      const float = out.types.map(isFloat)
      const second = closeBody("customVjp", [...kept.types, ...pick(out.types, float)], (leaves) => {
        const cts = place(leaves.slice(kept.types.length), float, null)
        const made: unknown = backward(
          unflatten(kept.structure, leaves.slice(0, kept.types.length)) as R,
          unflatten(out.structure, cts) as GradOf<O>,
        )
        const back = derivativesOf("customVjp", `the cotangents that backward of ${name} gives, argument `, made, like)
        live = back.map((t) => t !== null)
        return back.filter((t) => t !== null)
      })
      return [value, first, second]
    })
    const { captured, names, graphs } = together("customVjp", bodies)
    const [valueGraph, forwardGraph, backwardGraph] = graphs as [Graph, Graph, Graph]
    const params: CustomVjpParams = {
      name,
      captured: names,
      value: valueGraph,
      forward: forwardGraph,
      backward: backwardGraph,
      live,
    }
    return unflatten(out.structure, apply(customVjpOp, params, [...captured, ...flat.leaves])) as O
  }
}

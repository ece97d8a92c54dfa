/** customJvp: a function with a rule of its own for its tangents, from which both modes and all orders follow. */
import {
  type AnyTensor,
  apply,
  applyClosed,
  batchBody,
  bodyOf,
  type Choices,
  closeBody,
  closeLinear,
  defineOp,
  flatten,
  type GradOf,
  type Graph,
  inline,
  inputTypes,
  jvpGraph,
  linearizeGraph,
  type Op,
  outputTypes,
  type Tangent,
  type TensorType,
  TraceError,
  unflatten,
  zerosOf,
} from "../../core/index.js"
import { pick, place } from "../control/index.js"
import { instantiated, transposeBySplit } from "./transpose.js"
import { derivativesOf, guarded, isFloat, leavesOf, refuseCaptured, sameInputs, sameTree, together } from "./trees.js"
import { byValue, exampleValue } from "./value.js"

export interface CustomJvpParams {
  /** The function's name, for messages. */
  readonly name: string
  /** What the captured values are, for messages. They are the first inputs. */
  readonly captured: readonly string[]
  readonly value: Graph
  /** (inputs, tangents of the float arguments) -> (outputs, tangents of the outputs that have one). */
  readonly rule: Graph
  /** Which outputs have a tangent. */
  readonly live: readonly boolean[]
}

/** Which inputs are float arguments. */
const differentiable = ({ captured }: CustomJvpParams, types: readonly TensorType[]): readonly boolean[] =>
  types.map((t, i) => i >= captured.length && isFloat(t))

const argumentTangents = (params: CustomJvpParams, inputs: readonly AnyTensor[], tangents: readonly Tangent[]) => {
  refuseCaptured(
    "customJvp",
    params.name,
    params.captured,
    tangents.map((t) => t !== null),
  )
  return pick(
    instantiated(tangents, inputs),
    differentiable(
      params,
      inputs.map((t) => t.type),
    ),
  )
}

const dual = (params: CustomJvpParams, inputs: readonly AnyTensor[], tangents: readonly Tangent[]) => {
  const outs = inline(params.rule, [...inputs, ...argumentTangents(params, inputs, tangents)])
  const n = params.live.length
  return { outputs: outs.slice(0, n), tangents: place(outs.slice(n), params.live, null) }
}

/**
 * The rule is linear in its tangents v, so it is its own derivative along v, taken at tangents of zero. Taken so, loops in it are
 * split like any others: what depends on v carries v only, and has a transpose.
 */
const split: NonNullable<Op<CustomJvpParams>["split"]> = (params, inputs, active) => {
  refuseCaptured("customJvp", params.name, params.captured, active)
  const mask = differentiable(
    params,
    inputs.map((t) => t.type),
  )
  const still = pick(inputs, mask).map((t) => zerosOf(t.type))
  const lin = linearizeGraph("customJvp", params.rule, [...inputs, ...still], [...inputs.map(() => false), ...pick(active, mask)])
  const n = params.live.length
  const tangents = lin.tangents.slice(n)
  const closed = closeLinear({ leaves: lin.leaves, tangents })
  return {
    outputs: lin.outputs.slice(0, n),
    linear: (given) => {
      const moved = applyClosed(closed, pick(instantiated(given, inputs), active))
      const some = tangents.map((t) => t !== null)
      return place(place(moved, some, null), params.live, null)
    },
  }
}

export const customJvpOp: Op<CustomJvpParams> = defineOp<CustomJvpParams>({
  name: "customJvp",
  type: (params, inputs) => {
    const taken = inputTypes(params.value)
    sameInputs("customJvp", `the inputs of ${params.name}`, taken, inputs)
    const outputs = outputTypes(params.value)
    sameInputs(
      "customJvp",
      `the inputs of ${params.name}'s rule`,
      [...taken, ...pick(taken, differentiable(params, taken))],
      inputTypes(params.rule),
    )
    sameInputs("customJvp", `what ${params.name}'s rule gives`, [...outputs, ...pick(outputs, params.live)], outputTypes(params.rule))
    return outputs
  },
  jvp: (params, inputs, _outputs, tangents) => dual(params, inputs, tangents).tangents,
  dual,
  split,
  transpose: transposeBySplit("customJvp", split),
  batch: (params, inputs, batched, size) => {
    const mask = differentiable(
      params,
      inputs.map((t) => t.type),
    )
    const value = batchBody("customJvp", params.value, batched, size, "all").graph
    const rule = batchBody("customJvp", params.rule, [...batched, ...pick(batched, mask)], size, "all").graph
    const outputs = apply(customJvpOp, { ...params, value, rule }, inputs)
    return { outputs, batched: outputs.map(() => true) }
  },
  ...byValue,
  identity: ({ captured, value, rule, live }) => ({ captured: captured.length, value, rule, live }),
  example: (choose: Choices) => {
    const shape = choose.shape(1)
    const t: TensorType = { elem: "float", shape }
    const types: readonly TensorType[] = [{ elem: "bool", shape }, t, t]
    const value = exampleValue(choose, types)
    const rule = bodyOf("customJvp", [...types, t, t], (args) => {
      const duals = jvpGraph(
        value,
        types.map((_, i) => ({ primal: args[i] as AnyTensor, tangent: i === 0 ? null : (args[2 + i] as AnyTensor) })),
        "jvp",
      )
      return [...duals.map((d) => d.primal), ...duals.map((d) => d.tangent as AnyTensor)]
    })
    return {
      params: { name: "example", captured: ["example"], value, rule, live: [true, true] },
      inputs: types,
      domains: [{ t: "bool" }, { t: "real" }, { t: "real" }],
    }
  },
})

/** A tree of tangents or cotangents: `null` for zero in place of any part, and at leaves that aren't float. */
export type DerivativeOf<P> =
  | null
  | GradOf<P>
  | (P extends AnyTensor ? never : P extends object ? { readonly [K in keyof P]: DerivativeOf<P[K]> } : never)

/**
 * `f` with a derivative rule of its own: `rule(primals, tangents)` gives the value again and its tangents, which must be linear in
 * the tangents given. Tangents have the arguments' trees, with `null` at leaves that aren't float; those that the rule gives may be
 * `null` for zero in place of any part. Reverse mode, higher orders, vmap and loops follow from what the rule is made of:
 * `laws.gradient` tells whether it is right. The rule is traced where the function is called. A value that `f` or the rule takes from
 * outside is a constant to it: asking for the derivative in it is an error that names it (as in JAX).
 *
 * @throws TraceError when the rule's trees or types differ from the function's, or it calls the function that it is the rule of.
 * @example
 * const log1pexp = customJvp(
 *   (x: Tensor) => log(add(exp(x), 1)),
 *   ([x], [dx]) => [log(add(exp(x), 1)), mul(sub(1, div(1, add(exp(x), 1))), dx)],
 * )
 */
export const customJvp = <A extends readonly unknown[], O>(
  f: (...args: A) => O,
  rule: (primals: A, tangents: GradOf<A>) => readonly [NoInfer<O>, DerivativeOf<NoInfer<O>>],
): ((...args: A) => O) => {
  const name = f.name === "" ? "the function" : f.name
  const once = guarded("customJvp", name)
  return (...args) => {
    const flat = flatten("customJvp", args)
    const types = flat.leaves.map((t) => t.type)
    const floats = types.map(isFloat)
    let out = leavesOf(flat)
    let live: readonly boolean[] = []
    const [value, dualRule] = once(() => [
      closeBody("customJvp", types, (leaves) => {
        const made = flatten("customJvp: the function's result", f(...(unflatten(flat.structure, leaves) as A)))
        out = leavesOf(made)
        return made.leaves
      }),
      closeBody("customJvp", [...types, ...pick(types, floats)], (leaves) => {
        const tangents = place(leaves.slice(types.length), floats, null)
        const made: unknown = rule(
          unflatten(flat.structure, leaves.slice(0, types.length)) as A,
          unflatten(flat.structure, tangents) as GradOf<A>,
        )
        if (!Array.isArray(made) || made.length !== 2)
          throw new TraceError(`customJvp: the rule of ${name} must return a pair [outputs, tangents]`)
        const outputs = sameTree("customJvp", `the value that the rule of ${name} gives`, made[0], out)
        const moved = derivativesOf("customJvp", `the tangent that the rule of ${name} gives`, made[1], out)
        live = moved.map((t) => t !== null)
        return [...outputs, ...moved.filter((t) => t !== null)]
      }),
    ])
    const { captured, names, graphs } = together("customJvp", [value, dualRule])
    const [valueGraph, ruleGraph] = graphs as [Graph, Graph]
    const params: CustomJvpParams = { name, captured: names, value: valueGraph, rule: ruleGraph, live }
    return unflatten(out.structure, apply(customJvpOp, params, [...captured, ...flat.leaves])) as O
  }
}

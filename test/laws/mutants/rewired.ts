/** A rule of an op with something changed on its way in or out: what automatic mutants are made with. */
import { type AnyOp, type AnyTensor, apply, bodyOf, type Tangent } from "../../../src/core/index.js"
import { type Rule, ruleOf } from "../broken-rules/broken.js"

/** Rules whose results are tensors. `type` gives types and has hand-written mutants only. */
export const mutable = ["jvp", "dual", "transpose", "split", "batch", "simplify", "lower", "harvest"] as const
export type MutableRule = (typeof mutable)[number]

type Change<T> = (list: readonly T[]) => readonly T[]

/** Where a rule can be got wrong; each is left as it is unless said. */
export interface Hooks {
  readonly params?: (params: unknown) => unknown
  /** What the rule is told of the op's inputs; of a batch rule only those that are rows alike are exchanged. */
  readonly inputs?: (list: readonly AnyTensor[], alike: (i: number, j: number) => boolean) => readonly AnyTensor[]
  /** Tangents given to a derivative, cotangents given to a transpose. */
  readonly incoming?: Change<Tangent>
  /** What a derivative or a transpose gives. */
  readonly results?: Change<Tangent>
  /** Values that the rule gives. */
  readonly outputs?: Change<AnyTensor>
  /** Values that are told of beside the outputs. */
  readonly emitted?: Change<AnyTensor>
}
export type Hook = keyof Hooks

/** What each rule takes and gives. */
export const hooksOf: Readonly<Record<MutableRule, readonly Hook[]>> = {
  jvp: ["params", "inputs", "incoming", "results"],
  dual: ["params", "inputs", "incoming", "results", "outputs"],
  split: ["params", "inputs", "incoming", "results", "outputs"],
  transpose: ["params", "inputs", "incoming", "results"],
  batch: ["params", "inputs", "outputs"],
  simplify: ["params", "inputs", "outputs"],
  lower: ["params", "inputs", "outputs"],
  harvest: ["params", "inputs", "outputs", "emitted"],
}

const always = () => true

const makers: { readonly [K in MutableRule]: (good: AnyOp, h: Required<Hooks>) => Rule<K> } = {
  jvp: (good, h) => (params, inputs, outputs, tangents) => {
    const given = h.incoming(tangents)
    if (given.every((t) => t === null)) return outputs.map(() => null)
    return h.results(good.jvp(h.params(params), h.inputs(inputs, always), outputs, given))
  },
  dual: (good, h) => (params, inputs, tangents) => {
    const made = ruleOf(good, "dual")(h.params(params), h.inputs(inputs, always), h.incoming(tangents))
    return { outputs: h.outputs(made.outputs), tangents: h.results(made.tangents) }
  },
  split: (good, h) => (params, inputs, active) => {
    const made = ruleOf(good, "split")(h.params(params), h.inputs(inputs, always), active)
    return { outputs: h.outputs(made.outputs), linear: (tangents) => h.results(made.linear(h.incoming(tangents))) }
  },
  transpose: (good, h) => (params, inputs, linear, cotangents) => {
    const given = h.incoming(cotangents)
    if (given.every((t) => t === null)) return inputs.map(() => null)
    const same = (i: number, j: number) => linear[i] === linear[j]
    return h.results(ruleOf(good, "transpose")(h.params(params), h.inputs(inputs, same), linear, given))
  },
  batch: (good, h) => (params, inputs, batched, size) => {
    const made = good.batch(
      h.params(params),
      h.inputs(inputs, (i, j) => batched[i] === batched[j]),
      batched,
      size,
    )
    return { outputs: h.outputs(made.outputs), batched: made.batched }
  },
  simplify: (good, h) => (params, inputs) => {
    const made = ruleOf(good, "simplify")(h.params(params), h.inputs(inputs, always))
    return made === null ? null : h.outputs(made)
  },
  lower: (good, h) => (params, inputs) => ({
    t: "graph",
    graph: bodyOf("mutant", inputs, (args) => h.outputs(apply(good, h.params(params), h.inputs(args, always)))),
  }),
  harvest: (good, h) => (params) => {
    const made = ruleOf(good, "harvest")(h.params(params))
    if (made === null) return null
    return {
      ...made,
      apply: (inputs) => {
        const { outputs, emitted } = made.apply(h.inputs(inputs, always))
        return { outputs: h.outputs(outputs), emitted: emitted.map(h.emitted) }
      },
    }
  },
}

const unchanged: Required<Hooks> = {
  params: (p) => p,
  inputs: (list) => list,
  incoming: (list) => list,
  results: (list) => list,
  outputs: (list) => list,
  emitted: (list) => list,
}

/** The op's record with one rule rewired. */
export const rewired = (good: AnyOp, rule: MutableRule, hooks: Hooks): AnyOp => ({
  ...good,
  [rule]: makers[rule](good, { ...unchanged, ...hooks }),
})

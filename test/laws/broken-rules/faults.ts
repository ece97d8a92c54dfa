/** Faults that many rules can have. Each takes the right record and gives a wrong rule. */
import {
  type AnyOp,
  type AnyTensor,
  apply,
  at,
  axis,
  bodyOf,
  type Elem,
  literal,
  modulo,
  type Nest,
  plus,
  type Tangent,
  type Tensor,
  type TensorType,
  zerosOf,
} from "../../../src/core/index.js"
import { iota, mul, neg, stopGradient, sub, take } from "../../../src/ops/index.js"
import { type Rule, ruleOf } from "./broken.js"

type Change = (t: AnyTensor) => AnyTensor
type Fault<K extends Parameters<typeof ruleOf>[1]> = (good: AnyOp) => Rule<K>

const onFloats =
  (change: (t: Tensor) => unknown): Change =>
  (t) =>
    t.type.elem === "float" ? (change(t as Tensor) as AnyTensor) : t

export const negated: Change = onFloats((t) => neg(t))
export const times = (by: number): Change => onFloats((t) => mul(t, by))
const stopped: Change = onFloats((t) => stopGradient(t))

/** The first axis backwards. */
export const reversed: Change = (t) => {
  const n = t.shape[0]
  if (n === undefined) return t
  return take(t as Tensor, sub(literal(n - 1, "int") as never, iota(n) as never) as never) as AnyTensor
}

const each = (list: readonly Tangent[], change: Change): readonly Tangent[] => list.map((t) => (t == null ? null : change(t)))

// jvp

export const tangents =
  (change: Change): Fault<"jvp"> =>
  (good) =>
  (...args) =>
    each(good.jvp(...args), change)

/** The term of input `n` is missing. */
export const withoutTangent =
  (n: number): Fault<"jvp"> =>
  (good) =>
  (params, inputs, outputs, given) => {
    const left = given.map((t, i) => (i === n ? null : t))
    return left.every((t) => t === null) ? outputs.map(() => null) : good.jvp(params, inputs, outputs, left)
  }

/** Right once, and constant to every further derivative. */
export const rightOnce: Fault<"jvp"> = (good) => (params, inputs, outputs, given) =>
  good.jvp(params, inputs.map(stopped), outputs.map(stopped), given)

/** What is not float has no tangent. */
export const tangentOfOutputs: Fault<"jvp"> = () => (_params, _inputs, outputs) => outputs

// dual, split

export const dualTangents =
  (change: Change): Fault<"dual"> =>
  (good) =>
  (...args) => {
    const { outputs, tangents: found } = ruleOf(good, "dual")(...args)
    return { outputs, tangents: each(found, change) }
  }

export const dualOutputs =
  (change: Change): Fault<"dual"> =>
  (good) =>
  (...args) => {
    const { outputs, tangents: found } = ruleOf(good, "dual")(...args)
    return { outputs: outputs.map(change), tangents: found }
  }

export const linearPart =
  (change: Change): Fault<"split"> =>
  (good) =>
  (...args) => {
    const { outputs, linear } = ruleOf(good, "split")(...args)
    return { outputs, linear: (given) => each(linear(given), change) }
  }

export const knownPart =
  (change: Change): Fault<"split"> =>
  (good) =>
  (...args) => {
    const { outputs, linear } = ruleOf(good, "split")(...args)
    return { outputs: outputs.map(change), linear }
  }

/** The linear part sees zeros where float inputs should have been kept. */
export const residualsDropped: Fault<"split"> = (good) => (params, inputs, active) => {
  const split = ruleOf(good, "split")
  const gone = inputs.map(onFloats((t) => zerosOf(t.type)))
  return { outputs: split(params, inputs, active).outputs, linear: split(params, gone, active).linear }
}

// transpose

export const cotangents =
  (change: Change): Fault<"transpose"> =>
  (good) =>
  (...args) =>
    each(ruleOf(good, "transpose")(...args), change)

/** Input `n` gets none. */
export const withoutCotangent =
  (n: number): Fault<"transpose"> =>
  (good) =>
  (...args) =>
    ruleOf(good, "transpose")(...args).map((t, i) => (i === n ? null : t))

/** The rule on other parameters. */
export const transposedWith =
  <P>(change: (params: P) => P): Fault<"transpose"> =>
  (good) =>
  (params, ...rest) =>
    ruleOf(good, "transpose")(change(params), ...rest)

// batch

export const rows =
  (change: Change): Fault<"batch"> =>
  (good) =>
  (...args) => {
    const { outputs, batched } = good.batch(...args)
    return { outputs: outputs.map((t, i) => (batched[i] ? change(t) : t)), batched }
  }

// lower

/** A copy of plain data with some objects in it replaced; what is shared stays shared. */
const replaced = (data: unknown, by: (part: Readonly<Record<string, unknown>>) => unknown): unknown => {
  const done = new Map<unknown, unknown>()
  const go = (x: unknown): unknown => {
    if (typeof x !== "object" || x === null) return x
    if (done.has(x)) return done.get(x)
    const record = x as Readonly<Record<string, unknown>>
    const made = Array.isArray(x) ? x.map(go) : (by(record) ?? Object.fromEntries(Object.entries(record).map(([k, part]) => [k, go(part)])))
    done.set(x, made)
    return made
  }
  return go(data)
}

export const nests =
  (change: (nest: Nest, inputs: readonly TensorType[]) => Nest): Fault<"lower"> =>
  (good) =>
  (params, inputs, outputs) => {
    const lowered = good.lower(params, inputs, outputs)
    if (lowered.t !== "index") throw new Error(`${good.name} is not lowered to index notation`)
    return { t: "index", nests: lowered.nests.map((nest) => change(nest, inputs)) }
  }

/** Scalars and indices of a nest's body replaced. */
export const bodies = (by: (part: Readonly<Record<string, unknown>>, nest: Nest) => unknown): Fault<"lower"> =>
  nests((nest) => ({ ...nest, body: replaced(nest.body, (part) => by(part, nest)) as Nest["body"] }))

/** Off by one along the first axis of the result, around its end. */
export const rolled: Fault<"lower"> = bodies((part, { domain }) =>
  part.t === "var" && part.axis === 0 && domain.length > 0 ? modulo(plus(axis(0), at(1)), domain[0] as number) : undefined,
)

/** As rolled, for ops that are no index notation: the right outputs, changed. */
export const lowered =
  (change: Change): Fault<"lower"> =>
  (good) =>
  (params, inputs) => ({ t: "graph", graph: bodyOf("broken", inputs, (args) => apply(good, params, args).map(change)) })

// simplify

/** Gives back input `n` in cases that are no identities. */
export const isInput =
  <P>(n: number, when: (params: P, inputs: readonly AnyTensor[]) => boolean): Fault<"simplify"> =>
  () =>
  (params: P, inputs) =>
    when(params, inputs) ? [inputs[n] as AnyTensor] : null

// type

/** The rule on other types than those that are there. */
export const typedAs =
  <P>(change: (inputs: readonly TensorType[], params: P) => readonly TensorType[]): Fault<"type"> =>
  (good) =>
  (params, inputs) =>
    good.type(params, change(inputs, params))

/** All inputs are taken to be like the first. */
export const firstForAll = typedAs((inputs) => inputs.map(() => inputs[0] as TensorType))

/** Keys are taken for something else. */
export const keysAs = (elem: Elem) => typedAs((inputs) => inputs.map((t) => (t.elem === "key" ? { elem, shape: t.shape } : t)))

// harvest

export const harvestedOutputs =
  (change: Change): Fault<"harvest"> =>
  (good) =>
  (params) => {
    const found = ruleOf(good, "harvest")(params)
    if (found === null) return null
    return {
      ...found,
      apply: (inputs) => {
        const { outputs, emitted } = found.apply(inputs)
        return { outputs: outputs.map(change), emitted }
      },
    }
  }

/** A merge that keeps the second of two. */
export const lastWins: Fault<"harvest"> = (good) => (params) => {
  const found = ruleOf(good, "harvest")(params)
  return found === null ? null : { ...found, emissions: found.emissions.map((e) => ({ ...e, merge: (_a, b) => b })) }
}

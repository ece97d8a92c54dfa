/** What a rule gives at drawn inputs, as numbers: two rules that give the same at all of them can't be told apart by any law. */
import * as fc from "fast-check"
import {
  type AnyOp,
  type AnyTensor,
  apply,
  asBatched,
  broadcastAlong,
  type Domain,
  literal,
  rowType,
  type Tangent,
  TraceError,
  zerosOf,
} from "../../../src/core/index.js"
import { runGraph } from "../../../src/core/targets/interpreter/index.js"
import { type Draw, drawn } from "../../../src/laws/arbitraries/draw.js"
import type { Mask } from "../../../src/laws/function/masks.js"
import { floatOutputs } from "../../../src/laws/function/transforms.js"
import { affineMasks, transposeRule } from "../../../src/laws/op/affine-inputs.js"
import { type Instance, instance } from "../../../src/laws/op/instance.js"
import { type Fn, runnable, type Values } from "../../../src/laws/run.js"
import { ruleOf } from "../broken-rules/broken.js"
import type { MutableRule } from "./rewired.js"

/** A use of an op with everything that its rules may be given. */
export interface Case {
  readonly i: Instance
  readonly active: Mask
  readonly v: Values
  readonly u: Values
  readonly batched: Mask
  readonly size: number
  readonly rows: Values
  /** Inputs that simplify knows to be 0, 1 or -1. */
  readonly known: readonly (number | null)[]
}

const caseOf =
  (op: AnyOp) =>
  (d: Draw): Case => {
    const i = instance(d, op)
    const { inputs } = i.fn
    const size = d.int(2, 3)
    const rows = inputs.map(() => d.bool())
    const batched = rows.some(Boolean) ? rows : inputs.map(() => true)
    return {
      i,
      active: inputs.map((t) => t.elem === "float"),
      v: inputs.filter((t) => t.elem === "float").map(d.direction),
      u: floatOutputs(i.fn).map(d.direction),
      batched,
      size,
      rows: inputs.map((t, k) => d.values(batched[k] ? rowType(t, size) : t, i.domains[k] as Domain)),
      known: inputs.map((t) => (t.elem === "key" ? null : ([null, null, 0, 1, -1][d.int(0, t.elem === "bool" ? 3 : 4)] ?? null))),
    }
  }

export const casesOf = (op: AnyOp, count: number, seed: number): readonly Case[] => fc.sample(drawn(caseOf(op)), { numRuns: count, seed })

/** A function that shows what a rule gives, and where. */
interface Shown {
  readonly fn: Fn
  readonly x: Values
}

const tangentsOf = ({ i, active }: Case, args: readonly AnyTensor[]): readonly Tangent[] => {
  let next = i.fn.inputs.length
  return active.map((a) => (a ? (args[next++] as AnyTensor) : null))
}

/** A tangent left out is a zero. */
const filled = (outputs: readonly AnyTensor[], tangents: readonly Tangent[]): readonly AnyTensor[] =>
  outputs.flatMap((y, k) => (y.type.elem === "float" ? [tangents[k] ?? zerosOf(y.type)] : []))

const derivative = (
  c: Case,
  rule: (inputs: readonly AnyTensor[], tangents: readonly Tangent[]) => readonly AnyTensor[],
): readonly Shown[] => {
  const { fn, x } = c.i
  if (c.v.length === 0) return []
  const types = fn.inputs.filter((_, k) => c.active[k])
  return [
    {
      fn: { inputs: [...fn.inputs, ...types], apply: (args) => rule(args.slice(0, fn.inputs.length), tangentsOf(c, args)) },
      x: [...x, ...c.v],
    },
  ]
}

const masks = new WeakMap<Case, readonly Mask[]>()
const masksOf = (c: Case): readonly Mask[] => {
  const known = masks.get(c) ?? affineMasks(c.i)
  masks.set(c, known)
  return known
}

const shownBy: Readonly<Record<MutableRule, (op: AnyOp, c: Case) => readonly Shown[]>> = {
  jvp: (op, c) =>
    derivative(c, (inputs, tangents) => {
      const outputs = c.i.fn.apply(inputs)
      return filled(outputs, op.jvp(c.i.params, inputs, outputs, tangents))
    }),
  dual: (op, c) =>
    derivative(c, (inputs, given) => {
      const { outputs, tangents } = ruleOf(op, "dual")(c.i.params, inputs, given)
      return [...outputs, ...filled(outputs, tangents)]
    }),
  split: (op, c) =>
    derivative(c, (inputs, given) => {
      const { outputs, linear } = ruleOf(op, "split")(c.i.params, inputs, c.active)
      return [...outputs, ...filled(outputs, linear(given))]
    }),
  transpose: (op, c) =>
    c.u.length === 0
      ? []
      : masksOf(c).map((mask) => {
          const { fn, params, x } = c.i
          return {
            fn: transposeRule({ ...c.i, fn: { inputs: fn.inputs, apply: (args) => apply(op, params, args) } }, mask),
            x: [...x, ...c.u],
          }
        }),
  batch: (op, { i, batched, size, rows }) =>
    i.fn.inputs.length === 0
      ? []
      : [
          {
            fn: {
              inputs: i.fn.inputs.map((t, k) => (batched[k] ? rowType(t, size) : t)),
              apply: (args) => {
                const made = op.batch(i.params, args, batched, size)
                return made.outputs.map((value, k) => asBatched({ value, batched: made.batched[k] as boolean }, size))
              },
            },
            x: rows,
          },
        ],
  simplify: (op, { i, known }) => [
    {
      fn: {
        inputs: i.fn.inputs,
        apply: (args) => {
          const inputs = args.map((t, k) => {
            const n = known[k] ?? null
            return n === null ? t : broadcastAlong(literal(n, t.type.elem) as AnyTensor, t.shape, [])
          })
          // an identity that is not seen is not wrong: the application stays
          return ruleOf(op, "simplify")(i.params, inputs) ?? apply(op, i.params, inputs)
        },
      },
      x: i.x,
    },
  ],
  lower: (op, { i }) => [{ fn: { inputs: i.fn.inputs, apply: (args) => apply(op, i.params, args) }, x: i.x }],
  harvest: (op, { i }) => [
    {
      fn: {
        inputs: i.fn.inputs,
        apply: (args) => {
          const made = op.harvest?.(i.params)?.apply(args)
          return made === undefined ? [] : [...made.outputs, ...made.emitted.flat()]
        },
      },
      x: i.x,
    },
  ],
}

/** What the rule gives, or what it throws. A rule that can't be run alone (what runs in reverse only) tells nothing: null. */
export const effectOf = (op: AnyOp, rule: MutableRule, c: Case): Values | string | null => {
  try {
    return shownBy[rule](op, c).flatMap(({ fn, x }) => {
      // by lowerings alone: a run that harvests would apply the registered record
      const { graph } = runnable(fn)
      return runGraph(graph, x, { cancelled: false })
    })
  } catch (e) {
    return e instanceof TraceError && e.constructor !== TraceError ? null : String(e)
  }
}

export const sameEffect = (a: Values | string | null, b: Values | string | null): boolean => {
  if (a === null || b === null || typeof a === "string" || typeof b === "string") return a !== null && a === b
  return (
    a.length === b.length &&
    a.every((x, k) => {
      const y = b[k] as Float64Array
      return x.length === y.length && x.every((n, i) => n === y[i] || (Number.isNaN(n) && Number.isNaN(y[i])))
    })
  )
}

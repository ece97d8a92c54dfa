/** A subject's programs: values, gradients, second order, rows and gradients of rows, each a graph with data. */
import * as fc from "fast-check"
import { closeBody, constantData, type Domain, printGraph, rowType, simplifyGraph, TraceError } from "../../src/core/index.js"
import { type Draw, drawn } from "../../src/laws/arbitraries/draw.js"
import type { Mask } from "../../src/laws/function/masks.js"
import { activeTypes, floatOutputs, pullback, pushforward, vectorised } from "../../src/laws/function/transforms.js"
import type { Fn, Values } from "../../src/laws/run.js"
import type { Program } from "../targets/runners.js"
import type { Subject } from "./subject.js"

/** What is asked of a function; a column of the table. */
export const kinds = ["value", "vjp", "second order", "vmap", "vmap of vjp"] as const
export type Kind = (typeof kinds)[number]

/** A program before and after `simplifyGraph`: the first is the oracle's, the second the targets'. */
export interface Use {
  readonly subject: string
  readonly kind: Kind
  readonly solves: boolean
  readonly plain: Program
  readonly simplified: Program
  readonly show: () => string
}

/** What the language itself refuses, with its reason. */
export interface Refused {
  readonly subject: string
  readonly kind: Kind
  readonly why: string
}

export const isRefused = (u: Use | Refused): u is Refused => "why" in u

const first = (active: Mask, fn: Fn): Mask => fn.inputs.map((_, i) => active[i] ?? false)

const useOf = ({ name: subject, solves }: Subject, kind: Kind, make: () => { readonly fn: Fn; readonly x: Values }): Use | Refused => {
  try {
    const { fn, x } = make()
    const { graph, captured } = closeBody("evidence", fn.inputs, fn.apply)
    const inputs = [...captured.map((t) => constantData(t) as Float64Array), ...x]
    return {
      subject,
      kind,
      solves,
      plain: { graph, inputs },
      simplified: { graph: simplifyGraph(graph), inputs },
      show: () => `${printGraph(graph)}\nat ${inputs.map((a) => `[${a.join(", ")}]`).join(", ")}`,
    }
  } catch (e) {
    if (e instanceof TraceError) return { subject, kind, why: e.message }
    throw e
  }
}

const usesAt =
  (subject: Subject) =>
  (d: Draw): readonly (Use | Refused)[] => {
    const { draw, forwardOnly } = subject
    const { fn, domains, x } = draw(d)
    const active = fn.inputs.map((t) => t.elem === "float")
    const outs = floatOutputs(fn)
    const size = d.int(2, 3)
    const drawnRows = fn.inputs.map(() => d.bool())
    const batched = drawnRows.some(Boolean) ? drawnRows : fn.inputs.map(() => true)
    const rows = fn.inputs.map((t, i) => d.values(batched[i] ? rowType(t, size) : t, domains[i] as Domain))
    const [v, w] = [activeTypes(fn, active).map(d.direction), activeTypes(fn, active).map(d.direction)]
    const u = outs.map(d.direction)
    const rowsOfU = outs.map((t) => d.direction(rowType(t, size)))
    const gradient = () => pullback(fn, active)
    const tangent = () => pushforward(fn, active)
    const value = useOf(subject, "value", () => ({ fn, x }))
    // without inputs there are no rows, and of whole numbers, truth values and keys no derivatives
    const inRows = fn.inputs.length === 0 ? [] : [useOf(subject, "vmap", () => ({ fn: vectorised(fn, batched, size), x: rows }))]
    if (v.length === 0 || u.length === 0) return [value, ...inRows]
    const derivatives = [
      useOf(subject, "vjp", () => ({ fn: gradient(), x: [...x, ...u] })),
      useOf(subject, "second order", () => {
        const one = forwardOnly ? tangent() : gradient()
        return { fn: pushforward(one, first(active, one)), x: [...x, ...(forwardOnly ? v : u), ...w] }
      }),
      useOf(subject, "vmap of vjp", () => {
        const one = forwardOnly ? tangent() : gradient()
        const types = forwardOnly ? activeTypes(fn, active) : outs
        const mask = [...batched, ...types.map(() => !forwardOnly)]
        return { fn: vectorised(one, mask, size), x: [...rows, ...(forwardOnly ? v : rowsOfU)] }
      }),
    ]
    return [value, ...inRows, ...derivatives]
  }

/** `count` points of a subject, each with its programs. */
export const usesOf = (subject: Subject, count: number, seed: number): readonly (Use | Refused)[] =>
  fc.sample(drawn(usesAt(subject)), { numRuns: count, seed }).flat()

/** Programs with `stopGradient` taken out of them: a stop is no wrong rule, but where it stands by mistake it is what is wrong. */
import { type AnyTensor, apply, bodyOf, closeBody, type Equation, type Graph, inputTypes, mapBodies, walk } from "../../core/index.js"
import { customName } from "../../ops/index.js"
import type { Fn } from "../run.js"

type Leaves = readonly AnyTensor[]
type Choose = (stop: Equation) => boolean

/** Bodies without the stops that `choose` names; those in a user's own rule are the user's. */
const stripped = (e: Equation, choose: Choose): unknown =>
  customName(e) !== null ? e.params : mapBodies(e.params, (body) => bodyOf("laws", inputTypes(body), (args) => strip(body, args, choose)))

const strip = (graph: Graph, inputs: Leaves, choose: Choose): Leaves =>
  walk<AnyTensor>(graph, inputs, (e, ins) => (e.op.name === "stopGradient" && choose(e) ? ins : apply(e.op, stripped(e, choose), ins)))

/** `fn` without the stops that `choose` names. */
export const withoutStops = (fn: Fn, choose: Choose = () => true): Fn => ({
  inputs: fn.inputs,
  apply: (args) => {
    const { graph, captured } = closeBody("laws", fn.inputs, fn.apply)
    return strip(graph, [...captured, ...args], choose)
  },
})

/** The stops of a program, in the order in which `withoutStops` meets them. */
export const stopsOf = (fn: Fn): readonly Equation[] => {
  const all: Equation[] = []
  const seen = withoutStops(fn, (stop) => {
    all.push(stop)
    return false
  })
  closeBody("laws", seen.inputs, seen.apply)
  return all
}

/** A wrong rule in words. */
import { physicalShape, showType, type TensorType } from "../../core/index.js"
import { customName } from "../../ops/index.js"
import { showData } from "../numbers.js"
import type { Fault, RuleName } from "./fault.js"
import type { Site } from "./sites.js"

/** The first equation of a program, in the order of execution, whose own rule is wrong. */
export interface Culprit {
  /** Its op; the function's name where the rule is a user's own (`customJvp`, `customVjp`). */
  readonly op: string
  /** `stop` where no rule is wrong but a `stopGradient` stands where the value is needed. */
  readonly rule: RuleName | "stop"
  readonly types: string
  /** The user's line that made it, `file:line:column`. */
  readonly at: string | null
  /** Equations in whose bodies it stands, from the outermost. */
  readonly inside: readonly string[]
  /** By how much. */
  readonly why: string
}

export const typesOf = ({ inputs, outputs }: Pick<Site, "inputs" | "outputs">): string => {
  const list = (types: readonly TensorType[]) => types.map(showType).join(", ")
  return `(${list(inputs)}) -> ${list(outputs)}`
}

/** `tanh float[3] -> float[3] at script.ts:3:7` */
export const placeOf = ({ equation, line }: Pick<Site, "equation" | "line">): string => {
  const at = line?.at ?? null
  return `${equation.op.name}${at === null ? "" : ` at ${at}`}`
}

export const culpritOf = ({ rule, site, why }: Fault): Culprit => ({
  op: customName(site.equation) ?? site.equation.op.name,
  rule,
  types: typesOf(site),
  at: site.line?.at ?? null,
  inside: site.inside,
  why,
})

const ruleOf = ({ rule, site, derivativeOf }: Fault): string => {
  const { name } = site.equation.op
  const custom = customName(site.equation)
  if (custom !== null && rule !== "batch" && rule !== "lower") return `the ${name} rule of ${custom}`
  const owner = derivativeOf?.equation.op.name
  return `the ${rule} rule of ${custom ?? name}${owner === undefined || owner === name ? "" : `, in the derivative of ${owner},`}`
}

/** What the message of a law says of the culprit. */
export const toldFault = (fault: Fault): string => {
  const { site, why } = fault
  const { at, types, inside } = culpritOf(fault)
  const point = site.points[0]
  return [
    `${ruleOf(fault)} is wrong: ${types}`,
    ...(at === null ? [] : [`at ${at}`]),
    ...(inside.length === 0 ? [] : [`in ${[...inside].reverse().join(", in ")}`]),
    why,
    ...site.inputs.map((t, i) => `operand ${i + 1}: ${showType(t)} ${showData(point?.inputs[i] as Float64Array, physicalShape(t))}`),
  ].join("\n")
}

/** A nest as the source of one gpu.js kernel with a flat output. */
import type { Nest } from "../../../compile/nest.js"
import { argumentName, createExpressions, indicatorForms, specialName } from "./expressions.js"
import { type Ir, reachable } from "./ir.js"
import { lowerNest, type Operand } from "./lower-nest.js"
import { createSource } from "./source.js"
import type { SourceTraits } from "./traits.js"

export interface KernelSource {
  /** `function (in0, ..., s0, ...) { ... }`, in the dialect that every mode translates rightly. */
  readonly text: string
  /** For each array argument, which input of the nest it is. */
  readonly arrays: readonly number[]
  /** Values of the number arguments that follow the arrays. */
  readonly numbers: readonly number[]
  readonly statements: number
}

const usedArgs = (ir: Ir): readonly number[] => {
  const used = new Set<number>()
  for (const id of reachable(ir, [ir.body, ir.epilogue], indicatorForms(ir))) {
    const node = ir.nodes[id]
    if (node?.t === "load") used.add(node.arg)
  }
  return [...used].sort((a, b) => a - b)
}

export const kernelSource = (nest: Nest, operands: readonly Operand[], traits: SourceTraits): KernelSource => {
  const ir = lowerNest(nest, operands)
  const args = usedArgs(ir)
  const loops = ir.body === null ? 0 : ir.extent.length
  const source = createSource(loops)
  const expressions = createExpressions(ir, source, traits, (arg) => args.indexOf(arg))

  expressions.emit(reachable(ir, [ir.body], indicatorForms(ir)))
  let start = ""
  let result = "acc"
  if (ir.combine === null) {
    result = ir.body === null ? "0.0" : expressions.name(ir.body)
  } else {
    start = `let acc = ${ir.combine === "sum" ? "0.0" : expressions.special(Number.NEGATIVE_INFINITY)};`
    if (ir.body !== null) {
      let term = expressions.name(ir.body)
      if (ir.indicator !== null) {
        const { indices } = expressions
        term = source.define(loops, `${indices.print(ir.indicator.axis)} === ${indices.print(ir.indicator.equals)} ? ${term} : 0.0`)
      }
      source.add(loops, ir.combine === "sum" ? `acc = acc + ${term};` : `acc = ${expressions.maximum("acc", term)};`)
    }
    source.finish()
    if (ir.epilogue !== null) {
      expressions.emit(reachable(ir, [ir.epilogue]))
      result = expressions.name(ir.epilogue)
    }
  }
  const numbers = expressions.specials()
  const parameters = [...args.map((_, k) => argumentName(k)), ...numbers.map((_, k) => specialName(k))]
  return {
    text: `function (${parameters.join(", ")}) {\n${source.text(ir.extent, start)}\nreturn ${result};\n}`,
    arrays: args.map((arg) => ir.args[arg] ?? 0),
    numbers,
    statements: source.statements(),
  }
}

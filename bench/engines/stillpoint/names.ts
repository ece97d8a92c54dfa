/** Tensors by their names in a workload, and the parameters of layers among them. */
import type { Tensor, Unchecked } from "../../../src/index.js"

export type Named = Readonly<Record<string, Tensor>>
/** Class numbers. */
export type Classes = Tensor<Unchecked, "int">

export const at = (tensors: Named, name: string): Tensor => {
  const found = tensors[name]
  if (found === undefined) throw new Error(`there is no tensor ${name}`)
  return found
}

/** A tensor that the workload fills with classes. */
export const classesAt = (tensors: Named, name: string): Classes => at(tensors, name) as Tensor<Unchecked, never> as Classes

export const affine = (p: Named, name: string) => ({ w: at(p, `${name}.w`), b: at(p, `${name}.b`) })
export const linear = (p: Named, name: string) => ({ w: at(p, `${name}.w`), b: null })
export const norm = (p: Named, name: string) => ({ scale: at(p, `${name}.g`), shift: at(p, `${name}.b`) })
export const gates = (p: Named, prefix: string) => ({
  w: at(p, `${prefix}ih.w`),
  u: at(p, `${prefix}hh.w`),
  b: at(p, `${prefix}ih.b`),
  c: at(p, `${prefix}hh.b`),
})

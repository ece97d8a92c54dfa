/** What a variable of a graph stands for while it is converted: a tensor of the ONNX graph, or numbers known at export. */
import { physicalShape, sameShape, sizeOf, type TensorType } from "../../core/index.js"
import { type Builder, type Kind, known, type Value } from "./builder.js"
import type { Operand } from "./loads.js"
import { full } from "./values.js"

/** Numbers that depend on no input, with axes of size 1 where they only repeat. */
export interface KnownEntry {
  readonly t: "known"
  readonly kind: Kind
  readonly shape: readonly number[]
  readonly compact: readonly number[]
  readonly data: Float64Array
}

export type Entry = KnownEntry | ({ readonly t: "value" } & Operand)

/** The kind that an element kind has in ONNX: keys are their limbs. */
export const kindOf = ({ elem }: TensorType): Kind => (elem === "float" ? "float" : elem === "bool" ? "bool" : "int")

export const valueEntry = (value: Value, type: TensorType): Entry => ({ t: "value", value, shape: physicalShape(type) })

export const knownEntry = (data: Float64Array, type: TensorType): KnownEntry => {
  const shape = physicalShape(type)
  return { t: "known", kind: kindOf(type), shape, compact: shape, data }
}

/** Numbers laid along axes of a larger shape, which repeats them: nothing is copied. */
export const broadcastKnown = (entry: KnownEntry, type: TensorType, dims: readonly number[]): KnownEntry => {
  const shape = physicalShape(type)
  const along = entry.shape.length > dims.length ? [...dims, shape.length - 1] : dims
  return { ...entry, shape, compact: shape.map((_, axis) => (along.includes(axis) ? (entry.compact[along.indexOf(axis)] as number) : 1)) }
}

/** All the numbers, repetition written out. */
export const numbersOf = ({ shape, compact, data }: KnownEntry): Float64Array => {
  if (sameShape(shape, compact)) return data
  const out = new Float64Array(sizeOf(shape))
  let step = 1
  const steps = compact.map(() => 0)
  for (let i = compact.length - 1; i >= 0; i--) {
    steps[i] = compact[i] === 1 ? 0 : step
    step *= compact[i] as number
  }
  const at = shape.map(() => 0)
  let from = 0
  for (let n = 0; n < out.length; n++) {
    out[n] = data[from] as number
    for (let i = shape.length - 1; i >= 0; i--) {
      const next = (at[i] as number) + 1
      from += steps[i] as number
      if (next < (shape[i] as number)) {
        at[i] = next
        break
      }
      from -= next * (steps[i] as number)
      at[i] = 0
    }
  }
  return out
}

/** As an operand of nodes: known numbers become a constant of the file. */
export const operandOf = (b: Builder, entry: Entry): Operand =>
  entry.t === "value" ? entry : { value: known(b, entry.kind, entry.compact, entry.data), shape: entry.shape }

/** As a value with all its axes at full size. */
export const fullValue = (b: Builder, entry: Entry): Value => {
  const { value, shape } = operandOf(b, entry)
  return full(b, value, shape)
}

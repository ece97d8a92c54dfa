/** Arguments of a compiled program: trees of leaves, numbers and handles, and what they are specialised to. */
import { TraceError } from "../errors.js"
import { applyOf, constantData, isPlaceholder, isTensor } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { type Flat, flattenWith, type Structure, sameStructure, showStructure } from "../tensor/tree.js"
import { sameType, showType, type TensorType } from "../tensor/types.js"
import { Resident } from "./handle.js"

/** A value to be uploaded for the call, or one that is on the device. */
export type Leaf = Resident | { readonly type: TensorType; readonly data: Float64Array }

const SCALAR: TensorType = { elem: "float", shape: [] }

const notALeaf = (what: string, t: AnyTensor): never => {
  const a = applyOf(t)
  throw new TraceError(
    isPlaceholder(a)
      ? `${what}: called with an argument of ${a.params.owner}, while that is being traced. Compiled programs take values: call the function itself inside the language, and compile the outermost one`
      : `${what}: called with ${showType(t.type)}, an expression (${a.op.name}) that has no value. Inside the language call the function itself; outside, evaluate(...) the expression first`,
  )
}

/** @throws TraceError for an expression: a program is no part of the language. */
export const flattenArgs = (what: string, args: unknown): Flat<Leaf> =>
  flattenWith<Leaf>(what, args, (x) => {
    if (x instanceof Resident) return x
    if (typeof x === "number") return { type: SCALAR, data: Float64Array.of(x) }
    return isTensor(x) ? { type: x.type, data: constantData(x) ?? notALeaf(what, x) } : null
  })

/** What programs are cached by: structure and types, never content. */
export const signature = (structure: Structure, types: readonly TensorType[]): string =>
  `${showStructure(structure)} ${types.map(showType).join(" ")}`

/** Whether arguments have the signature of a call before. By its parts, since most calls are like the last one and texts take longer to make. */
export const alike = (
  before: { readonly structure: Structure; readonly types: readonly TensorType[] },
  structure: Structure,
  leaves: readonly Leaf[],
): boolean =>
  leaves.length === before.types.length &&
  before.types.every((type, i) => sameType(type, (leaves[i] as Leaf).type)) &&
  sameStructure(before.structure, structure)

/** `argument 2.w[0]`, from a path in the list of arguments. */
export const argumentName = (path: string): string => path.replace(/^\[(\d+)\]/, (_, i: string) => `argument ${Number(i) + 1}`)

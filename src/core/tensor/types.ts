/** Element kinds and types of tensors at run time. */

/** Kinds of elements. Precision belongs to the target, not to the program. */
export type Elem = "float" | "int" | "bool" | "key"

/** What is known of a tensor before it is computed. */
export interface TensorType {
  readonly elem: Elem
  readonly shape: readonly number[]
}

/** Number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => {
  let n = 1
  for (const d of shape) n *= d
  return n
}

/** `float[8, 64]` */
export const showType = (type: TensorType): string => `${type.elem}[${type.shape.join(", ")}]`

/** Whether two shapes have equal sizes in equal places. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((d, i) => d === b[i])

/** Whether two types have one kind of elements and one shape. */
export const sameType = (a: TensorType, b: TensorType): boolean => a.elem === b.elem && sameShape(a.shape, b.shape)

/** A key is stored as four 16-bit limbs on a last axis. */
export const physicalShape = (type: TensorType): readonly number[] => (type.elem === "key" ? [...type.shape, 4] : type.shape)

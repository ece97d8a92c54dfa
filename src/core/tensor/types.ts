/** Element kinds and types of tensors at run time. */

/** Kinds of elements. Precision belongs to the target, not to the program. */
export type Elem = "float" | "int" | "bool" | "key"

/** What is known of a tensor before it is computed. */
export interface TensorType {
  readonly elem: Elem
  readonly shape: readonly number[]
}

/**
 * Number of elements of a shape.
 *
 * @example
 * sizeOf([2, 3]) // 6
 * sizeOf([]) // 1
 */
export const sizeOf = (shape: readonly number[]): number => {
  let n = 1
  for (const d of shape) n *= d
  return n
}

/**
 * A type as messages show it.
 *
 * @example
 * showType({ elem: "float", shape: [8, 64] }) // "float[8, 64]"
 */
export const showType = (type: TensorType): string => `${type.elem}[${type.shape.join(", ")}]`

/**
 * Whether two shapes have equal sizes in equal places.
 *
 * @example
 * sameShape([2, 1], [2]) // false
 */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean => a.length === b.length && a.every((d, i) => d === b[i])

/**
 * Whether two types have one kind of elements and one shape.
 *
 * @example
 * sameType(tensor([1, 2]).type, { elem: "float", shape: [2] }) // true
 */
export const sameType = (a: TensorType, b: TensorType): boolean => a.elem === b.elem && sameShape(a.shape, b.shape)

/**
 * The shape of a type's storage, that of the type but for keys: a key is stored as four 16-bit limbs on a last axis.
 *
 * @example
 * physicalShape({ elem: "key", shape: [3] }) // [3, 4]
 */
export const physicalShape = (type: TensorType): readonly number[] => (type.elem === "key" ? [...type.shape, 4] : type.shape)

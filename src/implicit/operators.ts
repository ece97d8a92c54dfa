/**
 * Linear operators with what is known of them. A structure is the caller's word: a solver that relies on it is cheaper, and the true
 * residual at the end decides, so that a false word ends as a status and never as a wrong number.
 *
 * A structure says nothing of the derivative, which is that of the function as it is written: the cotangent of a matrix m that a
 * symmetric operator applies as it stands is -b-bar x'. Apply (m + m') / 2, and the chain rule makes it symmetric.
 */
import type { Structure } from "./spec/index.js"

/** A linear map that is said to have a structure. */
export type Operator<X, S extends Structure> = ((x: X) => X) & { readonly structure: S }

const tagged = <X, const S extends Structure>(f: (x: X) => X, structure: S): Operator<X, S> => Object.assign((x: X) => f(x), { structure })

/**
 * An operator that is its own transpose.
 *
 * @example
 * symmetric((x: Tensor<[1, 3]>) => matmul(x, add(m, transpose(m))))
 */
export const symmetric = <X>(f: (x: X) => NoInfer<X>): Operator<X, "symmetric"> => tagged(f, "symmetric")
/**
 * A symmetric operator with <x, M x> > 0 for every x but 0.
 *
 * @example
 * positiveDefinite((x: Tensor<[1, 3]>) => add(matmul(matmul(x, m), transpose(m)), x))
 */
export const positiveDefinite = <X>(f: (x: X) => NoInfer<X>): Operator<X, "positiveDefinite"> => tagged(f, "positiveDefinite")
/**
 * An operator whose i-th output depends on inputs up to the i-th.
 *
 * @example
 * lowerTriangular((x: Tensor<[3, 1]>) => matmul(tril(m), x))
 */
export const lowerTriangular = <X>(f: (x: X) => NoInfer<X>): Operator<X, "lowerTriangular"> => tagged(f, "lowerTriangular")
/**
 * An operator whose i-th output depends on inputs from the i-th on.
 *
 * @example
 * upperTriangular((x: Tensor<[3, 1]>) => matmul(triu(m), x))
 */
export const upperTriangular = <X>(f: (x: X) => NoInfer<X>): Operator<X, "upperTriangular"> => tagged(f, "upperTriangular")
/**
 * An operator whose i-th output depends on the i-th input alone.
 *
 * @example
 * diagonalOperator((x: Tensor<[3]>) => mul(d, x))
 */
export const diagonalOperator = <X>(f: (x: X) => NoInfer<X>): Operator<X, "diagonal"> => tagged(f, "diagonal")

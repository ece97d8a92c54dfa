/** Dense linear algebra. Matrices are the last two axes; all else are leading axes, matrix by matrix. */
export { cholesky, choleskySolve } from "./cholesky.js"
export { det, logdet, type SignAndLog, slogdet } from "./determinant.js"
export { type Eigh, eigh } from "./eigh.js"
export { type Lu, lu } from "./lu.js"
export { matrixPower } from "./matrix-power.js"
export { lstsq, type Qr, qr } from "./qr.js"
export { inv, solve } from "./solve.js"
export { type TriangularOptions, triangularSolve } from "./triangular-solve.js"

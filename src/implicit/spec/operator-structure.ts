/** What is known of a linear operator beside its products. */

/**
 * Structure as data. `general` says nothing. Triangles and diagonals are those of the matrix over all leaves of a tree together, in
 * their order, each leaf row after row.
 */
export type Structure = "general" | "symmetric" | "positiveDefinite" | "lowerTriangular" | "upperTriangular" | "diagonal"

/** The structure of the transposed operator. */
export const transposedStructure = (structure: Structure): Structure =>
  structure === "lowerTriangular" ? "upperTriangular" : structure === "upperTriangular" ? "lowerTriangular" : structure

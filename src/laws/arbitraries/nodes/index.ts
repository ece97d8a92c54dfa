/** The nodes of random programs. */
import { axisKinds } from "./axes.js"
import { basicKinds } from "./basic.js"
import { indexingKinds } from "./indexing.js"
import { matrixKinds } from "./matrices.js"
import type { NodeKind } from "./node.js"
import { pointwiseKinds } from "./pointwise.js"
import { productKinds } from "./products.js"
import { solveKinds } from "./solves.js"

export { anyNode, build } from "./body.js"
export {
  type Language,
  type Node,
  type NodeChoices,
  type NodeKind,
  type Params,
  plain,
  type Scope,
  type Transform,
  type Unary,
} from "./node.js"
export { holderKinds, transformKinds, transformNames } from "./transforms.js"

/** Kinds by name. */
export const nodeKinds: Readonly<Record<string, NodeKind>> = {
  ...basicKinds,
  ...pointwiseKinds,
  ...axisKinds,
  ...indexingKinds,
  ...productKinds,
  ...matrixKinds,
  ...solveKinds,
}

/** Kinds with kinks: left out unless they are asked for. */
export const kinked: readonly string[] = ["relu", "max"]

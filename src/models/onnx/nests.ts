/** Nests of index notation as nodes: a value at every point, or a reduction of one. A sum of products is a product of matrices. */
import { type Nest, type Reduction, type Scalar, sizeOf } from "../../core/index.js"
import { type Builder, type Kind, scalar, type Value } from "./builder.js"
import { asValue, indexOf } from "./indices.js"
import type { Operand } from "./loads.js"
import { matrixProduct } from "./products.js"
import { type Evaluated, evaluating } from "./scalars.js"
import { cast, chosen, full, pointwiseNode, reducedLast } from "./values.js"

/** What a nest is applied to. */
interface Nesting {
  readonly b: Builder
  readonly operands: readonly Operand[]
  /** The kind of what comes out. */
  readonly kind: Kind
}

/** The value of a nest, one axis an axis of its domain. */
export const nestValue = ({ b, operands, kind }: Nesting, { domain, reduce, body, epilogue }: Nest): Value => {
  if (reduce === null) return evaluating({ b, sizes: domain, operands, acc: null }).as(body, kind)
  const acc = reduced({ b, operands, kind }, domain, reduce, body)
  return epilogue === null ? cast(b, acc, kind) : evaluating({ b, sizes: domain, operands, acc }).as(epilogue, kind)
}

const reduced = ({ b, operands, kind }: Nesting, domain: readonly number[], reduce: Reduction, body: Scalar): Value => {
  const { combine, extent, indicator } = reduce
  const rank = domain.length
  const number: Kind = kind === "int" ? "int" : "float"
  if (sizeOf(extent) === 0) return scalar(b, number, combine === "sum" ? 0 : Number.NEGATIVE_INFINITY, rank)
  const scope = evaluating({ b, sizes: [...domain, ...extent], operands, acc: null })
  if (combine === "sum" && indicator === undefined && number === "float" && body.t === "binary" && body.fn === "mul")
    return matrixProduct(b, scope.as(body.a, "float"), scope.as(body.b, "float"), rank, extent)
  const value = scope.as(body, number)
  const counted = indicator === undefined ? value : where(b, scope, indicator, value)
  const spread = full(b, counted, [...counted.shape.slice(0, rank), ...extent])
  if (combine === "sum") return reducedLast(b, "ReduceSum", spread, rank)
  return number === "float" ? largest(b, spread, rank) : reducedLast(b, "ReduceMax", spread, rank)
}

/** The summand where it counts, else 0. */
const where = (b: Builder, scope: Evaluated, { axis, equals }: NonNullable<Reduction["indicator"]>, value: Value): Value => {
  const [place, own] = [indexOf(scope, equals), indexOf(scope, { t: "var", axis })]
  const counts = pointwiseNode(b, "Equal", [asValue(b, place), asValue(b, own)], "bool")
  return chosen(b, counts, value, scalar(b, value.kind, 0))
}

/** The largest element, NaN where there is one: what `ReduceMax` makes of NaN no standard says. */
const largest = (b: Builder, v: Value, kept: number): Value => {
  const most = reducedLast(b, "ReduceMax", v, kept)
  if (most === v || v.shape.slice(kept).every((d) => d === 1)) return most
  const odd = pointwiseNode(b, "IsNaN", [v], "bool")
  const some = cast(b, reducedLast(b, "ReduceMax", cast(b, odd, "float"), kept), "bool")
  return chosen(b, some, scalar(b, "float", Number.NaN), most)
}

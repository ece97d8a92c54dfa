/**
 * The DAG: an application of an op to tensors. No tape, no trace stack, no mutation; tracing a function is calling it on
 * fresh placeholders and reading what comes back. Serial numbers order applications by creation, which is a topological
 * order, and tell what was made while a callback ran.
 */
import { TraceError } from "../errors.js"
import { type Line, lineNow } from "../location.js"
import { type AnyOp, beforeFirstUse, type Many, type Op } from "../op.js"
import { checkExample } from "../op-example.js"
import type { AnyTensor, Tensor, Unchecked } from "./shape-types.js"
import { type Elem, showType, type TensorType } from "./types.js"

export interface Apply {
  readonly op: AnyOp
  readonly params: unknown
  readonly inputs: readonly AnyTensor[]
  readonly serial: number
  /** One tensor an output. */
  readonly outputs: readonly AnyTensor[]
  /** Where in the user's code it was made, kept while lines are on. */
  readonly line: Line | null
}

/** What a tensor is inside the library; the public type hides it. */
class Expression {
  constructor(
    readonly apply: Apply,
    readonly index: number,
    readonly type: TensorType,
  ) {}
  get shape(): readonly number[] {
    return this.type.shape
  }
  toString(): string {
    return `Tensor ${showType(this.type)} = ${this.apply.op.name}`
  }
}

let serial = 0

/** The number the next application will get. */
export const nextSerial = (): number => serial

const node = (op: AnyOp, params: unknown, inputs: readonly AnyTensor[], types: readonly TensorType[]): readonly AnyTensor[] => {
  const outputs: AnyTensor[] = []
  const apply: Apply = { op, params, inputs, serial: serial++, outputs, line: lineNow() }
  // The phantom fields of Tensor exist only in the types.
  for (const type of types) outputs.push(new Expression(apply, outputs.length, type) as unknown as AnyTensor)
  return outputs
}

const checked = (op: AnyOp): void => checkExample(op, { leaf: (t) => placeholder(t, `the example of ${op.name}`), apply, applyOf })

/**
 * Applies an op: the only way in which tensors are made. One tensor an output; nothing is computed yet.
 *
 * @throws TraceError of the op's type rule, when the inputs are not what it takes
 *
 * @example
 * const [y] = apply(addOp, null, [tensor(1), tensor(2)])
 * evaluate(y) // right(3)
 */
export function apply<P, N extends number, M extends number>(op: Op<P, N, M>, params: P, inputs: Many<AnyTensor, N>): Many<AnyTensor, M>
export function apply(op: AnyOp, params: unknown, inputs: readonly AnyTensor[]): readonly AnyTensor[] {
  beforeFirstUse(op, checked)
  return node(
    op,
    params,
    inputs,
    op.type(
      params,
      inputs.map((t) => t.type),
    ),
  )
}

/**
 * `apply` for ops with one output.
 *
 * @example
 * evaluate(apply1(addOp, null, [tensor(1), tensor(2)])) // right(3)
 */
export const apply1 = <P, N extends number, M extends number>(op: Op<P, N, M>, params: P, inputs: Many<AnyTensor, N>): AnyTensor =>
  apply(op, params, inputs)[0] as AnyTensor

/**
 * Whether a value is a tensor of this language.
 *
 * @example
 * isTensor(tensor(2)) // true
 * isTensor(2) // false
 */
export const isTensor = (x: unknown): x is AnyTensor => x instanceof Expression

/**
 * The application behind a tensor: every tensor is an Expression, which the public type hides.
 *
 * @example
 * applyOf(add(tensor(1), tensor(2))).op.name // "add"
 */
export const applyOf = (t: AnyTensor): Apply => (t as unknown as Expression).apply
/**
 * Which of its application's outputs a tensor is; the public type hides it.
 *
 * @example
 * indexOf(tensor(1)) // 0
 */
export const indexOf = (t: AnyTensor): number => (t as unknown as Expression).index

const never = (what: string) => (): never => {
  throw new TraceError(`${what} is a leaf and has no such rule`)
}

const leafOp = <P>(name: string, type: (params: P) => TensorType): Op<P> => ({
  name,
  type: (params) => [type(params)],
  jvp: never(name),
  batch: never(name),
  lower: never(name),
  example: never(name),
  cheap: true,
})

interface PlaceholderParams {
  readonly type: TensorType
  /** The function whose argument it stands for. */
  readonly owner: string
}

const placeholderOp = leafOp<PlaceholderParams>("placeholder", (p) => p.type)

/** Elements of a leaf, one number each (keys: four 16-bit limbs). Never changed after it was made. */
export interface ConstantParams {
  readonly type: TensorType
  readonly data: Float64Array
}

const constantOp = leafOp<ConstantParams>("constant", (p) => p.type)

/**
 * A stand-in for an argument of the function named `owner`.
 *
 * @example
 * showType(placeholder({ elem: "float", shape: [2] }, "f").type) // "float[2]"
 */
export const placeholder = (type: TensorType, owner: string): AnyTensor => node(placeholderOp, { type, owner }, [], [type])[0] as AnyTensor

/**
 * A leaf that owns its data: row-major, and never changed afterwards. Its length is not checked; `tensor` does that.
 *
 * @example
 * evaluate(constant({ elem: "float", shape: [2] }, Float64Array.of(1, 2))) // right([1, 2])
 */
export const constant = <E extends Elem>(type: TensorType & { readonly elem: E }, data: Float64Array): Tensor<Unchecked, E> =>
  node(constantOp, { type, data }, [], [type])[0] as Tensor<Unchecked, E>

/**
 * Whether an application stands for an argument of a function that is being traced.
 *
 * @example
 * isPlaceholder(applyOf(placeholder({ elem: "float", shape: [] }, "f"))) // true
 */
export const isPlaceholder = (a: Apply): a is Apply & { readonly params: PlaceholderParams } => a.op === placeholderOp
/** Whether an application is a leaf with data. */
export const isConstant = (a: Apply): a is Apply & { readonly params: ConstantParams } => a.op === constantOp

/**
 * The data of a leaf, or null for an expression that has yet to be evaluated.
 *
 * @example
 * constantData(tensor([1, 2])) // [1, 2]
 * constantData(add(tensor(1), tensor(2))) // null
 */
export const constantData = (t: AnyTensor): Float64Array | null => {
  const a = applyOf(t)
  return isConstant(a) ? a.params.data : null
}

/** cast and stopGradient: the same numbers with another standing. */
import {
  type AnyTensor,
  apply1,
  axes,
  binary,
  defineOp,
  type Elem,
  lit,
  load,
  type Op,
  physicalShape,
  pointwise,
  type Scalar,
  type Shape,
  type Tensor,
  type TensorType,
  TraceError,
  unary,
} from "../core/index.js"

interface CastParams {
  readonly to: Elem
}

const castScalar = (from: Elem, to: Elem, x: Scalar): Scalar => {
  if (to === "bool") return unary("not", binary("equal", x, lit(0)))
  if (to === "int" && from === "float")
    // towards zero, as C and NumPy do
    return { t: "select", c: binary("less", x, lit(0)), a: unary("neg", unary("floor", unary("neg", x))), b: unary("floor", x) }
  return x
}

export const castOp: Op<CastParams> = defineOp<CastParams>({
  name: "cast",
  type: ({ to }, [x]) => {
    const t = x as TensorType
    if (t.elem === "key" || to === "key") throw new TraceError("cast: keys are no numbers; make one with key(seed)")
    return [{ elem: to, shape: t.shape }]
  },
  // Whole numbers and truth values have no tangents.
  jvp: () => [null],
  batch: (params, [x]) => ({ outputs: [apply1(castOp, params, [x as AnyTensor])], batched: [true] }),
  simplify: ({ to }, [x]) => ((x as AnyTensor).type.elem === to ? [x as AnyTensor] : null),
  lower: ({ to }, [x], [out]) => ({
    t: "index",
    nests: [pointwise((out as TensorType).shape, castScalar((x as TensorType).elem, to, load(0, axes((x as TensorType).shape.length))))],
  }),
  cheap: true,
  example: (choose) => ({
    params: { to: (["int", "bool"] as const)[choose.int(0, 1)] as Elem },
    inputs: [{ elem: "float", shape: choose.shape(2) }],
    domains: [{ t: "awayFromZero" }],
  }),
})

/**
 * The same numbers as another element kind: to `int` towards zero, to `bool` whether not 0 (NaN is true). Tangents end here.
 *
 * @example
 * evaluate(cast(tensor([true, false]), "float")) // right([1, 0])
 */
export const cast = <S extends Shape, E extends Elem>(x: Tensor<S, Elem>, to: E): Tensor<S, E> =>
  (x.type.elem === to ? x : apply1(castOp, { to }, [x])) as Tensor<S, E>

export const stopGradientOp: Op<null> = defineOp<null>({
  name: "stopGradient",
  type: (_params, [x]) => [x as TensorType],
  jvp: () => [null],
  constant: () => true,
  batch: (_params, [x]) => ({ outputs: [apply1(stopGradientOp, null, [x as AnyTensor])], batched: [true] }),
  // Run by the compiler's simplifier only, when the last transform is done.
  simplify: (_params, [x]) => [x as AnyTensor],
  lower: (_params, [x]) => {
    const domain = physicalShape(x as TensorType)
    return { t: "index", nests: [pointwise(domain, load(0, axes(domain.length)))] }
  },
  cheap: true,
  example: (choose) => ({ params: null, inputs: [{ elem: "float", shape: choose.shape(2) }], domains: [{ t: "real" }] }),
})

/**
 * The identity whose derivative is zero: what comes out is a constant to every transform.
 *
 * @example
 * evaluate(grad((x: Tensor<[]>) => mul(stopGradient(x), x))(tensor(3))) // right(3)
 */
export const stopGradient = <S extends Shape, E extends Elem = "float">(x: Tensor<S, E>): Tensor<S, E> =>
  apply1(stopGradientOp, null, [x]) as Tensor<S, E>

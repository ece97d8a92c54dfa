/** Layers beside each other: all on one input, or each on its own. */
import type { Tensor } from "../../core/index.js"
import { foldIn, type Key } from "../../ops/index.js"
import { type Codec, eitherOf, recordOf } from "../schema/index.js"
import { dense } from "./dense.js"
import { applyPart, type Context, type Layer, type Params, type Spec, type UncheckedLayer } from "./layer.js"
import { defineLayer, float, type LayerSpec, layerCodec, layerListCodec, layerOf } from "./registry.js"

/** Any layer, as part of another. */
interface Part {
  readonly spec: Spec
  readonly init: (key: Key) => unknown
  readonly apply: (params: never, x: never, context: Context) => unknown
}

/** A list or a record. */
type Many<A> = readonly A[] | Readonly<Record<string, A>>

type ParamsOf<L> = { readonly [K in keyof L]: L[K] extends { readonly init: (key: Key) => infer P } ? P : never }
type OutputsOf<L> = { readonly [K in keyof L]: L[K] extends { readonly apply: (...args: never) => infer O } ? O : never }
type InputsOf<L> = { readonly [K in keyof L]: L[K] extends { readonly apply: (p: never, x: infer I, c: Context) => unknown } ? I : never }
/** What all the parts take. */
type SharedInput<L> = [L extends readonly unknown[] ? L[number] : L[keyof L]] extends [
  { readonly apply: (p: never, x: infer I, c: Context) => unknown },
]
  ? I
  : never

/** A function of each part with its place and its name; records are walked in the order of their names. */
const each = <A, B>(parts: Many<A>, f: (part: A, place: number, name: string) => B): Many<B> => {
  if (Array.isArray(parts)) return (parts as readonly A[]).map((part, i) => f(part, i, `${i}`))
  const record = parts as Readonly<Record<string, A>>
  return Object.fromEntries(
    Object.keys(record)
      .sort()
      .map((name, i) => [name, f(record[name] as A, i, name)] as const),
  )
}

/** The part of a tree that belongs to a layer; which type it has, the layer says. */
const at = (tree: unknown, name: string): never => (tree as Readonly<Record<string, never>>)[name] as never

/** Layers of a list or record, as data; the tag says what each takes. */
export interface SideBySideSpec<Tag extends string> {
  readonly _tag: Tag
  readonly of: Many<LayerSpec>
}

/** Layers side by side; `given(x, name)` is what the part of that name takes. */
const sideBySide = <Tag extends string, L extends Many<Part>, I>(
  tag: Tag,
  parts: L,
  given: (x: I, name: string) => unknown,
): Layer<ParamsOf<L>, I, OutputsOf<L>, SideBySideSpec<Tag>> => ({
  spec: { _tag: tag, of: each(parts, (l) => l.spec) },
  // trees like that of the layers, which the types say and `each` does not
  init: (key) => each(parts, (l, i) => l.init(foldIn(key, i))) as ParamsOf<L>,
  apply: (params, x, context) =>
    each(parts, (l, i, name) => applyPart(context, i, name, l as UncheckedLayer, at(params, name), given(x, name))) as OutputsOf<L>,
})

/** Layers of a list or record on one input, as data. */
export type ParallelSpec = SideBySideSpec<"parallel">
/** Layers of a list or record, each on the item in its own place, as data. */
export type AcrossSpec = SideBySideSpec<"across">

/**
 * Every layer of a list or record on the same input: a list or record of their outputs. Part i (of a record: in the order of names) has
 * the key `foldIn(key, i)`.
 *
 * @example
 * parallel({ mean: dense(64, 8), logSigma: dense(64, 8) }) // x -> { mean, logSigma }
 */
export const parallel = <const L extends Many<Part>>(parts: L): Layer<ParamsOf<L>, SharedInput<L>, OutputsOf<L>, ParallelSpec> =>
  sideBySide("parallel", parts, (x) => x)

/**
 * Each layer of a list or record on the item in its own place: [f, g] takes [x, y] to [f(x), g(y)].
 *
 * @example
 * seq(across([dense(64, 64), dense(8, 64)]), total, activation("tanh")) // tanh(z W + b + x V + c) of [z, x]
 */
export const across = <const L extends Many<Part>>(parts: L): Layer<ParamsOf<L>, InputsOf<L>, OutputsOf<L>, AcrossSpec> =>
  sideBySide("across", parts, at)

const manyCodec: Codec<Many<LayerSpec>> = eitherOf(
  "layers in a list or a record",
  recordOf(layerCodec, "a record of layers"),
  layerListCodec,
  Array.isArray,
)

const built = (of: Many<LayerSpec>) => each(of, (spec) => layerOf(spec) as Layer<Params, Tensor, Tensor>)

defineLayer({
  tag: "parallel",
  fields: { of: manyCodec },
  build: ({ of }) => parallel(built(of)),
  example: (choose) => {
    const inputs = choose.int(1, 3)
    const [f, g] = [dense(inputs, choose.int(1, 3)), dense(inputs, choose.int(1, 3), { activation: "tanh" })]
    return { layer: choose.bool() ? parallel([f, g]) : parallel({ f, g }), input: float(...choose.shape(1), inputs) }
  },
})

defineLayer({
  tag: "across",
  fields: { of: manyCodec },
  build: ({ of }) => across(built(of)),
  example: (choose) => {
    const [a, b] = [choose.int(1, 3), choose.int(1, 3)]
    const [f, g] = [dense(a, choose.int(1, 3)), dense(b, choose.int(1, 3))]
    return choose.bool()
      ? { layer: across([f, g]), input: [float(2, a), float(3, b)] }
      : { layer: across({ f, g }), input: { f: float(2, a), g: float(3, b) } }
  },
})

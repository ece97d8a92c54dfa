/**
 * The kinds of layers by their tags: what a description is read with, and what builds a layer from it. Kinds register when their file is
 * loaded, so bundlers have to keep files that register one: `sideEffects` in package.json names their folders.
 */
import * as E from "fp-ts/lib/Either.js"
import { pipe } from "fp-ts/lib/function.js"
import { type Choices, type TensorType, TraceError } from "../../core/index.js"
import { type DecodeError, decodeError } from "../failure.js"
import { type Codec, decodeAs, type Fields, listOf, nearest, type RecordOf, tagged, variant } from "../schema/index.js"
import type { AnyLayer, Spec, UncheckedLayer } from "./layer.js"

/** A description of any layer. What else it holds is what the codec of its tag says. */
export type LayerSpec = Spec

/** Types of an input: a tree as the layer takes it, a type in the place of each tensor. */
export type InputTypes = TensorType | null | { readonly [name: string]: InputTypes } | readonly InputTypes[]

/** A layer and what it takes. */
export interface LayerExample {
  readonly layer: UncheckedLayer
  readonly input: InputTypes
  /** Int inputs are drawn below this. Default 1. */
  readonly below?: number
}

/** A kind of layer as one record. */
export interface LayerKind<T extends string, F extends Fields> {
  /** `_tag` of its descriptions: a name for ever, for stored models are read by it. */
  readonly tag: T
  /** What a description holds beside the tag, as codecs. */
  readonly fields: F
  /** The layer that a description describes; its `spec` is the description again. */
  readonly build: (spec: { readonly _tag: T } & RecordOf<F>) => UncheckedLayer
  /** A random layer of this kind with an input: what the laws of layers run on. */
  readonly example: (choose: Choices) => LayerExample
}

interface Known {
  readonly codec: Codec<LayerSpec> & { readonly tag: string }
  readonly build: (spec: never) => UncheckedLayer
  readonly example: (choose: Choices) => LayerExample
}

const registry = new Map<string, Known>()

/**
 * Registers a kind of layer, so that `layerCodec` reads its descriptions and `layerOf` builds it: a user's own layers can then stand
 * wherever the ones here can.
 *
 * @throws TraceError when another kind has the tag.
 *
 * @example
 * const scale = (by: number): Layer<null, Tensor, Tensor> =>
 *   ({ spec: { _tag: "scale", by } as Spec, init: () => null, apply: (_params, x) => mul(x, by) })
 * defineLayer({ tag: "scale", fields: { by: positive }, build: ({ by }) => scale(by), example: () => ({ layer: scale(2), input: float(3) }) })
 */
export const defineLayer = <const T extends string, const F extends Fields>(kind: LayerKind<T, F>): void => {
  const { tag, fields, build, example } = kind
  if (registry.has(tag)) throw new TraceError(`defineLayer: a layer with the tag "${tag}" exists already; choose another tag`)
  // a kind with its fields' types forgotten: codec and `build` always travel together
  registry.set(tag, { codec: variant(tag, fields) as unknown as Known["codec"], build, example })
}

/** Reads the description of a layer from outside; a tag or a key that is not known is refused with the nearest one. */
export const layerCodec: Codec<LayerSpec> = tagged<LayerSpec>("a layer", () => [...registry.values()].map(({ codec }) => codec))

/**
 * Reads the description of a layer of one of a few kinds.
 *
 * @example
 * layerWithTag<DenseSpec>("a dense layer", "dense")
 */
export const layerWithTag = <S extends LayerSpec>(name: string, ...tags: readonly S["_tag"][]): Codec<S> =>
  tagged<LayerSpec>(name, () => tags.flatMap((tag) => registry.get(tag)?.codec ?? [])) as unknown as Codec<S> // `tags` are those of S

/** Descriptions in a list. */
export const layerListCodec: Codec<readonly LayerSpec[]> = listOf(layerCodec, "a list of layers")

/**
 * The layer that a description describes.
 *
 * @throws TraceError when no kind of layer has its tag.
 *
 * @example
 * layerOf(dense(784, 10).spec)
 */
export const layerOf = (spec: LayerSpec): AnyLayer => {
  const found = registry.get(spec._tag)
  if (found === undefined)
    throw new TraceError(
      `layerOf: no layer has the tag ${JSON.stringify(spec._tag)}; did you mean ${JSON.stringify(nearest(spec._tag, [...registry.keys()]))}? defineLayer registers one's own`,
    )
  return found.build(spec as never) // found by the tag of the description
}

/**
 * The layer that a description from outside describes. `Left` says where the description is wrong, or why no layer can be built of it.
 *
 * @example
 * decodeLayer("model", JSON.parse(text))
 */
export const decodeLayer = (source: string, u: unknown): E.Either<DecodeError, AnyLayer> =>
  pipe(
    decodeAs(layerCodec, source, u),
    E.chain((spec) =>
      E.tryCatch(
        () => layerOf(spec),
        (error) => decodeError(`${source}: ${error instanceof Error ? error.message : String(error)}`),
      ),
    ),
  )

/**
 * A random layer of every kind, by tag.
 *
 * @example
 * layerExamples().get("dense")
 */
export const layerExamples = (): ReadonlyMap<string, (choose: Choices) => LayerExample> =>
  new Map([...registry].map(([tag, { example }]) => [tag, example]))

/**
 * The type of a float tensor.
 *
 * @example
 * float(32, 784) // { elem: "float", shape: [32, 784] }
 */
export const float = (...shape: readonly number[]): TensorType => ({ elem: "float", shape })

/** Whether layers fit together, in the types. What a layer takes and gives may be any tree; features are named where it is a tensor. */
import type { IsAny, ShapeError, Show, Tensor } from "../../core/index.js"
import type { AnyLayer, Layer, Spec } from "./layer.js"

/** A layer of whatever types. */
export interface LayerLike {
  readonly spec: Spec
  // biome-ignore lint/suspicious/noExplicitAny: layers are contravariant in what they take; each is checked against its neighbour
  readonly init: (...args: any) => unknown
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly apply: (...args: any) => unknown
}

type ParamsOf<L> = L extends Layer<infer P, infer _I, infer _O> ? P : never
type Taken<L> = L extends { readonly apply: (params: never, x: infer I, context: never) => unknown } ? I : never
type Given<L> = L extends { readonly apply: (...args: never) => infer O } ? O : never

/** How a value stands in a message. */
type Named<X> = IsAny<X> extends true ? "anything" : X extends Tensor<infer S> ? `[${Show<S>}]` : "a tree of tensors"

/** Parameters of every layer, in order. */
export type SeqParams<L extends readonly LayerLike[]> = number extends L["length"]
  ? readonly ParamsOf<AnyLayer>[]
  : { readonly [K in keyof L]: ParamsOf<L[K]> }

export type SeqInput<L extends readonly LayerLike[]> = L extends readonly [infer H, ...unknown[]] ? Taken<H> : Tensor
export type SeqOutput<L extends readonly LayerLike[]> = L extends readonly [...unknown[], infer H] ? Given<H> : Tensor

/** Errors at the layers that can't take what the layer before them gives. */
export type SeqChecks<L extends readonly LayerLike[], Before = never, Checked extends readonly unknown[] = []> = L extends readonly [
  infer H extends LayerLike,
  ...infer T extends readonly LayerLike[],
]
  ? SeqChecks<T, H, [...Checked, Checked extends readonly [] ? unknown : FitCheck<Before, H, Checked["length"] & number>]>
  : Checked

type FitCheck<Before, L, I extends number> = [Given<Before>] extends [Taken<L>]
  ? unknown
  : ShapeError<`seq: layer ${I} (${TagOf<L>}) takes ${Named<Taken<L>>}, the layer before it (${TagOf<Before>}) gives ${Named<Given<Before>>}`>

type TagOf<L> = L extends { readonly spec: { readonly _tag: infer T extends string } } ? (string extends T ? "unnamed" : T) : "unnamed"

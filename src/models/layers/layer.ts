/** What a layer is: a description, a way to make parameters, and a pure function of them. */
import type { Tensor, Unchecked } from "../../core/index.js"
import type { Key } from "../../ops/index.js"

/** What a layer is told beside its input. */
export interface Context {
  /** For layers that draw: noise, dropout, initial slots. A layer of several parts hands each part a key of its own. */
  readonly key: Key
  readonly mode: "train" | "eval"
}

/** A description of a layer as data. Its codec reads it from outside, and the layer is rebuilt from it. */
export interface Spec {
  readonly _tag: string
}

/** A function with parameters. Whatever is random comes from a key, so equal arguments give equal results. */
export interface Layer<P, I, O, S extends Spec = Spec> {
  readonly spec: S
  readonly init: (key: Key) => P
  readonly apply: (params: P, x: I, context: Context) => O
}

/** A tensor with `N` features on its last axis, whatever the axes before it. */
export type Features<N extends number> = Tensor<readonly [...Unchecked[], N]>

/** Parameters whose layout is known at run time only: a tree of tensors. */
export type Params = Tensor | null | { readonly [name: string]: Params } | readonly Params[]

/** A layer that was built from a description. */
export type AnyLayer = Layer<Params, Tensor, Tensor>

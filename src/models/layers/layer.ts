/** What a layer is: a description, a way to make parameters, and a pure function of them. */
import { type Tensor, TraceError, type Unchecked } from "../../core/index.js"
import { foldIn, type Key } from "../../ops/index.js"

/** What a layer is told beside its input. */
export interface Context {
  /**
   * For layers that draw: noise, dropout, initial slots. A layer of several parts hands each part a key of its own. It may be left
   * out where nothing draws; a layer that draws says so when it is missing.
   */
  readonly key?: Key
  readonly mode: "train" | "eval"
  /** Told of every part as it is applied, with the names that lead to it. What it answers is called with the part's result. */
  readonly observe?: Observe
  /** Names of the parts that lead here, the outermost first. */
  readonly path?: readonly string[]
}

/** One application of a layer: where, of which layer, on what. */
export interface Application {
  readonly path: readonly string[]
  readonly layer: AnyLayer
  readonly params: unknown
  readonly input: unknown
}

/** Is told of an application before it is made, and by the function that it gives of the output. */
export type Observe = (application: Application) => (output: unknown) => void

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

/** A layer whose types are not looked at: what `spec`, `init` and `apply` are is known at run time only. */
export type UncheckedLayer = Layer<Unchecked, Unchecked, Unchecked, Unchecked>

/**
 * The key of a layer that draws.
 *
 * @throws TraceError where the context has none.
 *
 * @example
 * uniform(keyFor("dropout", context), x.shape)
 */
export const keyFor = (layer: string, { key, mode }: Context): Key => {
  if (key === undefined)
    throw new TraceError(
      `${layer}: it draws random numbers in mode "${mode}" and needs a key; apply the model with a context { key, mode: "${mode}" }`,
    )
  return key
}

/**
 * The context of the part at `place` of a layer, which is called `name`: its key is `foldIn(key, place)`.
 *
 * @example
 * partContext(context, 1, "decoder")
 */
export const partContext = ({ key, path = [], ...context }: Context, place: number, name: string): Context => ({
  ...context,
  ...(key === undefined ? {} : { key: foldIn(key, place) }),
  path: [...path, name],
})

/** Applies a layer in a context that is its own already, and tells the observer. */
export const applyIn = <P, I, O>(context: Context, layer: Pick<Layer<P, I, O>, "spec" | "apply">, params: P, x: I): O => {
  const seen = context.observe?.({ path: context.path ?? [], layer: layer as UncheckedLayer, params, input: x })
  const y = layer.apply(params, x, context)
  seen?.(y)
  return y
}

/**
 * Applies the part at `place` of a layer, with a key of its own, and tells the observer.
 *
 * @example
 * applyPart(context, 0, "of", inner, params.of, x)
 */
export const applyPart = <P, I, O>(
  context: Context,
  place: number,
  name: string,
  layer: Pick<Layer<P, I, O>, "spec" | "apply">,
  params: P,
  x: I,
): O => applyIn(partContext(context, place, name), layer, params, x)

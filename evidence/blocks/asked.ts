/** A small SLATE with all that is random in it given as numbers, for both writings. */
import * as E from "fp-ts/lib/Either.js"
import { constant, flatten, unflatten } from "../../src/core/index.js"
import { evaluate, type Tensor, toArray } from "../../src/index.js"
import { dvaeEncoder, type SlateParams, type SlateSpec, slate, slateSpec, type VariantName } from "../../src/models/index.js"
import { foldIn, gumbel, key, normal, uniform } from "../../src/ops/index.js"

export interface Case {
  readonly variant: VariantName
  /** Of slot attention. */
  readonly heads: number
  readonly hard: boolean
  readonly normalisedStart: boolean
}

export const iterations = 3
export const temperature = 0.7
export const contextKey = key(9)
export const batch = 2

export const settled = <T>(tree: T): T => {
  const made = evaluate(tree as never)
  if (E.isLeft(made)) throw new Error(made.left.message)
  return made.right as T
}

export const specOf = ({ variant, heads, hard, normalisedStart }: Case): SlateSpec => {
  const sizes = { side: 8, vocabulary: 5, features: 8, blocks: 2, heads: 2, slots: 3, width: 6, iterations, dropout: 0 }
  const spec = slateSpec("small", { ...sizes, variant, slotHeads: heads })
  return { ...spec, dvaeFeatures: 4, hard, decoder: { ...spec.decoder, normalisedStart } }
}

/** Initial parameters, each moved a little, so that scales and shifts count. */
export const paramsOf = (spec: SlateSpec, seed = 0): SlateParams => {
  const { leaves, structure } = flatten("blocks", settled(slate(spec).init(key(seed))))
  const moved = leaves.map((t, i) => {
    const noise = toArray(settled(normal(key(100 + i), t.shape) as Tensor))
    const values = toArray(t as Tensor)
    return constant(
      { elem: "float", shape: t.shape },
      Float64Array.from(values, (x, k) => x + 0.1 * (noise[k] as number)),
    )
  })
  return unflatten(structure, moved) as SlateParams
}

export const imagesOf = ({ height, width, channels }: SlateSpec): Tensor =>
  settled(uniform(key(7), [batch, height, width, channels]) as Tensor)

/** The noise that a SLATE draws with `contextKey`, by the places of its parts. */
export const noiseOf = (spec: SlateSpec, params: SlateParams, images: Tensor): { readonly gumbel: Tensor; readonly noise: Tensor } => {
  const { vocabulary } = spec.decoder
  const encoder = dvaeEncoder({ vocabulary, features: spec.dvaeFeatures, channels: spec.channels })
  const scores = encoder.apply(params.dvae.encoder, images, { mode: "eval" })
  const { slots, width } = spec.attention
  return {
    gumbel: settled(gumbel(foldIn(contextKey, 0), scores.shape) as Tensor),
    noise: settled(normal(foldIn(contextKey, 6), [batch, slots, width]) as Tensor),
  }
}

/** A tree of tensors as JSON. */
export const asJson = (tree: unknown): unknown => {
  if (tree === null) return null
  if (Array.isArray(tree)) return tree.map(asJson)
  if (typeof tree === "object" && "shape" in tree && "type" in tree) {
    const t = tree as Tensor
    return { values: Array.from(toArray(t)), shape: t.shape }
  }
  return Object.fromEntries(Object.entries(tree as object).map(([name, value]) => [name, asJson(value)]))
}

/** Leaves by their paths, as Python names them. */
export const byPath = (tree: unknown, path = ""): ReadonlyMap<string, readonly number[]> => {
  const found = new Map<string, readonly number[]>()
  const go = (node: unknown, at: string): void => {
    if (node === null) return
    const json = node as Record<string, unknown>
    if (Array.isArray(node)) node.forEach((one, i) => void go(one, `${at}.${i}`))
    else if ("type" in json && "shape" in json) found.set(at, Array.from(toArray(node as Tensor)))
    else for (const [name, value] of Object.entries(json)) go(value, at === "" ? name : `${at}.${name}`)
  }
  go(tree, path)
  return found
}

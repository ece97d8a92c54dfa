import * as E from "fp-ts/lib/Either.js"
import { describe, expect, test } from "vitest"
import { broyden, grad, oneStep, perRow, type Tensor, tensor, toArray } from "../../../src/index.js"
import {
  generateWords,
  type Observe,
  paintWords,
  readWords,
  type SlateOptions,
  type SlateParams,
  slate,
  slateCodec,
  slateLoss,
  slateParts,
  slateSpec,
  slotAttention,
  slotsOfImages,
  type Words,
  wordDecoder,
} from "../../../src/models/index.js"
import { argmax, key, normal, reshape, sliceAxis, sum, uniform } from "../../../src/ops/index.js"
import { settled } from "../slot-attention/support.js"

const numbers = (t: unknown): readonly number[] => Array.from(toArray(settled(t as Tensor)))
const intTensor = (rows: readonly (readonly number[])[]): Words =>
  tensor(rows.flat(), [rows.length, (rows[0] as readonly number[]).length], "int") as Words
const floatTensor = (values: readonly number[]): Tensor => tensor([...values]) as Tensor
const largest = (t: unknown): number => Math.max(...numbers(t).map(Math.abs))

const tiny = { side: 8, vocabulary: 5, features: 8, blocks: 2, heads: 2, slots: 3, width: 6, iterations: 2, dropout: 0 } as const
const spec = { ...slateSpec("small", tiny), dvaeFeatures: 4 }
const model = slate(spec)
const params = settled(model.init(key(0)))
const images = uniform(key(1), [2, 8, 8, 3]) as Tensor

describe("SLATE", () => {
  test("has the shapes that it says", () => {
    const found = model.apply(params, { images, temperature: 1 }, { key: key(2), mode: "train" })
    expect(found.reconstruction.shape).toEqual([2, 8, 8, 3])
    expect(found.words.shape).toEqual([2, 4])
    expect(found.scores.shape).toEqual([2, 4, 5])
    expect(found.slots.shape).toEqual([2, 3, 6])
    expect(found.attention.shape).toEqual([2, 3, 4])
  })

  test("slots read all words, the decoder what comes before each", () => {
    const seen = new Map<string, { readonly input: unknown; output?: unknown }>()
    const observe: Observe = ({ path, input }) => {
      const at: { readonly input: unknown; output?: unknown } = { input }
      seen.set(path.join("/"), at)
      return (output) => {
        at.output = output
      }
    }
    model.apply(params, { images, temperature: 1 }, { key: key(2), mode: "train", observe })
    const vectors = seen.get("words")?.output as Tensor
    const read = seen.get("decoder")?.input as { readonly x: Tensor } | undefined
    expect(numbers(seen.get("slotInput")?.input)).toEqual(numbers(sliceAxis(vectors, 1, 1, 5)))
    expect(numbers(read?.x)).toEqual(numbers(sliceAxis(vectors, 1, 0, 4)))
  })

  test("is read back from its description", () => {
    expect(slateCodec.decode(JSON.parse(JSON.stringify(spec)))).toStrictEqual(E.right(spec))
  })

  test("says which sizes don't fit", () => {
    expect(() => slateParts({ ...spec, height: 10 })).toThrow("sides that 4 divides, found 10 x 8")
    const solver = spec.attention.solver
    const attention = slotAttention({ inputs: 4, slots: 2, width: 6, hidden: 6, solver }).spec
    expect(() => slateParts({ ...spec, attention })).toThrow("slot attention takes 4 features, the words have 8")
    expect(() => wordDecoder({ vocabulary: 5, features: 6, blocks: 1, heads: 4 })).toThrow("4 heads must divide the 6 features")
  })

  describe("gradients", () => {
    const gradients = (of: "loss" | "crossEntropy" | "squaredError", options: SlateOptions = {}): SlateParams => {
      const own = slate({ ...spec, attention: slateSpec("small", { ...tiny, ...options }).attention })
      const loss = (p: SlateParams) => {
        const found = own.apply(p, { images, temperature: 0.7 }, { key: key(3), mode: "train" })
        return slateLoss(found, images)[of]
      }
      return settled(grad(loss as never)(params as never) as unknown as SlateParams)
    }

    test("the decoder's loss does not reach the discrete VAE, nor its loss the rest", () => {
      const told = gradients("crossEntropy")
      const painted = gradients("squaredError")
      const leaves = (tree: unknown): readonly Tensor[] =>
        tree !== null && typeof tree === "object" && "type" in tree
          ? [tree as Tensor]
          : tree === null
            ? []
            : Object.values(tree as object).flatMap(leaves)
      for (const leaf of leaves(told.dvae)) expect(largest(leaf)).toBe(0)
      for (const part of [painted.words, painted.attention, painted.decoder, painted.slotInput, painted.slotOutput])
        for (const leaf of leaves(part)) expect(largest(leaf)).toBe(0)
      expect(largest(told.decoder.output)).toBeGreaterThan(0)
      expect(leaves(painted.dvae).map(largest)).not.toContain(0)
    })

    test("initial slots have none by one step, and some through all refinements", () => {
      expect(largest(gradients("loss").attention.mu)).toBe(0)
      expect(largest(gradients("loss", { variant: "unrolled" }).attention.mu)).toBeGreaterThan(0)
      expect(largest(gradients("loss", { bilevel: true }).attention.mu)).toBeGreaterThan(0)
    })

    test("any forward solver may look for the slots", () => {
      const solver = perRow(broyden({ adjoint: oneStep, maxEvaluations: 7, onFailure: "useBest" }))
      const told = gradients("crossEntropy", { solver })
      expect(largest(told.attention.key)).toBeGreaterThan(0)
      expect(largest(told.attention.mu)).toBe(0)
    })
  })

  describe("generation", () => {
    const slots = normal(key(4), [2, 3, 6]) as Tensor

    /** Without a cache: all places are computed anew for each word. */
    const anew = (p: SlateParams): readonly (readonly number[])[] => {
      const parts = slateParts(spec)
      const read = parts.slotOutput.apply(p.slotOutput, slots as never, { mode: "eval" }) as Tensor
      const told = [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ]
      for (let place = 0; place < 4; place++) {
        const vectors = parts.words.apply(p.words, intTensor(told), { mode: "eval" })
        const x = sliceAxis(vectors, 1, 0, 4) as Tensor
        const scores = parts.decoder.apply(p.decoder, { x, slots: read }, { mode: "eval" })
        const best = numbers(argmax(scores, -1))
        told.forEach((row, b) => {
          row[place] = best[b * 4 + place] as number
        })
      }
      return told
    }

    test("with a cache tells the same words as without", () => {
      for (const seed of [0, 1, 2, 3, 4]) {
        const drawn = settled(model.init(key(seed)))
        const words = numbers(generateWords(spec, drawn, slots))
        expect([words.slice(0, 4), words.slice(4)]).toEqual(anew(drawn))
      }
    })

    test("paints what the discrete VAE paints of the same words", () => {
      const words = readWords(spec, params, images)
      const painted = numbers(paintWords(spec, params, words))
      const grid = numbers(words).flatMap((w) => [0, 1, 2, 3, 4].map((v) => (v === w ? 1 : 0)))
      const oneHot = reshape(floatTensor(grid), [2, 2, 2, 5]) as Tensor
      const expected = numbers(slateParts(spec).painter.apply(params.dvae.decoder, oneHot, { mode: "eval" }))
      painted.forEach((x, i) => {
        expect(x).toBeCloseTo(expected[i] as number, 12)
      })
    })

    test("slots of images share out every word", () => {
      const { slots: found, attention } = slotsOfImages(spec, params, images, { key: key(5), mode: "eval" })
      expect(found.shape).toEqual([2, 3, 6])
      for (const total of numbers(sum(attention, [1]))) expect(total).toBeCloseTo(1, 12)
    })
  })
})

/** The decoder against its plain form, the whole model's description, and the diagnostics. */
import { describe, expect, test } from "vitest"
import { compile, type Tensor, toNested } from "../../../src/core/index.js"
import { jacobianNorm, spectralRadius } from "../../../src/implicit/index.js"
import { dense, places } from "../../../src/models/layers/index.js"
import { decodeAs } from "../../../src/models/schema/index.js"
import {
  adjointOf,
  broadcastDecoder,
  cell,
  jacobians,
  refinement,
  residuals,
  type SlotAutoencoderSpec,
  slotAttention,
  slotAutoencoder,
  slotAutoencoderCodec,
  slotSolver,
} from "../../../src/models/slot-attention/index.js"
import { expandAxis, foldIn, indexAxis, key } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"
import { numbers, relativeError } from "../../support/outcome.js"
import * as loops from "../layers/loops.js"
import { draw, nested, settled } from "./support.js"

const context = { key: key(3), mode: "eval" } as const

describe("the spatial broadcast decoder", () => {
  const decoder = broadcastDecoder({ height: 2, width: 3, inputs: 4, hidden: 5, layers: 2, channels: 3, frequencies: 1 })
  const params = settled(decoder.init(key(1)))
  const slots = draw(2, 2, 3, 4)
  const made = decoder.apply(params, slots, context)

  test("is the network on every slot at every place, though its first layer is split", () => {
    const p = nested(params) as { place: { w: number[][]; b: number[] }; layers: { w: number[][]; b: number[] }[] }
    const grid = (toNested(places(2, 3, 1)) as unknown as number[][][]).flat()
    const expected = (toNested(slots) as unknown as number[][][]).map((scene) => {
      const painted = scene.map((z) =>
        grid.map((place) => {
          const [first, second, last] = p.layers as [(typeof p.layers)[0], (typeof p.layers)[0], (typeof p.layers)[0]]
          const at = loops.add(z, loops.linear(place, p.place.w, p.place.b))
          const h = loops.relu(loops.linear(loops.relu(loops.linear(at, first.w, first.b)), second.w, second.b))
          return loops.linear(h, last.w, last.b)
        }),
      )
      return grid.map((_, n) => {
        const shares = painted.map((slot) => Math.exp(slot[n]![3]!))
        const total = shares.reduce((a, b) => a + b)
        const masks = shares.map((s) => s / total)
        return { masks, colour: [0, 1, 2].map((c) => masks.reduce((sum, m, k) => sum + m * painted[k]![n]![c]!, 0)) }
      })
    })
    const masks = expected.flatMap((scene) => [0, 1, 2].flatMap((k) => scene.map((pixel) => pixel.masks[k]!)))
    expect(relativeError(masks, numbers(made.masks))).toBeLessThan(1e-12)
    expect(
      relativeError(
        expected.flatMap((scene) => scene.flatMap((pixel) => pixel.colour)),
        numbers(made.reconstruction),
      ),
    ).toBeLessThan(1e-12)
    expect([made.reconstruction.shape, made.masks.shape, made.parts.shape]).toEqual([
      [2, 2, 3, 3],
      [2, 3, 2, 3],
      [2, 3, 2, 3, 3],
    ])
  })

  test("refuses slots of another width", () => {
    expect(() => decoder.apply(params, draw(1, 2, 3, 5), context)).toThrow(
      /broadcastDecoder: expected slots \[B, K, 4\], found float\[2, 3, 5\]/,
    )
  })
})

const spec: SlotAutoencoderSpec = {
  _tag: "slotAutoencoder",
  encoder: dense(3, 4).spec,
  attention: slotAttention({ inputs: 4, slots: 2, width: 4, hidden: 5, solver: slotSolver(2, adjointOf("oneStep", 2)) }).spec,
  decoder: { _tag: "broadcastDecoder", height: 2, width: 3, inputs: 4, hidden: 5, layers: 1, channels: 3, frequencies: 0 },
}

describe("a model's description", () => {
  test("comes back as it went and builds the same model", () => {
    const read = right(decodeAs(slotAutoencoderCodec, "model", JSON.parse(JSON.stringify(spec))))
    expect(read).toEqual(spec)
    const images = draw(9, 1, 2, 3, 3)
    const paint = (s: SlotAutoencoderSpec) =>
      numbers(slotAutoencoder(s).apply(slotAutoencoder(s).init(key(4)), images, context).reconstruction)
    expect(paint(read)).toEqual(paint(spec))
  })

  test.each([
    [{ ...spec, decoder: { ...spec.decoder, layer: 2 } }, /model\.decoder: unknown key "layer"; did you mean "layers"\?/],
    [{ ...spec, attention: { ...spec.attention, solver: { method: { _tag: "iterat" } } } }, /model\.attention\.solver/],
    [{ ...spec, encoder: undefined }, /model\.encoder: expected a _tag/],
  ])("%#: what is wrong is named", (u, message) => {
    expect(left(decodeAs(slotAutoencoderCodec, "model", u)).message).toMatch(message)
  })
})

describe("diagnostics", () => {
  const model = slotAutoencoder(spec)
  const params = settled(model.init(key(4)))
  const images = draw(9, 2, 2, 3, 3)
  // the keys that the model itself hands to its encoder and to its slots
  const made = refinement(spec.attention, params.attention, dense(3, 4).apply(params.encoder as never, images, context) as Tensor, {
    ...context,
    key: foldIn(context.key, 1),
  })
  const { start, memory, step } = made

  test("residuals are those of the iteration, scene by scene", () => {
    const norms = (z: Tensor) => (toNested(settled(z)) as unknown as number[][][]).map((s) => Math.hypot(...s.flat()))
    const difference = (a: Tensor, b: Tensor) => {
      const [x, y] = [toNested(settled(a)), toNested(settled(b))] as unknown as [number[][][], number[][][]]
      return x.map((s, i) => Math.hypot(...s.flat().map((v, j) => v - y[i]!.flat()[j]!)))
    }
    const states = [start, step(start), step(step(start)), step(step(step(start)))]
    const expected = [0, 1, 2].flatMap((t) => {
      const [sizes, moves] = [norms(states[t + 1] as Tensor), difference(states[t + 1] as Tensor, states[t] as Tensor)]
      return moves.map((m, i) => m / sizes[i]!)
    })
    expect(relativeError(expected, numbers(residuals(made, 3)))).toBeLessThan(1e-11)
  })

  test("radii and norms are those of each scene's own Jacobian", () => {
    const found = jacobians(spec.attention, params.attention, made, { iterations: 2, powers: 20 }, context)
    const z = toNested(settled(step(step(start)))) as unknown as number[][][]
    const each = z.map((_, b) => {
      const one = (t: Tensor) => expandAxis(indexAxis(t, 0, b), 0)
      const alone = { keys: one(memory.keys), values: one(memory.values) }
      const [f, at] = [cell(spec.attention, params.attention.cell, alone, context), one(step(step(start)))]
      return [numbers(spectralRadius(f, at, { steps: 20 }))[0]!, numbers(jacobianNorm(f, at, { steps: 20 }))[0]!]
    })
    expect(
      relativeError(
        each.map(([radius]) => radius!),
        numbers(found.radii),
      ),
    ).toBeLessThan(1e-9)
    expect(
      relativeError(
        each.map(([, norm]) => norm!),
        numbers(found.norms),
      ),
    ).toBeLessThan(1e-9)
  })

  test("run on a compiled target", async () => {
    const program = compile((z: Tensor) => residuals({ ...made, start: z }, 4), { target: "wasm" })
    const ran = right(await program(settled(start) as never)())
    expect(relativeError(numbers(residuals(made, 4)), numbers(ran))).toBeLessThan(1e-4)
  })
})

/** The paper's sizes: they build, have the paper's number of parameters, and one training step runs. */
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { describe, expect, test } from "vitest"
import { compile, flatten, type RunError, type Tensor } from "../../../src/core/index.js"
import { adam, optimiserOf } from "../../../src/models/optim/index.js"
import {
  clevr6Size,
  publishedAutoencoder,
  type SlotAutoencoderParams,
  slotAutoencoder,
  tetrominoesSize,
} from "../../../src/models/slot-attention/index.js"
import { trainStep } from "../../../src/models/training/index.js"
import { type Key, key, mean, square, sub } from "../../../src/ops/index.js"
import { right } from "../../support/either.js"
import { numbers } from "../../support/outcome.js"
import { draw } from "./support.js"

const count = (tree: unknown): number => flatten("parameters", tree).leaves.reduce((n, t) => n + t.shape.reduce((a, b) => a * b, 1), 0)

/** From the equations, layer after layer. */
const conv = (kernel: number, inputs: number, outputs: number) => kernel * kernel * inputs * outputs + outputs
const linear = (inputs: number, outputs: number) => inputs * outputs + outputs
const norm = (features: number) => 2 * features
const position = (features: number) => linear(4, features)

const attention = (inputs: number) =>
  norm(inputs) + // of the inputs
  2 * inputs * 64 + // keys and values
  64 * 64 + // queries
  64 + // mu
  64 + // log sigma
  3 * (64 * 64 + 64 * 64 + 64 + 64) + // the gated recurrent unit: two matrices and two shifts a gate
  2 * norm(64) + // of the slots, before the queries and before the network
  linear(64, 128) +
  linear(128, 64)

describe.each([
  [
    "CLEVR6",
    clevr6Size,
    {
      encoder: conv(5, 3, 64) + 3 * conv(5, 64, 64) + position(64) + norm(64) + 2 * linear(64, 64),
      attention: attention(64),
      decoder: position(64) + 5 * conv(5, 64, 64) + conv(3, 64, 4),
      total: 890_308,
    },
  ],
  [
    "Tetrominoes",
    tetrominoesSize,
    {
      encoder: conv(5, 3, 32) + 3 * conv(5, 32, 32) + position(32) + norm(32) + 2 * linear(32, 32),
      attention: attention(32),
      decoder: position(64) + conv(5, 64, 32) + 2 * conv(5, 32, 32) + conv(3, 32, 4),
      total: 235_812,
    },
  ],
] as const)("%s", (_name, size, expected) => {
  const model = slotAutoencoder(publishedAutoencoder(size))
  const params = model.init(key(0))

  test("has the number of parameters that the equations give", () => {
    expect(count(params.encoder)).toBe(expected.encoder)
    expect(count(params.attention)).toBe(expected.attention)
    expect(count(params.decoder)).toBe(expected.decoder)
    expect(count(params)).toBe(expected.encoder + expected.attention + expected.decoder)
    expect(count(params)).toBe(expected.total)
  })

  test("gives images of the size that it is shown", () => {
    const images = draw(1, 1, size.side, size.side, 3)
    const made = model.apply(params, images, { key: key(1), mode: "eval" })
    expect(made.slots.shape).toEqual([1, size.slots, 64])
    expect(made.attention.shape).toEqual([1, size.slots, size.side ** 2])
    expect(made.reconstruction.shape).toEqual(images.shape)
    expect(made.masks.shape).toEqual([1, size.slots, size.side, size.side])
  })
})

type Program = (...args: readonly unknown[]) => TaskEither<RunError, unknown>
const onWasm = (f: (...args: readonly never[]) => unknown): Program => compile(f as never, { target: "wasm" }) as unknown as Program

test("one training step of Tetrominoes on wasm moves every parameter but the initial slots", async () => {
  const size = tetrominoesSize
  const model = slotAutoencoder(publishedAutoencoder(size, "oneStep"))
  const optimiser = optimiserOf(adam({ rate: size.training.rate, epsilon: size.training.epsilon }).spec)
  const loss = (params: SlotAutoencoderParams, images: Tensor, k: Key) => {
    const made = model.apply(params, images, { key: k, mode: "train" })
    return [mean(square(sub(made.reconstruction, images) as Tensor)), {}] as const
  }
  const begin = onWasm((k: Key) => {
    const params = model.init(k)
    return [params, optimiser.init(params)]
  })
  const state = right(await begin(key(0))()) as readonly [SlotAutoencoderParams, unknown]
  const step = onWasm(trainStep(loss, optimiser) as (...args: readonly never[]) => unknown)
  const made = right(await step(state, draw(1, 1, size.side, size.side, 3), key(2))())
  const [[after], told] = made as readonly [readonly [SlotAutoencoderParams, unknown], { readonly loss: Tensor }]
  expect(numbers(told.loss)[0]).toSatisfy((x: number) => Number.isFinite(x) && x > 0)
  const [old, now] = [flatten("before", state[0]), flatten("after", after)]
  old.leaves.forEach((t, i) => {
    const path = old.paths[i] as string
    const same = numbers(t).every((x, k) => x === numbers(now.leaves[i])[k])
    // the one-step adjoint gives the initial slots no gradient
    expect([path, same]).toEqual([path, /attention\.(mu|logSigma)$/.test(path)])
  })
})

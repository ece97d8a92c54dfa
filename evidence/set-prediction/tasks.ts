/** What is predicted: scenes with their true objects. */
import type { Tensor } from "../../src/core/index.js"
import {
  batch,
  type Images,
  type SetLayout,
  type SpritesConfig,
  spritesLayout,
  spritesScene,
  spritesTargets,
  tetrominoesLayout,
  tetrominoesTargets,
} from "../../src/models/index.js"

/** Scenes and their objects. */
export interface Sample {
  readonly seen: Images
  readonly targets: Tensor
}

export interface Task {
  readonly title: string
  readonly side: number
  readonly layout: SetLayout
  readonly slots: number
  /** Strides of the encoder's convolutions: slots attend to 7 x 7, or to 8 x 8 places. */
  readonly strides: readonly number[]
  readonly scenes: (split: "train" | "heldOut", seed: number, from: number, count: number) => Sample
}

const blockSize = 2

const tetrominoes: Task = {
  title: "Tetrominoes, 14 x 14: 3 pieces of 17 shapes and 6 colours",
  side: 14,
  layout: tetrominoesLayout({ blockSize }),
  slots: 4,
  strides: [2],
  scenes: (split, seed, from, count) => {
    const { images, factors, size } = batch({ blockSize, split }, seed, from, count)
    return { seen: { count, size, images }, targets: tetrominoesTargets({ blockSize }, factors, 4) }
  },
}

/** Smaller ones of 32 pixels can't be told apart by shape, nor ones that are mostly hidden. */
const spritesConfig: SpritesConfig = { size: 32, fewest: 1, most: 3, smallest: 0.3, largest: 0.5, minVisible: 0.5, background: "black" }

const sprites: Task = {
  title: "sprites, 32 x 32: 1 to 3 of 3 shapes and 6 hues, any rotation, over one another",
  side: 32,
  layout: spritesLayout,
  slots: 4,
  strides: [2, 2],
  scenes: (split, seed, from, count) => {
    const scenes = Array.from({ length: count }, (_, i) => spritesScene({ ...spritesConfig, split }, seed, from + i))
    const each = 32 * 32 * 3
    const images = new Float32Array(count * each)
    scenes.forEach(({ image }, i) => {
      images.set(image, i * each)
    })
    const factors = scenes.map((scene) => scene.factors)
    return { seen: { count, size: 32, images }, targets: spritesTargets(32, factors, 4) }
  },
}

export const tasks = { tetrominoes, sprites } as const

export type TaskName = keyof typeof tasks

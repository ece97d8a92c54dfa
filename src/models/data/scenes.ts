/** Drawn scenes as sets. */
import { TraceError } from "../failure.js"
import type { Rows } from "./arrays.js"
import { type Dataset, dataset } from "./dataset.js"
import { type SpritesConfig, spritesScene } from "./sprites.js"
import { type TetrominoesConfig, tetrominoesScene } from "./tetrominoes.js"

/** Scenes side by side: `image` is `[n, height, width, 3]` in [0, 1], `masks` the label maps `[n, height, width]`, 0 the background. */
export interface SceneRows {
  readonly image: Rows<Float32Array>
  readonly masks: Rows<Uint8Array>
}

interface Scene {
  readonly size: number
  readonly image: Float32Array
  readonly masks: Uint8Array
}

const drawn = (name: string, length: number, scene: (index: number) => Scene): Dataset<SceneRows> => {
  if (!Number.isInteger(length) || length < 0 || length > 2 ** 32)
    throw new TraceError(`${name}: length must be an integer from 0 to 2^32, found ${length}`)
  return dataset(length, (indices) => {
    const scenes = Array.from(indices, scene)
    const side = scenes[0]?.size ?? 0
    const image = new Float32Array(scenes.length * side * side * 3)
    const masks = new Uint8Array(scenes.length * side * side)
    scenes.forEach((scene, i) => {
      image.set(scene.image, i * scene.image.length)
      masks.set(scene.masks, i * scene.masks.length)
    })
    return { image: { shape: [scenes.length, side, side, 3], data: image }, masks: { shape: [scenes.length, side, side], data: masks } }
  })
}

/**
 * The set of the first `length` scenes of a seed (see {@link tetrominoesScene}), each drawn when it is asked for.
 *
 * @throws TraceError when `length` is no natural number up to 2^32, or (when scenes are asked for) the configuration or the seed is outside its range
 *
 * @example
 * tetrominoesData({ blockSize: 2 }, 0, 60_000).get(Uint32Array.of(0, 7)).image.shape // [2, 14, 14, 3]
 */
export const tetrominoesData = (config: TetrominoesConfig, seed: number, length: number): Dataset<SceneRows> =>
  drawn("tetrominoesData", length, (index) => tetrominoesScene(config, seed, index))

/**
 * The set of the first `length` scenes of sprites of a seed (see {@link spritesScene}), each drawn when it is asked for.
 *
 * @throws TraceError when `length` is no natural number up to 2^32, or (when scenes are asked for) the configuration or the seed is outside its range
 *
 * @example
 * spritesData({ size: 32 }, 0, 60_000).get(Uint32Array.of(0, 7)).image.shape // [2, 32, 32, 3]
 */
export const spritesData = (config: SpritesConfig, seed: number, length: number): Dataset<SceneRows> =>
  drawn("spritesData", length, (index) => spritesScene(config, seed, index))

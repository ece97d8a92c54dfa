/** The scenes of a run. */
import { type Tensor, tensor } from "../../core/index.js"
import { type Config, imageSide } from "../config/index.js"
import { batch } from "../data/index.js"

/** Batches of scenes that are never repeated: step t takes scenes t B to t B + B - 1 of the seed. */
export const tetrominoes = (config: Config) => {
  const count = config.training.batch
  const side = imageSide(config)
  return (step: number): Tensor =>
    tensor(batch({ blockSize: config.data.blockSize }, config.seed, step * count, count).images, [count, side, side, 3]) as Tensor
}

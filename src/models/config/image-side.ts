/** How large the images of a run are. */
import { blocksAcross } from "../data/index.js"
import type { Config } from "./config.js"

/**
 * Side of an image in pixels.
 *
 * @example
 * imageSide(defaultConfig) // 35
 */
export const imageSide = ({ data }: Pick<Config, "data">): number =>
  data.source === "tetrominoes" ? blocksAcross * data.blockSize : data.side

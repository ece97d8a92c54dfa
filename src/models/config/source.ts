/** From a configuration to the images that it trains on. */
import type { ImageSource } from "../data/index.js"
import type { Config } from "./config.js"

/**
 * The source of images that a run trains on.
 *
 * @example
 * imageSourceOf(defaultConfig) // { _tag: "tetrominoes", blockSize: 5 }
 */
export const imageSourceOf = ({ data }: Pick<Config, "data">): ImageSource => {
  const { source, path, blockSize, side, resize, transparency } = data
  switch (source) {
    case "tetrominoes":
      return { _tag: "tetrominoes", blockSize }
    case "sprites":
    case "emoji":
      return { _tag: source, side }
    case "fashion":
      return { _tag: "fashion", side, ...(path === "" ? {} : { path }) }
    case "files":
      return { _tag: "files", path, side, resize, transparency }
  }
}

/** The temperature at which words are drawn. */
import { type Tensor, tensor } from "../../core/index.js"
import type { SlateConfig } from "../config/index.js"

/**
 * The temperature of the update that is made when `step` were made: from `from` to `to` along half a cosine over `steps`, then `to`.
 *
 * @example
 * temperatureAt({ from: 1, to: 0.1, steps: 1000 }, 500) // 0.55
 */
export const temperatureAt = ({ from, to, steps }: SlateConfig["temperature"], step: number): Tensor<[]> => {
  const part = steps === 0 ? 1 : Math.min(1, step / steps)
  return tensor(to + (from - to) * 0.5 * (1 + Math.cos(Math.PI * part)))
}

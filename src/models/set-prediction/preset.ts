/** Models of sets for square images. */
import type { Solver } from "../../implicit/index.js"
import { type ImageEncoder, type InitialSlots, imageEncoder, slotAttention } from "../slot-attention/index.js"
import type { SetLayout } from "./layout.js"
import type { SetPredictorSpec } from "./model.js"

/** What a model of sets for square images is made by. */
export interface ImageSetPredictor {
  /** Side of an image in pixels. */
  readonly side: number
  readonly layout: SetLayout
  /** At least as many as an image has objects. */
  readonly slots: number
  /** How slots are refined, and how the gradient passes the refinement: `slotSolver`, or any other. */
  readonly solver: Solver
  /** Features of a slot, of what it attends to, and hidden units of head and refinement. Default 64. */
  readonly width?: number
  /** Where initial slots come from. Default random. */
  readonly initial?: InitialSlots
  /** Whether the gradient reaches the initial slots straight through, where the solver gives them none. Default false. */
  readonly bilevel?: boolean
  /** Sizes of the encoder where they are others: 32 channels, kernels 5, 3 and 3, the first with stride 2, no Fourier features. */
  readonly encoder?: Partial<Pick<ImageEncoder, "channels" | "kernels" | "strides" | "frequencies">>
}

/**
 * The description of a model of sets for square images in three colours. Variants of its gradient differ by one value, the solver.
 *
 * @example
 * imageSetPredictor({ side: 35, layout: tetrominoesLayout({ blockSize: 5 }), slots: 4, solver: slotSolver(3, oneStep) })
 */
export const imageSetPredictor = (options: ImageSetPredictor): SetPredictorSpec => {
  const { side, layout, slots, solver, width = 64, initial = "random", bilevel = false, encoder } = options
  const sizes = { channels: 32, kernels: [5, 3, 3], strides: [2], frequencies: 0, ...encoder }
  return {
    _tag: "setPredictor",
    encoder: imageEncoder({ side, colours: 3, ...sizes, hidden: width, outputs: width }),
    attention: slotAttention({ inputs: width, slots, width, hidden: width, initial, bilevel, solver }).spec,
    hidden: width,
    layout,
  }
}

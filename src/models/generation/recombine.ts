/** Images made from slots: of images themselves, and of pairs of images with slots exchanged. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import { type RunError, type Session, type Tensor, tensor, toArray } from "../../core/index.js"
import { concat, type Key, sliceAxis } from "../../ops/index.js"
import type { ModelParams } from "../families/index.js"
import { sightOf } from "../families/index.js"
import { renderSheet, type Tile } from "../report/index.js"
import type { Loaded } from "../runs/index.js"
import { type Images, keyOf, partOf } from "../training/index.js"

/** What a model makes of pairs of images. Pixels are in [0, 1] where it paints well. */
export interface Recombination {
  readonly size: number
  readonly pairs: number
  readonly slots: number
  /** The images, two a pair, [2 pairs, size, size, 3]. */
  readonly images: Float32Array
  /** From the slots of each, [2 pairs, size, size, 3]. */
  readonly generated: Float32Array
  /** From the slots of the first of a pair, its k-th in the place of which stands the second one's, [slots, pairs, size, size, 3]. */
  readonly exchanged: Float32Array
}

/**
 * Makes images from the slots of pairs of images: (0, 1), (2, 3), ..., and from slots that are exchanged within a pair.
 *
 * @param images an even number of them
 *
 * @example
 * const made = await recombine(session, loaded, subject, 0)()
 * if (E.isRight(made)) await writeFileAtomic("generated.png", recombinationSheet(made.right))()
 */
export const recombine =
  (
    session: Session,
    { description: { model, config }, snapshot }: Loaded,
    { images, size, count }: Images,
    seed: number,
  ): TaskEither<RunError, Recombination> =>
  async () => {
    const sight = sightOf(model, config)
    const pairs = count / 2
    const program = session.compile((params: ModelParams, pixels: Tensor, key: Key) => {
      const slots = sight.slotsOf(params, pixels, key)
      const [first, second] = [sliceAxis(slots, 0, 0, pairs) as Tensor, sliceAxis(slots, 0, pairs, count) as Tensor]
      const exchanged = Array.from({ length: sight.slots }, (_, k) =>
        concat(
          [
            sliceAxis(first, 1, 0, k) as Tensor,
            sliceAxis(second, 1, k, k + 1) as Tensor,
            sliceAxis(first, 1, k + 1, sight.slots) as Tensor,
          ],
          1,
        ),
      )
      return sight.paint(params, concat([slots, ...exchanged], 0) as Tensor)
    })
    const inOrder = [...Array(count).keys()].map((i) => (i < pairs ? 2 * i : 2 * (i - pairs) + 1)) // firsts, then seconds
    const pixels = Float32Array.from(inOrder.flatMap((i) => [...(partOf(images, count, i) as Float32Array)]))
    // a generic tree of parameters: the types of a program ask for a known one
    const made = await program(snapshot.state[0] as never, tensor(pixels, [count, size, size, 3]), keyOf(seed, "evaluation"))()
    program.dispose()
    if (E.isLeft(made)) return made
    const all = Float32Array.from(toArray(made.right as Tensor))
    if (!all.every(Number.isFinite))
      return E.left<RunError>({ _tag: "NonFinite", message: "generate: the model's output is not finite; its parameters have diverged" })
    const each = size * size * 3
    const generated = new Float32Array(count * each)
    inOrder.forEach((to, from) => {
      generated.set(all.subarray(from * each, (from + 1) * each), to * each)
    })
    return E.right({ size, pairs, slots: sight.slots, images, generated, exchanged: all.subarray(count * each) })
  }

/**
 * A row a pair: both images, both from their slots, and the first with each of its slots exchanged for the second's, as a PNG file.
 *
 * @example
 * const bytes = recombinationSheet(recombination)
 */
export const recombinationSheet = ({ size, pairs, slots, images, generated, exchanged }: Recombination): Uint8Array => {
  const each = size * size * 3
  const at = (all: Float32Array, i: number): Tile => all.subarray(i * each, (i + 1) * each)
  return renderSheet(
    Array.from({ length: pairs }, (_, p) => [
      at(images, 2 * p),
      at(images, 2 * p + 1),
      null,
      at(generated, 2 * p),
      at(generated, 2 * p + 1),
      null,
      ...Array.from({ length: slots }, (_, k) => at(exchanged, k * pairs + p)),
    ]),
    size,
  )
}

/** The images that a model is evaluated on. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { StillpointError } from "../../core/index.js"
import { type Config, imageSide, imageSourceOf } from "../config/index.js"
import { type LabelledImages, type OpenedSource, openSource, readFittedImages, type SceneBatch } from "../data/index.js"
import { decodeError } from "../failure.js"
import type { ViewRequest } from "./request.js"

/** Images at a model's size, and where they come from. */
export interface Subject extends LabelledImages {
  /** What messages and pages call them. */
  readonly source: string
  /** Side in pixels. */
  readonly size: number
  /** How they were brought to that size; null: they had it. */
  readonly fitted: string | null
  /** Whether two pieces of an image share a colour; empty where that is not known. */
  readonly sharesColour: readonly boolean[]
  /** Clusters of the baselines that see colours alone. */
  readonly clusters: number
}

/**
 * So many images, in words.
 *
 * @example
 * imageCount(1) // "1 image"
 */
export const imageCount = (count: number): string => `${count} image${count === 1 ? "" : "s"}`

/** What the images are called that a source holds out. */
const heldOutName = ({ data }: Config, { kept }: OpenedSource): string =>
  kept === null ? "held-out scenes" : kept === 0 ? `the one image of ${data.path}, which is trained on` : `held-out images of ${data.path}`

/**
 * The first held-out images of a run's data. `Left` where they can't be read.
 *
 * @example
 * const subject = await heldOutSubject(defaultConfig, 8)()
 * if (E.isRight(subject)) console.log(subject.right.size) // 35
 */
export const heldOutSubject =
  (config: Config, count: number): TaskEither<StillpointError, Subject> =>
  async () => {
    const source = await openSource(imageSourceOf(config), { ahead: 0 })()
    if (E.isLeft(source)) return source
    const scenes = source.right.heldOut(count)
    await source.right.close()
    return E.map(
      (found: SceneBatch): Subject => ({
        ...found,
        source: heldOutName(config, source.right),
        height: found.size,
        width: found.size,
        missing: found.masks === null ? "nobody says what is what in these images" : null,
        names: Array.from({ length: found.count }, (_, i) => `Scene ${i}`),
        fitted: null,
        clusters: (source.right.objects ?? config.model.slots - 1) + 1,
      }),
    )(scenes)
  }

/**
 * A user's images at the size of a run's model: as many as were asked for, else at most `usual`. `Left` where they can't be read, don't fit,
 * or are fewer than were asked for.
 *
 * @example
 * const subject = await ownSubject("scenes.npz", defaultConfig, { scenes: 8, resize: "nearest" }, 32)()
 * if (E.isRight(subject)) console.log(subject.right.count, subject.right.fitted)
 */
export const ownSubject =
  (
    path: string,
    config: Config,
    { scenes, resize }: Pick<ViewRequest, "scenes" | "resize">,
    usual: number,
  ): TaskEither<StillpointError, Subject> =>
  async () => {
    const side = imageSide(config)
    const { resize: usually, transparency } = config.data
    const read = await readFittedImages(path, {
      side,
      resize: resize ?? (config.data.source === "files" && usually !== "refuse" ? usually : null),
      transparency,
      most: scenes ?? usual,
    })()
    if (E.isLeft(read)) return read
    const { data, how } = read.right
    if (scenes !== null && scenes > data.count)
      return E.left(decodeError(`${path}: expected at least ${scenes} images, as --scenes asks for, found ${data.count}`))
    return E.right({
      ...data,
      source: path,
      size: side,
      fitted: how.length === 0 ? null : how.join("; "),
      sharesColour: [],
      clusters: config.model.slots,
    })
  }

/** `stillpoint export`. */
import { basename, dirname } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import {
  exportSlate,
  exportSlotAutoencoder,
  imageSide,
  keyOf,
  type Loaded,
  load,
  type SlateParams,
  type SlotAutoencoderParams,
} from "../models/index.js"
import { type ExportOptions, type UsageError, usage } from "./options.js"
import { defaultRoot, findRun } from "./runs.js"
import { madeFolder, written } from "./view.js"

const mostImages = 4096

const counted = (text: string): E.Either<UsageError, number> =>
  /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= mostImages
    ? E.right(Number(text))
    : E.left(usage(`--images: expected a whole number from 1 to ${mostImages}, found ${JSON.stringify(text)}`))

const precisionOf = (text: string): E.Either<UsageError, "float32" | "float64"> =>
  text === "float32" || text === "float64"
    ? E.right(text)
    : E.left(usage(`--precision: expected float32 or float64, found ${JSON.stringify(text)}`))

const fileOf = ({ description: { model, config }, snapshot }: Loaded, count: number, precision: "float32" | "float64") => {
  const key = keyOf(config.seed, "evaluation")
  const [params] = snapshot.state // of the family that the description's tag names
  if (model._tag === "slate") return exportSlate(model, params as SlateParams, { count, key, precision })
  const side = imageSide(config)
  return exportSlotAutoencoder(model, params as SlotAutoencoderParams, { images: [count, side, side, 3], key, precision })
}

/** Exports; answers with the exit code, or what went wrong. */
export const exportRun = async (options: ExportOptions): Promise<E.Either<StillpointError | UsageError, number>> => {
  const count = counted(options.images ?? "1")
  if (E.isLeft(count)) return count
  const precision = precisionOf(options.precision ?? "float32")
  if (E.isLeft(precision)) return precision
  const run = findRun(options.runs ?? defaultRoot, options.run)
  if (E.isLeft(run)) return run
  const loaded = await load(run.right.checkpoint)()
  if (E.isLeft(loaded)) return loaded
  const bytes = fileOf(loaded.right, count.right, precision.right)
  if (E.isLeft(bytes)) return bytes
  const folder = await madeFolder(options.out === undefined ? run.right.folder : dirname(options.out))
  if (E.isLeft(folder)) return folder
  const files = await written(folder.right, {
    [options.out === undefined ? `${run.right.prefix}model.onnx` : basename(options.out)]: bytes.right,
  })
  if (E.isLeft(files)) return files
  const side = imageSide(loaded.right.description.config)
  console.log(`written: ${files.right.join(", ")} (${bytes.right.length} bytes; images of [${count.right}, ${side}, ${side}, 3] in [0, 1])`)
  return E.right(0)
}

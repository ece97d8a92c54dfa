/** Scenes of the published multi-object sets from their files. Node only. */
import * as E from "fp-ts/lib/Either.js"
import type { DecodeError, FileError } from "../../failure.js"
import { decodeExample, type ExampleFeatures, readTfRecords, type TfRecordOptions } from "../readers/index.js"
import type { MultiObjectLayout } from "./layout.js"
import { type MultiObjectScene, multiObjectScene } from "./scene.js"

/**
 * The scenes of a TFRecord file one after another, as they are asked for. A `Left` is the last item; it names the record. Stop the loop early to
 * read fewer.
 *
 * @example
 * for await (const scene of readMultiObject("tetrominoes_train.tfrecords", multiObjectLayouts.tetrominoes)) {
 *   if (E.isLeft(scene)) throw new Error(scene.left.message)
 *   fgAri(scene.right.masks, predicted)
 * }
 */
export async function* readMultiObject(
  path: string,
  layout: MultiObjectLayout,
  options: TfRecordOptions = {},
): AsyncGenerator<E.Either<FileError | DecodeError, MultiObjectScene>, void, undefined> {
  let n = 0
  for await (const record of readTfRecords(path, options)) {
    const source = `${path}: record ${n++}`
    const example = E.chainW((bytes: Uint8Array) => decodeExample(bytes, source))(record)
    const scene = E.chainW((features: ExampleFeatures) => multiObjectScene(features, layout, source))(example)
    yield scene
    if (E.isLeft(scene)) return
  }
}

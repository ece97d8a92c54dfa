/** Files in the published layouts, which the test writes itself. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { afterAll, beforeAll, expect, test } from "vitest"
import { type MultiObjectLayout, multiObjectLayouts, readMultiObject } from "../../../src/models/data/multi-object/index.js"
import { tetrominoesScene } from "../../../src/models/data/tetrominoes.js"
import { left, right } from "../../support/either.js"
import { bytesFeature, example, floatFeature, tfRecords } from "../../support/tfrecords.js"

let root = ""
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "stillpoint-multi-object-"))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const scenesOf = async (records: readonly (readonly number[])[], layout: MultiObjectLayout) => {
  const path = join(root, "set.tfrecords")
  writeFileSync(path, gzipSync(tfRecords(records)))
  const found = []
  for await (const scene of readMultiObject(path, layout)) found.push(scene)
  return found
}

test("Tetrominoes as published, a byte a string: image and label map come back", async () => {
  const scenes = [0, 1].map((i) => tetrominoesScene({ blockSize: 5 }, 0, i))
  const lists = scenes.map(({ image, masks }) => ({
    image: bytesFeature([...image].map((v) => [Math.round(255 * v)])),
    mask: bytesFeature([0, 1, 2, 3].flatMap((k) => [...masks].map((label) => [label === k ? 255 : 0]))),
    x: floatFeature([0, 1, 2, 3]),
    y: floatFeature([0, 1, 2, 3]),
    shape: floatFeature([0, 1, 2, 3]),
    color: floatFeature(Array.from({ length: 12 }, (_, i) => i)),
    visibility: floatFeature([1, 1, 1, 1]),
  }))
  const read = (await scenesOf(lists.map(example), multiObjectLayouts.tetrominoes)).map(right)
  expect(read.map(({ image }) => image)).toEqual(scenes.map(({ image }) => image))
  expect(read.map(({ masks }) => masks)).toEqual(scenes.map(({ masks }) => masks))
  expect(read[1]?.factors.color).toEqual(Float32Array.from({ length: 12 }, (_, i) => i))
  const { shape: _, ...without } = lists[1]!
  const failed = await scenesOf([example(lists[0]!), example(without)], multiObjectLayouts.tetrominoes)
  expect(failed).toHaveLength(2)
  expect(left(failed[1]!).message).toMatch(/record 1: expected 4 values of kind float in "shape", found none; it has image, mask, x/)
})

test("masks with the entities last, grey images, all bytes in one string", async () => {
  const layout = { height: 1, width: 2, channels: 1, entities: 2, maskOrder: "entitiesLast", factors: {} } as const
  const record = example({ image: bytesFeature([[51, 255]]), mask: bytesFeature([[0, 255, 255, 0]]) })
  const [scene] = (await scenesOf([record], layout)).map(right)
  expect(scene?.image).toEqual(Float32Array.of(0.2, 0.2, 0.2, 1, 1, 1))
  expect(scene?.masks).toEqual(Uint8Array.of(1, 0))
})

/** Scores and courses as plain functions; the whole way is tested in test/cli. */
import { expect, test } from "vitest"
import { courses, partitionScores, type Subject, subjectNotes } from "../../../src/models/assessment/index.js"
import { segmentation } from "../../../src/models/training/index.js"

test("a metric's course: its last, least and largest value; NaN gives way", () => {
  const found = courses([
    { step: 1, loss: Number.NaN },
    { step: 2, loss: 3, fgAri: 0.5 },
    { step: 3, loss: 1 },
    { step: 4, loss: Number.NaN },
    { step: 5, loss: 2 },
  ])
  expect(found.loss).toEqual({ last: { step: 5, value: 2 }, least: { step: 3, value: 1 }, most: { step: 2, value: 3 } })
  expect(found.fgAri?.last).toEqual({ step: 2, value: 0.5 })
  expect(courses([])).toEqual({})
})

test("scores are means over images, those with a shared colour apart; without masks there are none", () => {
  const masks = Uint8Array.of(0, 1, 1, 2, 0, 1, 2, 2)
  const subject: Subject = {
    source: "here",
    count: 2,
    size: 2,
    height: 2,
    width: 2,
    images: new Float32Array(24),
    masks,
    missing: null,
    names: ["a", "b"],
    fitted: null,
    sharesColour: [false, true],
    clusters: 3,
  }
  expect(partitionScores(subject, masks)).toEqual({ fgAri: 1, fgAriSameColour: 1, ari: 1, miou: 1 })
  // the second image as one segment: nothing is told apart, and its larger object has half of the pixels
  const half = partitionScores(subject, Uint8Array.of(0, 1, 1, 2, 0, 0, 0, 0))
  expect(half).toEqual({ fgAri: 0.5, fgAriSameColour: 0, ari: 0.5, miou: (1 + 0.5 / 2) / 2 })
  expect(partitionScores({ ...subject, masks: null }, masks)).toBeNull()
  // an image without an object has nothing to tell apart: it is left out, not counted as solved
  const none = { ...subject, masks: Uint8Array.of(0, 0, 0, 0, 0, 1, 2, 2) }
  const found = partitionScores(none, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0))
  expect([found?.fgAri, found?.fgAriSameColour, found?.miou]).toEqual([0, 0, 0.5 / 2])
  expect(subjectNotes(none)).toEqual(["1 of 2 images has no object and is left out of FG-ARI and mIoU."])
  const empty = { ...subject, masks: new Uint8Array(8) }
  expect(partitionScores(empty, masks)).toMatchObject({ fgAri: null, fgAriSameColour: null, miou: null })
  expect(subjectNotes(empty)).toEqual(["No FG-ARI and mIoU: no image has an object."])
  expect(segmentation(none, new Uint8Array(8))).toEqual({ fgAri: 0, fgAriSameColour: 0 })
  expect(segmentation(empty, masks)).toBeNull()
})

/** The table of scenes: image, reconstruction, segmentation, and one picture a slot. */
import { TraceError } from "../failure.js"
import { labelsFromMasks } from "../metrics/index.js"
import { colourPicture, labelColours, labelPicture, maskPicture } from "./pictures.js"
import { escaped, number } from "./text.js"
import type { SceneView } from "./types.js"

const slotsOf = (scene: SceneView): number => scene.masks.length / (scene.width * scene.height)

const check = (scene: SceneView): void => {
  const pixels = scene.width * scene.height
  const slots = slotsOf(scene)
  const parts: readonly (readonly [string, ArrayLike<number> | undefined, number])[] = [
    ["image", scene.image, 3 * pixels],
    ["reconstruction", scene.reconstruction, 3 * pixels],
    ["slotColours", scene.slotColours, 3 * slots * pixels],
    ["segmentation", scene.segmentation, pixels],
    ["truth", scene.truth, pixels],
    ...(scene.pictures ?? []).map(({ name, pixels: of }) => [name, of, 3 * pixels] as const),
  ]
  if (!Number.isInteger(slots) || slots < 1)
    throw new TraceError(
      `report: masks of scene "${scene.title}" must be [slots, ${scene.height}, ${scene.width}], found ${scene.masks.length} values`,
    )
  for (const [name, values, expected] of parts) {
    if (values !== undefined && values.length !== expected)
      throw new TraceError(`report: ${name} of scene "${scene.title}" needs ${expected} values, found ${values.length}`)
  }
}

/** How many values of the scene's pictures are not finite. */
const broken = ({ image, reconstruction, masks }: SceneView): number => {
  let count = 0
  for (const values of [image, reconstruction, masks]) for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) count++
  return count
}

const part = (values: ArrayLike<number>, start: number, length: number): ArrayLike<number> =>
  Array.from({ length }, (_, i) => values[start + i]!)

const predicted = ({ segmentation, masks, width, height }: SceneView): ArrayLike<number> => {
  if (segmentation !== undefined) return segmentation
  const shown = Float64Array.from({ length: masks.length }, (_, i) => (Number.isNaN(masks[i]!) ? Number.NEGATIVE_INFINITY : masks[i]!))
  return labelsFromMasks(shown, shown.length / (width * height), width * height)
}

const row = (scene: SceneView, slots: number, truth: boolean, further: readonly string[]): string => {
  const { title, width, height, masks } = scene
  const pixels = width * height
  const cell = (name: string, uri: string, kind = "") =>
    `<td><img${kind} src="${uri}" width="${width}" height="${height}" alt="${escaped(`${title}: ${name}`)}"></td>`
  const mine = slotsOf(scene)
  const slotCells = Array.from({ length: slots }, (_, k) => {
    if (k >= mine) return "<td></td>"
    const colours = scene.slotColours === undefined ? scene.image : part(scene.slotColours, 3 * k * pixels, 3 * pixels)
    return cell(`slot ${k}`, maskPicture(colours, part(masks, k * pixels, pixels), width, height), ' class="mask"')
  })
  const facts = (scene.scores ?? []).map(
    ({ label, value, note }) =>
      `<span${note === undefined ? "" : ` title="${escaped(note)}"`}>${escaped(label)} <b>${escaped(typeof value === "number" ? number(value, 3) : value)}</b></span>`,
  )
  const bad = broken(scene)
  if (bad > 0) facts.push(`<span class="warning">${number(bad)} values are not finite (painted black)</span>`)
  const furtherCells = further.map((name) => {
    const found = scene.pictures?.find((picture) => picture.name === name)
    return found === undefined ? "<td></td>" : cell(name, colourPicture(found.pixels, width, height))
  })
  const truthCell = !truth ? "" : scene.truth === undefined ? "<td></td>" : cell("truth", labelPicture(scene.truth, width, height))
  return `<tr><th scope="row">${escaped(title)}${facts.join("")}</th>
${cell("image", colourPicture(scene.image, width, height))}${cell("reconstruction", colourPicture(scene.reconstruction, width, height))}
${furtherCells.join("")}${truthCell}${cell("segmentation", labelPicture(predicted(scene), width, height))}${slotCells.join("")}</tr>`
}

/** The table of scenes. */
export const renderScenes = (scenes: readonly SceneView[]): string => {
  for (const scene of scenes) check(scene)
  const slots = Math.max(...scenes.map(slotsOf))
  const truth = scenes.some((scene) => scene.truth !== undefined)
  const named = scenes.some((scene) => scene.segmentation === undefined)
  const mark = (k: number) => (named ? `<i style="background:rgb(${labelColours[k % labelColours.length]!.join(" ")})"></i>` : "")
  const further = [...new Set(scenes.flatMap(({ pictures = [] }) => pictures.map(({ name }) => name)))]
  const names = ["image", "reconstruction", ...further.map(escaped), ...(truth ? ["truth"] : []), "segmentation"]
  const heads = [
    ...names.map((name) => `<th scope="col">${name}</th>`),
    ...Array.from({ length: slots }, (_, k) => `<th scope="col">${mark(k)}slot ${k}</th>`),
  ]
  return `<div class="wide"><table class="scenes"><thead><tr><td></td>${heads.join("")}</tr></thead>
<tbody>${scenes.map((scene) => row(scene, slots, truth, further)).join("\n")}</tbody></table></div>`
}

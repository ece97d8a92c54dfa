/** The pictures of the emoji in several sizes, decoded when the first is drawn. */
import * as E from "fp-ts/lib/Either.js"
import { TraceError } from "../../failure.js"
import type { AlphaPicture } from "../picture-canvas.js"
import { decodePng } from "../readers/index.js"
import { emojiAtlas } from "./atlas.js"

/** Pictures of one size, one an emoji. */
type Level = readonly AlphaPicture[]

const decoded = (): Level => {
  const { side, columns, names, png } = emojiAtlas
  const read = decodePng(Buffer.from(png, "base64"), { source: "the emoji's atlas" })
  if (E.isLeft(read)) throw new TraceError(read.left.message)
  const { data, width } = read.right
  return names.map((_, n) => {
    const picture = new Float32Array(side * side * 4)
    for (let p = 0; p < side * side; p++) {
      const [x, y] = [(n % columns) * side + (p % side), Math.floor(n / columns) * side + Math.floor(p / side)]
      const alpha = data[4 * (y * width + x) + 3]! / 255
      for (let c = 0; c < 3; c++) picture[4 * p + c] = (alpha * data[4 * (y * width + x) + c]!) / 255
      picture[4 * p + 3] = alpha
    }
    return { side, data: picture }
  })
}

/** Half as large: means of four. */
const halved = ({ side, data }: AlphaPicture): AlphaPicture => {
  const half = side / 2
  const means = Float32Array.from({ length: half * half * 4 }, (_, i) => {
    const [c, x, y] = [i % 4, Math.floor(i / 4) % half, Math.floor(i / (4 * half))]
    const at = (dx: number, dy: number): number => data[4 * ((2 * y + dy) * side + 2 * x + dx) + c]!
    return (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4
  })
  return { side: half, data: means }
}

/** Side of the smallest pictures; that of the largest is a multiple of it by a power of two. */
const smallest = 6

let levels: readonly Level[] | undefined

const allLevels = (): readonly Level[] => {
  if (levels === undefined) {
    const made: Level[] = [decoded()]
    for (let level = made[0]!; level[0]!.side > smallest; made.push(level)) level = level.map(halved)
    levels = made
  }
  return levels
}

/** The picture of an emoji that is painted with `size` pixels: the smallest with as many pixels at least, or the largest that there is. */
export const emojiPicture = (emoji: number, size: number): AlphaPicture => {
  const all = allLevels()
  const level = all.findLast(([first]) => first!.side >= size) ?? all[0]!
  return level[emoji]!
}

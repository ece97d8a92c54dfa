/**
 * A convolution to images. The kernel becomes 6 x 6 matrices [channel, feature] once. For each image: its tiles of 6 x 6 places,
 * m apart, become 6 x 6 matrices [tile, channel]; 36 products give 6 x 6 matrices [tile, feature], which become m x m places.
 */
import { at, axis, binary, load, plus, pointwise, reduced, times } from "../build-nest.js"
import type { Ix } from "../nest.js"
import type { Step } from "../schedule.js"
import type { Builder, Kernel } from "./builder.js"
import { epilogueOf } from "./epilogue.js"
import { geometryOf, imageToPoints } from "./geometry.js"
import { filter } from "./matrices.js"
import type { Convolution } from "./recognise.js"

export const forward = (b: Builder, step: Kernel, c: Convolution, extents: readonly number[]): readonly Step[] => {
  const { size, directions } = c
  const geometry = geometryOf(c, extents)
  const { window, step: m, channels, features, across, along, tiles, points, frame } = geometry
  const { input, kernel, output } = filter(window, size)
  const places = directions.map((d) => extents[d.output] as number)

  // the kernel as [place, place, channel, feature], turned around where it runs against the images
  const kernelPlaces = new Map(
    c.directions.map((d, i) => [d.kernel, d.sign < 0 ? plus(at(size - 1), times(axis(i), -1)) : axis(i)] as const),
  )
  const place = (ix: Ix): Ix => {
    const v = ix.t === "var" ? ix.axis : -1
    return v === c.channel ? axis(2) : v === c.feature ? axis(3) : (kernelPlaces.get(v) as Ix)
  }
  const weights = b.kernel(`turn ${step.name}`, pointwise([size, size, channels, features], load(0, c.other.at.map(place))), [
    step.inputs[c.other.input] as number,
  ])
  const matrices = b.buffer(points, channels, features)
  const prepared = b.transform(weights.output, matrices, {
    matrix: kernel,
    domain: [channels, features],
    from: { base: 0, strides: [features, 1], rows: size * channels * features, columns: channels * features },
    to: { base: 0, strides: [features, 1], rows: window * channels * features, columns: channels * features },
  })

  const start = directions.map((d) => d.offset - (d.sign < 0 ? size - 1 : 0)) as [number, number]
  const images = step.inputs[c.images.input] as number
  const image = c.batch < 0 ? images : b.buffer(...b.shape(images).slice(1))
  const framed = b.framed(step.name, image, start, frame)
  const evaluated = imageToPoints(b, geometry, framed.output, input)
  const product = binary("mul", load(0, [axis(0), axis(1), axis(3)]), load(1, [axis(0), axis(3), axis(2)]))
  const products = b.kernel(step.name, reduced([points, tiles, features], "sum", [channels], product), [evaluated.output, matrices])
  const made = b.buffer(across * m, along * m, features)
  const toPlaces = b.transform(products.output, made, {
    matrix: output,
    domain: [across, along, features],
    from: { base: 0, strides: [along * features, features, 1], rows: window * tiles * features, columns: tiles * features },
    to: { base: 0, strides: [m * m * along * features, m * features, 1], rows: m * along * features, columns: features },
  })

  const shape = [...places, features]
  const steps = [framed, evaluated.step, products, toPlaces]
  if (c.batch < 0) {
    const last = epilogueOf(b, step, made, -1)
    return [weights, prepared, ...steps, b.kernel(`finish ${step.name}`, pointwise(shape, last.body), last.inputs, step.output)]
  }
  const count = extents[c.batch] as number
  const inside = epilogueOf(b, step, made, count)
  const item = b.kernel(`finish ${step.name}`, pointwise(shape, inside.body), inside.inputs)
  const whole = inside.complete ? step.output : b.buffer(count, ...shape)
  const loop: Step = {
    t: "loop",
    count,
    reverse: false,
    carries: [],
    slices: [{ slab: images, item: image }, ...inside.slices],
    stacks: [{ slab: whole, item: item.output }],
    body: [...steps, item],
  }
  if (inside.complete) return [weights, prepared, loop]
  const { nest } = step
  const rest = epilogueOf(b, step, whole, -1)
  return [weights, prepared, loop, b.kernel(`finish ${step.name}`, pointwise(nest.domain, rest.body), rest.inputs, step.output)]
}

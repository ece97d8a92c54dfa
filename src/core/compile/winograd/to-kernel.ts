/**
 * The gradient of a convolution to its kernel: the same with the roles of kernel and result exchanged. The images of the result,
 * in tiles of r x r places, are the filters; each gives size x size values, and these are summed over tiles and images before
 * they are interpolated: once in the end.
 */
import { axes, axis, binary, lit, load, pointwise, reduced } from "../build-nest.js"
import type { Step } from "../schedule.js"
import { type Builder, type Kernel, stridesOf } from "./builder.js"
import { epilogueOf } from "./epilogue.js"
import { geometryOf, imageToPoints } from "./geometry.js"
import { filter } from "./matrices.js"
import type { Convolution } from "./recognise.js"

export const toKernel = (b: Builder, step: Kernel, c: Convolution, extents: readonly number[]): readonly Step[] => {
  const { directions } = c
  const geometry = geometryOf(c, extents)
  const { window, step: r, channels, features, across, along, tiles, points, frame } = geometry
  const { input, kernel, output } = filter(window, r)

  const [images, others] = [step.inputs[c.images.input] as number, step.inputs[c.other.input] as number]
  const itemOf = (slab: number): number => (c.batch < 0 ? slab : b.buffer(...b.shape(slab).slice(1)))
  const [image, other] = [itemOf(images), itemOf(others)]
  const framed = b.framed(step.name, image, [directions[0].offset, directions[1].offset], frame)
  const evaluated = imageToPoints(b, geometry, framed.output, input)
  const filters = b.framed(step.name, other, [0, 0], [across * r, along * r])
  const evaluatedFilters = b.buffer(points, tiles, features)
  const filtersToPoints = b.transform(filters.output, evaluatedFilters, {
    matrix: kernel,
    domain: [across, along, features],
    from: { base: 0, strides: [r * r * along * features, r * features, 1], rows: r * along * features, columns: features },
    to: { base: 0, strides: [along * features, features, 1], rows: window * tiles * features, columns: tiles * features },
  })
  const product = binary("mul", load(0, [axis(0), axis(3), axis(1)]), load(1, [axis(0), axis(3), axis(2)]))
  const nest = reduced([points, channels, features], "sum", [tiles], product)
  const steps = [framed, evaluated.step, filters, filtersToPoints]
  const sums = b.buffer(points, channels, features)
  const before: Step[] = []
  if (c.batch < 0) before.push(...steps, b.kernel(step.name, nest, [evaluated.output, evaluatedFilters], sums))
  else {
    const zeros = b.kernel(`zeros ${step.name}`, pointwise([points, channels, features], lit(0)), [])
    const current = b.buffer(points, channels, features)
    const added = b.kernel(step.name, { ...nest, epilogue: binary("add", load(2, axes(3)), { t: "acc" }) }, [
      evaluated.output,
      evaluatedFilters,
      current,
    ])
    before.push(zeros, {
      t: "loop",
      count: extents[c.batch] as number,
      reverse: false,
      carries: [{ init: zeros.output, current, next: added.output, result: sums }],
      slices: [
        { slab: images, item: image },
        { slab: others, item: other },
      ],
      stacks: [],
      body: [...steps, added],
    })
  }
  const strides = stridesOf(step.nest.domain)
  const strideOf = (v: number): number => strides[v] as number
  const made = step.nest.epilogue === null ? step.output : b.buffer(...step.nest.domain)
  const interpolated = b.transform(sums, made, {
    matrix: output,
    domain: [channels, features],
    from: { base: 0, strides: [features, 1], rows: window * channels * features, columns: channels * features },
    to: {
      base: 0,
      strides: [strideOf(c.channel), strideOf(c.feature)],
      rows: strideOf(directions[0].kernel),
      columns: strideOf(directions[1].kernel),
    },
  })
  if (step.nest.epilogue === null) return [...before, interpolated]
  const last = epilogueOf(b, step, made, -1)
  return [...before, interpolated, b.kernel(`finish ${step.name}`, pointwise(step.nest.domain, last.body), last.inputs, step.output)]
}

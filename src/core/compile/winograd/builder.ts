/** New buffers and the steps that write them. */
import { at, axis, inRange, load, plus, pointwise } from "../build-nest.js"
import type { Nest } from "../nest.js"
import type { BufferType, Step, Transform } from "../schedule.js"

export type Kernel = Extract<Step, { readonly t: "kernel" }>

/** Row-major strides of a shape. */
export const stridesOf = (shape: readonly number[]): readonly number[] => shape.map((_, i) => shape.slice(i + 1).reduce((n, d) => n * d, 1))

export class Builder {
  readonly buffers: BufferType[]

  constructor(buffers: readonly BufferType[]) {
    this.buffers = [...buffers]
  }

  buffer(...shape: readonly number[]): number {
    return this.buffers.push({ elem: "float", shape }) - 1
  }

  shape(buffer: number): readonly number[] {
    return (this.buffers[buffer] as BufferType).shape
  }

  kernel(name: string, nest: Nest, inputs: readonly number[], output = this.buffer(...nest.domain)): Kernel {
    return { t: "kernel", name, nest, inputs, output }
  }

  transform(input: number, output: number, transform: Transform): Step {
    return { t: "routine", name: "transform", inputs: [input], outputs: [output], transform }
  }

  /** Images [place, place, channel] in a frame of another size: from (top, left) on, zeros where there is nothing. */
  framed(name: string, image: number, [top, left]: readonly [number, number], [height, width]: readonly [number, number]): Kernel {
    const [rows, columns, channels] = this.shape(image) as [number, number, number]
    const [i, j] = [plus(axis(0), at(top)), plus(axis(1), at(left))]
    return this.kernel(
      `frame ${name}`,
      pointwise([height, width, channels], load(0, [i, j, axis(2)], [inRange(i, 0, rows), inRange(j, 0, columns)])),
      [image],
    )
  }
}

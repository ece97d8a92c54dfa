/** One function a nest, shared by all kernels with the same nest and shapes; its parameters are addresses. */
import type { Nest } from "../../compile/nest.js"
import type { Transform } from "../../compile/schedule.js"
import { materialize } from "./affine.js"
import { extentsOf } from "./axes.js"
import { I32, type ModuleBuilder } from "./emitter.js"
import type { Library } from "./library.js"
import { emitLoops } from "./loops.js"
import { lowerNest, type Point } from "./lowered.js"
import { emitScatter } from "./scatter.js"
import { emitTransform } from "./transform.js"

/** Parameters: the inputs in order, the output. */
export interface Kernel {
  readonly index: number
  readonly style: "scalar" | "vector" | "scatter"
}

export class Kernels {
  private readonly known = new Map<string, Kernel>()
  private readonly transforms = new Map<string, number>()

  constructor(
    private readonly m: ModuleBuilder,
    private readonly library: Library,
  ) {}

  /** Null for a nest without elements. */
  kernel(nest: Nest, shapes: readonly (readonly number[])[]): Kernel | null {
    if (nest.domain.includes(0)) return null
    const key = this.key(nest, shapes)
    const known = this.known.get(key)
    if (known !== undefined) return known
    const kernel = this.compile(nest, shapes)
    this.known.set(key, kernel)
    return kernel
  }

  transform(transform: Transform): number {
    const key = JSON.stringify(transform)
    const known = this.transforms.get(key) ?? emitTransform(this.m, this.library.num, transform)
    this.transforms.set(key, known)
    return known
  }

  private compile(nest: Nest, shapes: readonly (readonly number[])[]): Kernel {
    const source = { nest, shapes, reduced: false }
    const params = new Array<typeof I32>(shapes.length + 1).fill(I32)
    let style: Kernel["style"] = "scalar"
    const index = this.m.fn(params, [], (f) => {
      if (nest.reduce?.indicator !== undefined) {
        style = "scatter"
        emitScatter(f, this.library, source)
      } else if (emitLoops(f, this.library, source)) style = "vector"
    })
    return { index, style }
  }

  /** Equal for nests that compute the same from inputs of the same shapes: their dataflow, in which equal values are one. */
  private key(nest: Nest, shapes: readonly (readonly number[])[]): string {
    const { flow, lowering, points } = lowerNest(
      { nest, shapes, reduced: false },
      this.library.num,
      extentsOf(nest).map((_, axis) => [axis]),
    )
    const { reduce } = nest
    const indicator =
      reduce?.indicator === undefined ? "" : `${reduce.indicator.axis}=${materialize(flow, lowering.index(reduce.indicator.equals))}`
    const [{ body, result }] = points as readonly [Point]
    const nodes = flow.nodes.map(({ op, args, imm }) => `${op}(${args.join()};${imm.map((x) => (Object.is(x, -0) ? "-0" : x)).join()})`)
    return [nest.domain.join(), reduce?.combine, reduce?.extent.join(), indicator, body, result, shapes.length, ...nodes].join("|")
  }
}

/** The exact gradient of a SLATE whose refinements have settled, beside central differences of its loss, solved anew for each. */
import { constant, flatten, unflatten } from "../../src/core/index.js"
import { grad, type Tensor, toArray, toNumber } from "../../src/index.js"
import { type SlateParams, slate, slateLoss, slateSpec } from "../../src/models/index.js"
import { mul } from "../../src/ops/index.js"
import { contextKey, imagesOf, paramsOf, settled, temperature } from "./asked.js"

const step = 1e-5

/** Small weights, with which the refinement contracts. */
const scaled = <T>(tree: T, by: number): T => {
  const { leaves, structure } = flatten("differences", tree)
  return unflatten(
    structure,
    leaves.map((t) => settled(mul(t as Tensor, by) as Tensor)),
  ) as T
}

/** The largest difference beside the largest derivative of the parameters of slot attention and what is in front of it. */
export const differences = (): number => {
  const sizes = { side: 8, vocabulary: 5, features: 8, blocks: 1, heads: 2, slots: 2, width: 4, iterations: 120, dropout: 0 }
  const spec = { ...slateSpec("small", { ...sizes, variant: "exact" }), dvaeFeatures: 4 }
  const model = slate(spec)
  const [drawn, images] = [paramsOf(spec, 3), imagesOf(spec)]
  const params = { ...drawn, attention: { ...drawn.attention, cell: scaled(drawn.attention.cell, 0.5) } }
  const loss = (p: SlateParams): Tensor<[]> =>
    slateLoss(model.apply(p, { images, temperature }, { key: contextKey, mode: "train" }), images).crossEntropy
  const residual = Math.max(...toArray(settled(model.apply(params, { images, temperature }, { key: contextKey, mode: "train" }).residual)))
  const parts = { slotInput: params.slotInput, attention: params.attention }
  const { leaves, structure } = flatten("differences", parts)
  const gradients = flatten("differences", settled(grad((q: typeof parts) => loss({ ...params, ...q }))(parts as never)))
  const found: number[] = []
  const expected: number[] = []
  leaves.forEach((leaf, i) => {
    const values = toArray(leaf as Tensor)
    const at = (i * 7) % values.length
    const moved = (by: number): number => {
      const changed = Float64Array.from(values)
      changed[at] = (changed[at] as number) + by
      const all = leaves.map((l, j) => (j === i ? constant({ elem: "float", shape: l.shape }, changed) : l))
      return toNumber(settled(loss({ ...params, ...(unflatten(structure, all) as typeof parts) })))
    }
    expected.push((moved(step) - moved(-step)) / (2 * step))
    found.push(toArray(gradients.leaves[i] as Tensor)[at] as number)
  })
  const scale = Math.max(...expected.map(Math.abs))
  console.log(
    `exact: refinements settled to ${residual.toExponential(1)}; ${leaves.length} derivatives, the largest ${scale.toExponential(1)}`,
  )
  return Math.max(...found.map((g, i) => Math.abs(g - (expected[i] as number)))) / scale
}

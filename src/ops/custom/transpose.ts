/** Transposing an application whose derivative is known: a linear function is its own derivative, at zero as anywhere. */
import { type AnyTensor, type Op, placeholder, transposeDag, zerosOf } from "../../core/index.js"
import { pick, place } from "../control/index.js"

/** The transpose that a split gives. */
export const transposeBySplit =
  <P>(owner: string, split: NonNullable<Op<P>["split"]>): NonNullable<Op<P>["transpose"]> =>
  (params, inputs, linear, cotangents) => {
    const leaves = pick(inputs, linear).map((t) => placeholder(t.type, owner))
    const half = split(
      params,
      inputs.map((t, i) => (linear[i] ? zerosOf(t.type) : t)),
      linear,
    )
    return place(transposeDag(leaves, half.linear(place(leaves, linear, null)), cotangents), linear, null)
  }

/** Tangents with zeros for those that are left out. */
export const instantiated = (tangents: readonly (AnyTensor | null)[], inputs: readonly AnyTensor[]): readonly AnyTensor[] =>
  tangents.map((t, i) => t ?? zerosOf((inputs[i] as AnyTensor).type))

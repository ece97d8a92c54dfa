/** Which parts of a scan have tangents. */
import { type AnyTensor, closeBody, inputTypes, jvpGraph, placeholder, type Tangent, zerosOf } from "../../core/index.js"
import { leastFixedPoint } from "./fixpoint.js"
import { type ScanParams, sections } from "./scan-params.js"

/** A tangent, zeros where there is none. */
export const some = (t: Tangent, like: AnyTensor): AnyTensor => t ?? zerosOf(like.type)

/** Which inputs and outputs of the body have tangents, given those of the scan's inputs. */
export const activity = (params: ScanParams, active: readonly boolean[], mode: "jvp" | "linear") => {
  const { body, carry } = params
  const parts = sections(params, active)
  let outputs: readonly boolean[] = []
  const run = (flags: readonly boolean[]) => {
    closeBody("scan", inputTypes(body), (args) => {
      const mask = [...parts.constants, ...flags, ...parts.xs]
      const duals = jvpGraph(
        body,
        args.map((primal, i) => ({ primal, tangent: mask[i] ? placeholder(primal.type, "scan") : null })),
        mode,
      )
      outputs = duals.map((d) => d.tangent !== null)
      return []
    })
    return outputs.slice(0, carry)
  }
  const flags = leastFixedPoint(parts.carry, run)
  return { inputs: [...parts.constants, ...flags, ...parts.xs], carry: flags, results: outputs.slice(carry) }
}

/** Repeated application as a scan: differentiated as the finite program it is, gradients reach the initial state. */
import { type AnyTensor, applyClosed, type Closed, type Tensor } from "../../core/index.js"
import { add, mul, scan, sub } from "../../ops/index.js"

export const unrolledSteps = (f: Closed, init: readonly AnyTensor[], steps: number, tau: number): readonly AnyTensor[] => {
  const step = (z: readonly AnyTensor[]): readonly AnyTensor[] =>
    applyClosed(f, z).map((t, i) =>
      tau === 1 || t.type.elem !== "float" ? t : add(z[i] as Tensor, mul(sub(t as Tensor, z[i] as Tensor), tau)),
    )
  const [z] = scan((z: readonly AnyTensor[], _row: null) => [step(z), null] as const, init, null, { length: steps })
  return z as readonly AnyTensor[]
}

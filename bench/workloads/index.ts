/** All workloads, and picking them by name. */
import { kernels } from "./kernels.js"
import type { Workload } from "./spec.js"
import { trainings } from "./trainings.js"

export { type Filled, type Numbers, numbers } from "./fill.js"
export {
  adamOptions,
  isInt,
  type Kernel,
  type KernelFunction,
  type Model,
  type Passing,
  sizeOf,
  type TensorSpec,
  type Tensors,
  type Training,
  type Workload,
} from "./spec.js"
export { passings, turns } from "./trainings.js"

export const workloads: readonly Workload[] = [...kernels, ...trainings]

/** `K1` picks K1.64 to K1.1024 and not K1b; `K2` picks K2a and K2b; `T5.exact` picks all its numbers of iterations. */
const belongs = (id: string, name: string): boolean =>
  id === name || id.startsWith(`${name}.`) || (/^[KT]\d$/.test(name) && name !== "K1" && id.startsWith(name))

/** The workloads that a list of names picks; a name that picks nothing is an error. */
export const pick = (names: readonly string[] | null): readonly Workload[] => {
  if (names === null) return workloads
  const idle = names.filter((name) => !workloads.some(({ id }) => belongs(id, name)))
  if (idle.length > 0) throw new Error(`no workload is called ${idle.join(", ")}; there are ${workloads.map(({ id }) => id).join(", ")}`)
  return workloads.filter(({ id }) => names.some((name) => belongs(id, name)))
}

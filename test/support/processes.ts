/** Which test files get a process of their own, and in which order files run. */
import { relative } from "node:path"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/**
 * Files that change what others would see: they define ops, layers, solvers or adjoints in the library's registries, replace globals, count the
 * threads of their process, or measure time and memory. All others share one process a worker: there the library is loaded once and stays warm.
 */
export const alone: readonly string[] = [
  "test/gate/checkpoint-memory.test.ts",
  "test/gate/deep.test.ts",
  "test/gate/linear-time.test.ts",
  "test/core/compile/memory.test.ts",
  "test/core/define-op.test.ts",
  "test/core/targets/wasm-session.test.ts",
  "test/core/targets/wasm-workers.test.ts",
  "test/documentation.test.ts",
  "test/implicit/define-adjoint.test.ts",
  "test/implicit/define-solver.test.ts",
  "test/implicit/explain-solve.test.ts",
  "test/laws/declared.test.ts",
  "test/laws/implicit-layer.test.ts",
  "test/laws/products.test.ts",
  "test/models/data/prefetch/prefetch.test.ts",
  "test/models/data/sources/drawn.test.ts",
  "test/models/layers/combinators.test.ts",
  "test/models/layers/kinds.test.ts",
  "test/ops/user-op.test.ts",
  "test/readme.test.ts",
]

/** They take longer than their size tells: at the end one worker would wait for the other. */
const long = [
  "test/guide.",
  "test/laws/",
  "test/cli/",
  "test/browser/",
  "test/conformance/",
  "test/models/training/",
  "test/ops/array-laws.",
]

const rank = ({ project, moduleId }: TestSpecification): number => {
  if (project.config.isolate) return 0
  const path = relative(project.config.root, moduleId)
  return long.some((start) => path.startsWith(start)) ? 1 : 2
}

/** Files alone in their process first, since a shared process ends when the next file wants one of its own; then long ones. */
export class Order extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

/** PyTorch, eager, on the CPU. */
import { openPython } from "./child.js"

export const open = openPython("torch", "./torch_engine.py", (workload) =>
  workload.kind === "training" && "passing" in workload.model && workload.model.passing === "exact" ? "no implicit differentiation" : null,
)

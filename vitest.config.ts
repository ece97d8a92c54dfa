import { defineConfig } from "vitest/config"
import { alone, Order } from "./test/support/processes.js"
import { propertyBudget } from "./test/support/property-budget.js"

const budget = propertyBudget(process.env)
console.log(`fast-check: FC_SEED=${budget.seed} FC_RUNS=${budget.numRuns}`)

const common = {
  setupFiles: ["test/support/setup.ts"],
  provide: { propertyBudget: budget },
  // two cores are what CI has; one worker, the default there, leaves one idle
  maxWorkers: 2,
  // compiled programs and properties are slow on two cores; a hang is still found within a minute
  testTimeout: 60_000,
  hookTimeout: 60_000,
}

export default defineConfig({
  test: {
    sequence: { sequencer: Order },
    projects: [
      { test: { ...common, name: "alone", include: [...alone] } },
      { test: { ...common, name: "shared", include: ["test/**/*.test.ts"], exclude: [...alone], isolate: false } },
    ],
  },
})

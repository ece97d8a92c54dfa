import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    name: "node",
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/property-budget.ts"],
    setupFiles: ["test/support/setup.ts"],
    // compiled programs and properties are slow on two cores; a hang is still found within a minute
    testTimeout: 60_000,
    // two cores are what CI has; one worker, the default there, leaves one idle
    maxWorkers: 2,
    hookTimeout: 60_000,
  },
})

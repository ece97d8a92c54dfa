/** How many threads a run has where nobody says. Node only. */
import { availableParallelism } from "node:os"
import type { TargetName } from "../../core/index.js"

/** More threads than this help no model here, and each has its own stack and code. */
const most = 8

/**
 * Threads for a run on a target: as many as the machine has processors, at most 8, where the target has threads; else 1. No bit of what a
 * run computes depends on it.
 *
 * @example
 * usualThreads("interpreter") // 1
 */
export const usualThreads = (target: TargetName | "auto"): number =>
  target === "auto" || target.startsWith("wasm") ? Math.min(availableParallelism(), most) : 1

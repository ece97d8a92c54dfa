import type { Graph } from "./graph.js"

/** Whether a part of an op's parameters is a body. */
export const isGraph = (x: unknown): x is Graph =>
  typeof x === "object" && x !== null && "equations" in x && "inputs" in x && "outputs" in x && "types" in x

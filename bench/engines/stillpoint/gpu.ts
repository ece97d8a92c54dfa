/** Stillpoint on gpu.js's WebAssembly kernels. */
import { openTarget } from "./index.js"

export const open = openTarget("stillpoint-gpu", "gpu:webasm")

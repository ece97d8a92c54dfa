/** JAX, jitted, on the CPU. */
import { openPython } from "./child.js"

export const open = openPython("jax", "./jax_engine.py")

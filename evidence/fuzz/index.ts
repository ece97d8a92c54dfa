/** All readers of data from outside. A reader's place in the list is its stream of draws: append, don't insert. */
import { npy, npz, png, safetensors } from "./binary.js"
import type { Reader } from "./reader.js"
import { config, graph } from "./text.js"

export { type Found, hunt, inputOf, limits } from "./hunt.js"
export type { Reader } from "./reader.js"

// biome-ignore lint/suspicious/noExplicitAny: what each gives is its own matter
export const readers: readonly Reader<any>[] = [npz, npy, png, safetensors, config, graph]

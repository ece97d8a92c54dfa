/** Loading ahead in a worker thread. */

export { type PrefetchError, type PrefetchOptions, type PrefetchSource, prefetch } from "./prefetch.js"

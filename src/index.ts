/** Stillpoint: the language, its ops, and the fixed point as a primitive. */
export * from "./core/index.js"
export * from "./implicit/index.js"
export * from "./ops/index.js"

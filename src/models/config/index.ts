/** A whole run as one checked configuration. */
export { type Config, configCodec, defaultConfig } from "./config.js"
export { imageSide, modelSpec, optimiserSpec } from "./model.js"
export { type Difference, differences, entries, names, type Setting } from "./paths.js"
export { decodeConfig, parseSetting, parseSettings } from "./read.js"

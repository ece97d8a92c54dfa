/** Published multi-object sets: their layouts, and scenes from their files. */
export { type MultiObjectLayout, multiObjectLayouts } from "./layout.js"
export { readMultiObject } from "./read.js"
export { type MultiObjectScene, multiObjectScene } from "./scene.js"

/** Readers (and writers) of data from outside: npy, npz, PNG pictures. Everything is checked before anything is allocated for it. */

export type { NpyArray, NpyDtype } from "./dtype.js"
export { type FileOptions, type PictureOptions, type Pictures, readNpy, readNpz, readPictures } from "./files.js"
export { type ReadOptions, refuse } from "./limits.js"
export { decodeNpy, encodeNpy } from "./npy.js"
export { decodeNpz, encodeNpz, type NpzArrays } from "./npz.js"
export { decodePng, type Picture } from "./png.js"

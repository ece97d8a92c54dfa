/** Readers (and writers) of data from outside: npy, npz, idx, PNG pictures, TFRecord files. Everything is checked before anything is allocated for it. */

export type { NpyArray, NpyDtype } from "./dtype.js"
export { decodeExample, type ExampleFeature, type ExampleFeatures } from "./example.js"
export { type FileOptions, type PictureOptions, type Pictures, readNpy, readNpz, readPicture, readPictures } from "./files.js"
export { decodeIdx, readIdx } from "./idx.js"
export { type ReadOptions, refuse } from "./limits.js"
export { naturalOrder } from "./natural-order.js"
export { decodeNpy, encodeNpy } from "./npy.js"
export { decodeNpz, encodeNpz, type NpzArrays } from "./npz.js"
export { decodePng, type Picture } from "./png.js"
export { readTfRecords, type TfRecordOptions, type TfRecords } from "./tfrecord.js"

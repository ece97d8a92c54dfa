/** Checkpoints: safetensors files, written so that a reader never sees half of one. */

export { readFileBytes, writeFileAtomic } from "./atomic-file.js"
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint, loadCheckpoint, saveCheckpoint } from "./checkpoint.js"
export { fromSystem } from "./file-error.js"
export { type ImportOptions, importWeights, type Source } from "./import-weights.js"
export { type Json, parse } from "./json.js"
export { type ListedTensor, listTensors, type TensorList } from "./list-tensors.js"
export { decodeSafetensors, encodeSafetensors, type Safetensors, type StoredTensor } from "./safetensors.js"

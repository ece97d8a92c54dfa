/** Names of leaves of a tree as people write them. */

/** `.encoder[0].w` as `encoder.0.w`: the way in which PyTorch and safetensors files name weights. */
export const dotted = (path: string): string => path.replace(/\[(\d+)\]/g, ".$1").replace(/^\./, "")

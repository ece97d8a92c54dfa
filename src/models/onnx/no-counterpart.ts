/** Thrown where a rule meets what ONNX can't say; `exportOnnx` makes a `Left` of it, with the op and its place. */
export class NoCounterpart extends Error {}

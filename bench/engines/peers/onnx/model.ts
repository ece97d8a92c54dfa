/** Writes ONNX models of a few nodes: the protocol buffer messages that they are, field by field (onnx.proto, IR version 8, opset 17). */

const varint = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...varint(Math.floor(n / 128))])
const whole = (field: number, n: number): number[] => [...varint(field * 8), ...varint(n)]
const bytes = (field: number, content: readonly number[]): number[] => [...varint(field * 8 + 2), ...varint(content.length), ...content]
const text = (field: number, content: string): number[] => bytes(field, [...new TextEncoder().encode(content)])
const single = (field: number, x: number): number[] => [...varint(field * 8 + 5), ...new Uint8Array(Float32Array.of(x).buffer)]

export type Attribute = number | readonly number[] | { readonly float: number }

export interface Node {
  readonly op: string
  readonly inputs: readonly string[]
  readonly output: string
  readonly attributes?: Readonly<Record<string, Attribute>>
}

/** Codes of attribute types: FLOAT 1, INT 2, INTS 7. */
const attribute = (name: string, value: Attribute): number[] => {
  const content =
    typeof value === "number"
      ? [...whole(3, value), ...whole(20, 2)]
      : "float" in value
        ? [...single(2, value.float), ...whole(20, 1)]
        : [...value.flatMap((n) => whole(8, n)), ...whole(20, 7)]
  return bytes(5, [...text(1, name), ...content])
}

const node = ({ op, inputs, output, attributes = {} }: Node): number[] =>
  bytes(1, [
    ...inputs.flatMap((name) => text(1, name)),
    ...text(2, output),
    ...text(4, op),
    ...Object.entries(attributes).flatMap(([name, value]) => attribute(name, value)),
  ])

/** A float tensor of a known shape. */
const value = (field: number, name: string, shape: readonly number[]): number[] => {
  const dims = shape.flatMap((d) => bytes(1, whole(1, d)))
  return bytes(field, [...text(1, name), ...bytes(2, bytes(1, [...whole(1, 1), ...bytes(2, dims)]))])
}

/** A model whose output is called `y`. */
export const model = (nodes: readonly Node[], inputs: Readonly<Record<string, readonly number[]>>, output: readonly number[]): Uint8Array =>
  Uint8Array.from([
    ...whole(1, 8),
    ...bytes(7, [
      ...nodes.flatMap(node),
      ...text(2, "kernel"),
      ...Object.entries(inputs).flatMap(([name, shape]) => value(11, name, shape)),
      ...value(12, "y", output),
    ]),
    ...bytes(8, [...text(1, ""), ...whole(2, 17)]),
  ])

/** What is in a file, and what makes that there is none. */
import { describe, expect, test } from "vitest"
import { placeholder, solveStatuses, type Tensor, TraceError, tensor } from "../../../src/core/index.js"
import { fixedPoint, picard } from "../../../src/implicit/index.js"
import { fieldsOf, type WireField } from "../../../src/models/data/readers/protobuf.js"
import { exportOnnx } from "../../../src/models/onnx/index.js"
import { encodeModel } from "../../../src/models/onnx/messages.js"
import { add, cast, cond, exp, type Key, key, less, matmul, max, mul, normal, scan, sum, tanh, zeros } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"
import { runOnnx } from "../../support/onnx.js"

const float = (...shape: readonly number[]) => ({ elem: "float", shape }) as const
const all = (bytes: Uint8Array, number: number): readonly WireField[] => [...fieldsOf(bytes, 0)].filter((f) => f.number === number)
const messages = (bytes: Uint8Array, number: number): readonly Uint8Array[] => all(bytes, number).map((f) => f.bytes as Uint8Array)
const texts = (bytes: Uint8Array, number: number): readonly string[] => messages(bytes, number).map((b) => new TextDecoder().decode(b))
const graphOf = (file: Uint8Array): Uint8Array => messages(file, 7)[0] as Uint8Array
/** Operators of a graph's own nodes. */
const operators = (graph: Uint8Array): readonly string[] => messages(graph, 1).flatMap((node) => texts(node, 4))

describe("a file", () => {
  const w = tensor([
    [1, 2],
    [3, 4],
  ])
  const layer = ({ x }: { readonly x: Tensor }) => ({ y: tanh(matmul(x, w)), z: { sum: sum(x) } })
  const file = right(
    exportOnnx("layer", layer, { x: zeros([1, 2]) as Tensor }, { parameters: { layers: [{ w }] }, notes: { range: "any" } }),
  )

  test("says its format, its names and its notes", () => {
    expect(all(file, 1).map((f) => f.varint)).toEqual([8n])
    expect(messages(file, 8).map((opset) => all(opset, 2).map((f) => f.varint))).toEqual([[17n]])
    expect(messages(file, 14).map((note) => [...texts(note, 1), ...texts(note, 2)])).toEqual([["range", "any"]])
    const graph = graphOf(file)
    expect(texts(graph, 2)).toEqual(["layer"])
    expect(messages(graph, 5).flatMap((t) => texts(t, 8))).toContain("layers[0].w")
    expect(messages(graph, 11).flatMap((v) => texts(v, 1))).toEqual(["x"])
    expect(messages(graph, 12).flatMap((v) => texts(v, 1))).toEqual(["y", "z.sum"])
  })

  test("refuses images of another shape when it is run", async () => {
    await expect(runOnnx(file, { x: { type: float(2, 2), data: new Float64Array(4) } })).rejects.toThrow(/dimensions/i)
  })

  test("what a loop does not change is computed before it, what a branch needs is computed in it", () => {
    const f = ({ x, rows }: { readonly x: Tensor; readonly rows: Tensor }) => ({
      looped: scan((c: Tensor, row: Tensor) => [add(mul(c, exp(x)), row) as Tensor, null] as const, x as never, rows as never)[0] as Tensor,
      branched: cond(
        less(sum(x), 0) as Tensor<[], "bool">,
        () => tanh(x) as Tensor,
        () => x,
      ),
    })
    const made = operators(graphOf(right(exportOnnx("f", f, { x: zeros([2]) as Tensor, rows: zeros([3, 2]) as Tensor }))))
    expect(made).toContain("Exp")
    expect(made).toContain("Loop")
    expect(made).toContain("If")
    expect(made).not.toContain("Tanh")
    expect(made).not.toContain("Mul")
  })

  test("is none where it would be larger than 2 GiB; nothing is made to find out", () => {
    const graph = { name: "large", nodes: [], inputs: [], outputs: [] }
    const data = (length: number) => ({ elem: "float32", shape: [length], data: { length } }) as const
    expect(encodeModel({ ...graph, initializers: [["w", data(2 ** 29)]] }, "test", {})).toBe(null)
    expect(encodeModel({ ...graph, initializers: [["w", data(2)]] }, "test", {})).not.toBe(null)
  })
})

describe("solves", () => {
  const f = ({ a }: { readonly a: Tensor<[]> }) => ({
    z: fixedPoint(
      (z: Tensor<[]>) => add(mul(z, a), 1) as Tensor<[]>,
      tensor(0),
      picard({ maxEvaluations: 60, onFailure: "useBest", name: "z" }),
    ),
  })
  const file = right(exportOnnx("f", f, { a: zeros([]) }))
  test.each([
    [0.25, "Converged"],
    [0.9999, "Exhausted"],
    [4, "Diverged"],
  ] as const)("of slope %f tell that they ended %s", async (a, status) => {
    const found = await runOnnx(file, { a: { type: float(), data: Float64Array.of(a) } })
    expect(solveStatuses[found["z.status"]?.data[0] as number]).toBe(status)
    if (status === "Converged") expect(found.z?.data[0]).toBeCloseTo(1 / (1 - a), 3)
    else expect(found["z.residual"]?.data[0]).toBeGreaterThan(1e-4)
  })
})

describe("refusals", () => {
  test("a key that is an input: which op, and the line that drew", () => {
    const draw = ({ k }: { readonly k: Key }) => ({ noise: normal(k, [2]) })
    const failure = left(exportOnnx("noise", draw, { k: placeholder({ elem: "key", shape: [] }, "a test") as Key }))
    expect(failure).toMatchObject({ _tag: "NotExportable", op: "threefry", at: expect.stringMatching(/file\.test\.ts:\d+:\d+$/) })
    expect(failure.message).toMatch(/close the function over the key/)
    expect(
      exportOnnx("noise", ({ x }: { readonly x: Tensor }) => ({ noise: add(x, normal(key(1), [2])) }), { x: zeros([2]) as Tensor })._tag,
    ).toBe("Right")
  })

  test("a whole number that is none: the largest of no elements", () => {
    const none = ({ x }: { readonly x: Tensor }) => ({ y: add(max(cast(x, "int") as never, [0]), 0) })
    expect(left(exportOnnx("none", none, { x: zeros([0, 3]) as Tensor })).message).toContain("holds -Infinity as a whole number")
  })

  test("a function that is badly typed, or throws", () => {
    const failure = left(exportOnnx("f", ({ x }: { readonly x: Tensor }) => ({ y: matmul(x, x) }), { x: zeros([2, 3]) as Tensor }))
    expect(failure).toMatchObject({ _tag: "TraceError", at: expect.stringMatching(/file\.test\.ts:\d+:\d+$/) })
    for (const error of [new TraceError("mine"), new Error("mine")]) {
      const broken = () => {
        throw error
      }
      expect(left(exportOnnx("f", broken, { x: zeros([2]) }))).toMatchObject({
        _tag: "TraceError",
        message: expect.stringContaining("mine"),
      })
    }
  })

  test("an input and an output of one name", () => {
    const failure = left(exportOnnx("f", ({ x }: { readonly x: Tensor }) => ({ x: exp(x) }), { x: zeros([2]) as Tensor }))
    expect(failure.message).toMatch(/two inputs or outputs are called "x"/)
  })

  test("a captured argument of a function that is being traced", () => {
    const open = placeholder(float(2), "another") as Tensor
    expect(left(exportOnnx("f", ({ x }: { readonly x: Tensor }) => ({ y: add(x, open) }), { x: zeros([2]) as Tensor }))._tag).toBe(
      "TraceError",
    )
  })
})

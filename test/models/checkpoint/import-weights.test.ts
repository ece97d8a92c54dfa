/** Weights from elsewhere by a map of names; and files that go to Python and come from there. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { tensor, toArray } from "../../../src/core/index.js"
import { decodeSafetensors, importWeights, type Source, type StoredTensor, saveCheckpoint } from "../../../src/models/checkpoint/index.js"
import { dense, seq } from "../../../src/models/layers/index.js"
import { key } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"

const stored = (shape: readonly number[], from = 0): StoredTensor => ({
  dtype: "F32",
  shape,
  data: Float32Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => from + i),
})

describe("weights by a map of names", () => {
  const like = seq(dense(2, 3), dense(3, 1)).init(key(0))
  const file = { "fc1.weight": stored([3, 2]), "fc1.bias": stored([3], 10), "fc2.weight": stored([1, 3], 20), "fc2.bias": stored([1], 30) }
  const map: Readonly<Record<string, Source>> = {
    "0.w": { from: "fc1.weight", permute: [1, 0] },
    "0.b": { from: "fc1.bias" },
    "1.w": { from: "fc2.weight", permute: [1, 0] },
    "1.b": { from: "fc2.bias" },
  }

  test("go where they belong, axes in the model's order", () => {
    const [first, second] = right(importWeights(file, like, map)) as unknown as readonly [
      Record<"w" | "b", never>,
      Record<"w" | "b", never>,
    ]
    expect([first.w, first.b, second.w, second.b].map((t) => [...toArray(t)])).toEqual([
      [0, 2, 4, 1, 3, 5],
      [10, 11, 12],
      [20, 21, 22],
      [30],
    ])
  })

  test("permute is numpy's transpose", () =>
    fc.assert(
      fc.property(
        fc
          .array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 })
          .chain((shape) =>
            fc.record({ shape: fc.constant(shape), order: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }) }),
          ),
        ({ shape, order }) => {
          const from = stored(shape)
          const turned = order.map((axis) => shape[axis] as number)
          const like = { w: tensor(new Float64Array(from.data.length), turned) }
          const { w } = right(importWeights({ a: from }, like, { w: { from: "a", permute: order } }))
          const at = (place: readonly number[], sizes: readonly number[]) => place.reduce((n, p, k) => n * (sizes[k] as number) + p, 0)
          toArray(w).forEach((x, i) => {
            let rest = i
            const place = turned
              .toReversed()
              .map((n) => [rest % n, (rest = Math.floor(rest / n))][0] as number)
              .reverse()
            const source = new Array<number>(shape.length)
            order.forEach((axis, k) => (source[axis] = place[k] as number))
            expect(x).toBe(from.data[at(source, shape)])
          })
        },
      ),
    ))

  test.each<[string, Readonly<Record<string, StoredTensor>>, Readonly<Record<string, Source>>, RegExp]>([
    ["no source", file, { ...map, "1.b": undefined as never }, /the map names no tensor for the parameter "1\.b" \[1\]/],
    ["no such parameter", file, { ...map, "2.w": { from: "x" } }, /the model has no parameter "2\.w"; the nearest is [01]\.w/],
    ["no such tensor", file, { ...map, "1.b": { from: "fc2.bais" } }, /no tensor "fc2\.bais" for 1\.b; the nearest is fc2\.bias/],
    [
      "another order",
      file,
      { ...map, "0.w": { from: "fc1.weight" } },
      /0\.w: tensor "fc1\.weight" has shape \[3, 2\], the model needs \[2, 3\]; give \{ from, permute \}/,
    ],
    [
      "no permutation",
      file,
      { ...map, "0.w": { from: "fc1.weight", permute: [1, 1] } },
      /permute of "fc1\.weight" is \[1, 1\], expected the 2 axes/,
    ],
    ["another shape", { ...file, "fc1.bias": stored([4]) }, map, /0\.b: tensor "fc1\.bias" has shape \[4\], the model needs \[3\]$/],
    [
      "no number",
      { ...file, "fc2.bias": { ...stored([1]), data: Float32Array.of(Number.NaN) } as StoredTensor },
      map,
      /1\.b: element 0 of tensor "fc2\.bias" is NaN/,
    ],
    ["left over", { ...file, steps: stored([1]) }, map, /nothing asks for its tensor "steps"; map it, or pass strict: false/],
    ["a prototype", file, { ...map, "1.b": { from: "toString" } }, /no tensor "toString"/],
  ])("%s is named", (_, tensors, names, message) => {
    expect(left(importWeights(tensors, like, names)).message).toMatch(message)
  })

  test("what is left over may be let go", () => {
    right(importWeights({ ...file, steps: stored([1]) }, like, map, { strict: false }))
  })
})

const python = [process.env.STILLPOINT_PYTHON, process.env.STILLPOINT_JAX_PYTHON, "python3"].find(
  (name) => name !== undefined && spawnSync(name, ["-c", "import numpy, safetensors.numpy"]).status === 0,
)
if (python === undefined) console.log("skipped: no Python with numpy and safetensors is at hand (STILLPOINT_PYTHON names one)")

describe.skipIf(python === undefined)("Python", () => {
  const folder = mkdtempSync(join(tmpdir(), "stillpoint-python-"))
  afterAll(() => rmSync(folder, { recursive: true }))
  const run = (text: string) => {
    const { status, stdout, stderr } = spawnSync(python as string, ["-c", text, folder], { encoding: "utf8" })
    if (status !== 0) throw new Error(stderr)
    return stdout
  }

  test("reads a checkpoint", async () => {
    const tensors: Readonly<Record<string, StoredTensor>> = {
      "params.w": stored([2, 3]),
      "params.x": { dtype: "F64", shape: [], data: Float64Array.of(0.1) },
      "params.n": { dtype: "I32", shape: [2], data: Int32Array.of(-1, 7) },
    }
    right(await saveCheckpoint(join(folder, "ours.safetensors"), { tensors, metadata: { step: 3 } })())
    const told = run(`
import sys, json
from safetensors import safe_open
with safe_open(sys.argv[1] + "/ours.safetensors", "numpy") as f:
    print(json.dumps({"step": f.metadata()["step"], **{k: [str(f.get_tensor(k).dtype), f.get_tensor(k).tolist()] for k in f.keys()}}))`)
    expect(JSON.parse(told)).toEqual({
      step: "3",
      "params.w": [
        "float32",
        [
          [0, 1, 2],
          [3, 4, 5],
        ],
      ],
      "params.x": ["float64", 0.1],
      "params.n": ["int32", [-1, 7]],
    })
  })

  test("writes what we read", () => {
    run(`
import sys, numpy as np
from safetensors.numpy import save_file
save_file({t: np.array([[1, 2], [3, 100]]).astype(t) for t in ["float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]}, sys.argv[1] + "/theirs.safetensors")`)
    const { tensors } = right(decodeSafetensors(readFileSync(join(folder, "theirs.safetensors"))))
    const numbers = Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, [...t.data]]))
    const all = [1, 2, 3, 100]
    expect(numbers).toEqual({
      ...Object.fromEntries(["float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64"].map((t) => [t, all])),
      bool: [1, 1, 1, 1],
    })
  })
})

/** A child process that overwrites one checkpoint for ever, until it is killed. Every tensor and the metadata hold the same step. */
import { loadCheckpoint, saveCheckpoint } from "../../../src/models/checkpoint/index.js"

const path = process.argv[2]!
const before = await loadCheckpoint(path)()
let step = before._tag === "Right" ? Number(before.right.metadata.step) : 0

for (;;) {
  step++
  const saved = await saveCheckpoint(path, {
    tensors: {
      w: { dtype: "F32", shape: [30_000], data: new Float32Array(30_000).fill(step) },
      n: { dtype: "I32", shape: [100], data: new Int32Array(100).fill(step) },
    },
    metadata: { step },
  })()
  if (saved._tag === "Left") throw new Error(saved.left.message)
  if (step % 4 === 0) process.stdout.write(".")
}

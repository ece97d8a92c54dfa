/** A report of a run that never was: real scenes, made-up curves. */
import { segmentByColour } from "../../../src/models/baselines/index.js"
import { drawsOf, tetrominoesScene } from "../../../src/models/data/index.js"
import { fgAri } from "../../../src/models/metrics/index.js"
import type { ReportData, SceneView } from "../../../src/models/report/index.js"

const noise = drawsOf(1, 3, 0)
const count = 4000
const steps = Array.from({ length: count }, (_, i) => 5 * (i + 1))
const decay = (from: number, to: number, pace: number, jitter: number) =>
  steps.map((_, i) => (to + (from - to) * Math.exp(-i / pace)) * (1 + jitter * (noise.uniform() - 0.5)))

/** Four slots that nearly found the pieces. */
const scene = (index: number): SceneView => {
  const { size, image, masks: truth, sharesColour } = tetrominoesScene({ blockSize: 5, split: "heldOut" }, 3, index)
  const pixels = size * size
  const masks = new Float32Array(4 * pixels)
  for (let p = 0; p < pixels; p++) {
    const wrong = noise.uniform() * 0.14
    for (let k = 0; k < 4; k++) masks[k * pixels + p] = (truth[p]! + index) % 4 === k ? 1 - wrong : wrong / 3
  }
  const colours = segmentByColour(image, pixels, { k: 4, space: "hue" })
  return {
    title: `Scene ${index}`,
    width: size,
    height: size,
    image,
    reconstruction: image.map((value) => value * 0.92 + 0.05 * noise.uniform()),
    masks,
    truth,
    scores: [
      { label: "FG-ARI", value: 0.96 + 0.03 * noise.uniform() },
      { label: "by colour", value: fgAri(truth, colours) },
      ...(sharesColour ? [{ label: "shared colour", value: "yes" }] : []),
    ],
  }
}

const iterations = Array.from({ length: 31 }, (_, i) => i)
const residual = (rate: number, floor: number) =>
  iterations.map((i) => Math.max(floor, 0.8 * rate ** i * (1 + 0.2 * (noise.uniform() - 0.5))))

export const example: ReportData = {
  title: "Slot attention on Tetrominoes, implicit",
  summary:
    "Four slots, seven iterations, gradient through one step at the fixed point. Trained for 20,000 steps on 14×14 scenes; the model beats clustering by colour where two pieces share one.",
  headline: [
    { label: "FG-ARI, held out", value: 0.9483, note: "320 scenes; clustering by colour reaches 0.803" },
    { label: "Where colours repeat", value: 0.9121, note: "137 scenes; by colour 0.540" },
    { label: "Reconstruction error", value: 0.00372, note: "mean squared, per value" },
    { label: "Spectral radius", value: 0.871, note: "median over 64 scenes, below 1: it attracts" },
  ],
  tables: [
    {
      title: "Held-out scenes, seed 0",
      columns: [
        { name: "FG-ARI", better: "higher", digits: 3 },
        { name: "FG-ARI, shared colour", better: "higher", digits: 3 },
        { name: "mIoU", better: "higher", digits: 3 },
        { name: "MSE", better: "lower" },
      ],
      rows: [
        { name: "implicit, n = 7", note: "this run", values: [0.9483, 0.9121, 0.881, 0.00372], ours: true },
        { name: "unrolled, n = 7", values: [0.24, 0.21, 0.3, 0.149] },
        { name: "untrained", values: [0.031, 0.028, 0.12, 0.151] },
        { name: "k-means on RGB", note: "k = 4", values: [0.681, 0.407, 0.747, null] },
        { name: "perfect by colour", note: "k = 4, without shading", values: [0.803, 0.54, 0.78, null] },
      ],
      note: "FG-ARI drops background pixels; mIoU matches slots to pieces by the best sum.",
    },
  ],
  curves: [
    {
      title: "Reconstruction loss",
      xLabel: "training step",
      yLabel: "MSE per value",
      yScale: "log",
      smoothing: 0.97,
      series: [
        { name: "implicit", x: steps, y: decay(0.15, 0.0037, 500, 0.5) },
        { name: "unrolled", x: steps, y: decay(0.15, 0.07, 900, 0.4), dashed: true },
      ],
      note: "Smoothed; raw values behind.",
    },
    {
      title: "Segmentation",
      xLabel: "training step",
      yLabel: "FG-ARI",
      yRange: [0, 1],
      series: [
        {
          name: "all scenes",
          x: steps.filter((_, i) => i % 200 === 199),
          y: steps.filter((_, i) => i % 200 === 199).map((s) => 0.95 * (1 - Math.exp(-s / 3000))),
        },
        {
          name: "shared colour",
          x: steps.filter((_, i) => i % 200 === 199),
          y: steps.filter((_, i) => i % 200 === 199).map((s) => 0.91 * (1 - Math.exp(-s / 4500))),
        },
        { name: "by colour", x: [1000, 20000], y: [0.803, 0.803], dashed: true },
      ],
    },
    {
      title: "Gradient norm",
      xLabel: "training step",
      yLabel: "L2 norm",
      yScale: "log",
      series: [
        { name: "implicit", x: steps, y: steps.map(() => 0.5 + 2 * noise.uniform() ** 3) },
        { name: "unrolled", x: steps, y: steps.map((_, i) => (i % 971 === 400 ? 144 : 1) * (0.8 + 3 * noise.uniform() ** 2)) },
      ],
    },
    {
      title: "Steps a second",
      xLabel: "training step",
      yLabel: "1/s",
      smoothing: 0.95,
      series: [{ name: "wasm, 2 threads", x: steps, y: steps.map(() => 7.2 + 0.5 * noise.uniform()) }],
    },
  ],
  convergence: [
    {
      title: "Residual by iteration",
      xLabel: "iteration",
      yLabel: "relative residual",
      yScale: "log",
      note: "Median over 64 held-out scenes; shaded from the 10th to the 90th percentile.",
      series: [
        { name: "picard", x: iterations, y: residual(0.82, 1e-9), low: residual(0.75, 1e-9), high: residual(0.88, 1e-9) },
        { name: "anderson, m = 5", x: iterations, y: residual(0.5, 1e-8) },
        { name: "broyden", x: iterations, y: residual(0.58, 1e-8) },
      ],
    },
    {
      title: "Residual after training",
      xLabel: "iteration",
      yLabel: "relative residual",
      series: [{ name: "step 20,000", x: [0, 1, 2, 3, 4, 5, 6, 7], y: [0.8, 0.4, 0.21, 0.12, 0.07, Number.NaN, 0.02, 0.012] }],
    },
  ],
  scenes: [0, 1, 2, 4].map(scene),
  config: {
    model: "slot attention",
    slots: 4,
    width: 64,
    iterations: 7,
    adjoint: "oneStep",
    "learning rate": 1e-3,
    batch: 32,
    seed: 0,
    target: "wasm",
    "block size": 5,
    warmup: false,
    clip: null,
  },
  notes: ["2 cores, Node 20.20, wasm with SIMD.", "Held-out scenes are drawn from a stream of their own: seed 0, scenes 0 to 319."],
}

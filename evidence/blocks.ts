/** SLATE beside an independent writing of the same equations in PyTorch, and its exact gradient beside differences of the loss. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Tensor, valueAndGrad } from "../src/index.js"
import { type SlateOutput, type SlateParams, slate, slateLoss, variantNames } from "../src/models/index.js"
import {
  asJson,
  byPath,
  type Case,
  contextKey,
  imagesOf,
  iterations,
  noiseOf,
  paramsOf,
  settled,
  specOf,
  temperature,
} from "./blocks/asked.js"
import { differences } from "./blocks/differences.js"

export const title =
  "blocks: SLATE's outputs and parameter gradients beside PyTorch in float64, for every variant; exact gradients beside differences"

const bound = 1e-8

const cases: readonly Case[] = variantNames.flatMap((variant, i): readonly Case[] => [
  { variant, heads: 1, hard: false, normalisedStart: true },
  { variant, heads: 2, hard: i % 2 === 0, normalisedStart: i % 2 === 1 },
])

/** The largest difference beside the largest number. */
const apart = (own: readonly number[], other: readonly number[]): number => {
  const scale = Math.max(...other.map(Math.abs), ...own.map(Math.abs), 1e-300)
  const worst = Math.max(...own.map((x, i) => Math.abs(x - (other[i] as number))))
  return own.length === other.length && !Number.isNaN(worst) ? worst / Math.max(scale, 1e-6) : Number.POSITIVE_INFINITY
}

interface Answer {
  readonly outputs: Readonly<Record<string, readonly number[]>>
  readonly gradients: Readonly<Record<string, readonly number[]>>
}

const ask = (python: string, folder: string, question: unknown): Answer => {
  const [input, output] = [join(folder, "asked.json"), join(folder, "answer.json")]
  writeFileSync(input, JSON.stringify(question))
  const ran = spawnSync(python, [fileURLToPath(new URL("./blocks/slate.py", import.meta.url)), input, output], { encoding: "utf8" })
  if (ran.status !== 0) throw new Error(`${python}: ${ran.error?.message ?? ran.stderr.trim().split("\n").slice(-3).join(" ")}`)
  return JSON.parse(readFileSync(output, "utf8")) as Answer
}

const compare = (python: string, folder: string, one: Case): number => {
  const spec = specOf(one)
  const model = slate(spec)
  const [params, images] = [paramsOf(spec), imagesOf(spec)]
  const loss = (p: SlateParams): readonly [Tensor<[]>, SlateOutput & { readonly loss: Tensor<[]> }] => {
    const found = model.apply(p, { images, temperature }, { key: contextKey, mode: "train" })
    const { loss: total } = slateLoss(found, images)
    return [total, { ...found, loss: total }]
  }
  const gradients = settled(valueAndGrad((p: SlateParams) => loss(p)[0])(params as never))[1]
  const found = settled(loss(params)[1])
  const { words, ...outputs } = found
  const given = { images: asJson(images), words: asJson(words), ...(asJson(noiseOf(spec, params, images)) as object) }
  const told = { ...one, iterations, temperature, decoderHeads: spec.decoder.heads }
  const answer = ask(python, folder, { params: asJson(params), given, spec: told })
  let worst = 0
  for (const [name, values] of Object.entries(answer.outputs))
    worst = Math.max(worst, apart(byPath(outputs[name as keyof typeof outputs]).get("") as readonly number[], values))
  const own = byPath(gradients)
  for (const [path, values] of Object.entries(answer.gradients)) worst = Math.max(worst, apart(own.get(path) ?? [], values))
  const what = `${one.variant}, ${one.heads} heads, ${one.hard ? "hard" : "soft"} words, ${one.normalisedStart ? "normalised start" : "plain start"}`
  const missing = [...own.keys()].filter((path) => answer.gradients[path] === undefined)
  console.log(
    `${what}: ${own.size} parameters, ${Object.keys(answer.outputs).length} outputs, apart by ${worst.toExponential(1)}${missing.length > 0 ? `, not in PyTorch: ${missing.join(", ")}` : ""}`,
  )
  return missing.length > 0 ? Number.POSITIVE_INFINITY : worst
}

export const run = async (): Promise<boolean> => {
  const python = process.env.STILLPOINT_BENCH_PYTHON
  const exact = differences()
  if (python === undefined) {
    console.log("nothing is compared with PyTorch: name a Python that has torch by STILLPOINT_BENCH_PYTHON")
    return false
  }
  const folder = mkdtempSync(join(tmpdir(), "stillpoint-blocks-"))
  try {
    const worst = Math.max(...cases.map((one) => compare(python, folder, one)))
    console.log(`exact gradient beside differences of the loss: ${exact.toExponential(1)} (at most 1e-4)`)
    console.log(`${cases.length} cases beside PyTorch: apart by ${worst.toExponential(1)} (at most ${bound})`)
    return worst <= bound && exact <= 1e-4
  } finally {
    rmSync(folder, { recursive: true })
  }
}

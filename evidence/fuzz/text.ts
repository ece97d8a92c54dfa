/** JSON: configurations and graphs. */
import * as E from "fp-ts/lib/Either.js"
import { type AnyOp, apply, type Choices, closeBody, decodeGraph, encodeGraph, type Graph, ops } from "../../src/core/index.js"
import "../../src/index.js"
import { type Config, type Draws, decodeConfig, defaultConfig, parseSettings } from "../../src/models/index.js"
import { changed, changeText } from "./mutate.js"
import { bytesOfText, pick, type Reader, textOf } from "./reader.js"

const spoil = (d: Draws, input: Uint8Array, other: Uint8Array): Uint8Array =>
  bytesOfText(changed(d, changeText, textOf(input), textOf(other)))

const adjoints: readonly Config["model"]["adjoint"][] = [
  defaultConfig.model.adjoint,
  { _tag: "neumann", terms: 3 },
  { _tag: "exact", linear: { _tag: "gmres", memory: 4, rtol: 1e-3 } },
  { _tag: "truncated", steps: 9, last: 2 },
]

export const config: Reader<Config> = {
  name: "config",
  make: (d) => {
    const model = { ...defaultConfig.model, adjoint: pick(d, adjoints) }
    const some = Object.entries({ ...defaultConfig, model }).filter(() => d.below(3) > 0)
    return bytesOfText(JSON.stringify(Object.fromEntries(some)))
  },
  spoil,
  read: (input) =>
    E.chain((settings: Parameters<typeof decodeConfig>[1]) => decodeConfig({}, settings))(parseSettings(textOf(input), "config.json")),
  write: (a) => bytesOfText(JSON.stringify(a)),
  fileNames: () => [],
}

/** A graph that applies one op as its example does. */
const example = (op: AnyOp, d: Draws): Graph => {
  const choices: Choices = {
    int: (low, high) => low + d.below(high - low + 1),
    bool: () => d.below(2) === 0,
    shape: (rank) => Array.from({ length: d.below(rank + 1) }, () => 1 + d.below(4)),
  }
  const { params, inputs } = op.example(choices)
  return closeBody("fuzz", inputs, (args) => apply(op, params, args)).graph
}

/** Graphs are read from JSON that the caller has parsed; text that isn't JSON counts as refused. */
const parsed = (text: string): E.Either<{ readonly message: string }, unknown> =>
  E.tryCatch(
    () => JSON.parse(text),
    (error) => error as Error,
  )

export const graph: Reader<Graph> = {
  name: "graph",
  make: (d) => bytesOfText(JSON.stringify(encodeGraph(example(pick(d, [...ops().values()]), d)))),
  spoil,
  read: (input) => E.chain((json: unknown): E.Either<{ readonly message: string }, Graph> => decodeGraph(json))(parsed(textOf(input))),
  write: (a) => bytesOfText(JSON.stringify(encodeGraph(a))),
  fileNames: () => [],
  view: encodeGraph,
}

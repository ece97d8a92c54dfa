/** Wrong functions, each with what the laws say of it; `--write` puts that into the guide. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { check, type LawFailure } from "../src/laws/index.js"
import type { WrongFunction } from "./wrong-functions/case.js"
import { wrongRules } from "./wrong-functions/rules.js"
import { wrongAsAWhole } from "./wrong-functions/whole.js"

export const title = "wrong functions: each is caught by a law, shrunk, and its first wrong rule named"

const root = fileURLToPath(new URL("../", import.meta.url))
const page = `${root}docs/guide/wrong-functions.md`
/** One seed, so that the page is what anybody's run prints. */
const SEED = 7

/** Numbers of an input that are not 0; names of arguments and types are not counted. */
const nonzero = ({ counterexample }: LawFailure): number =>
  [
    ...counterexample
      .replaceAll(
        /argument \[\d+\]\S*|(?:row|gradient) \d+|g = [^\n]*|(?:float|int)\[[\d, ]*\]|direction [vw] =[^\n]*(?:\nargument[^\n]*)*/g,
        "",
      )
      .matchAll(/-?\d+(?:\.\d+)?/g),
  ].filter(([n]) => Number(n) !== 0).length

interface Found {
  readonly of: WrongFunction
  readonly message: string
  readonly faults: readonly string[]
}

const judge = async (of: WrongFunction): Promise<Found> => {
  const outcome = await check(of.laws, { seed: SEED, runs: 40, ...of.options })()
  if (outcome._tag === "Right") return { of, message: "", faults: ["no law finds it"] }
  const failure = outcome.left
  const { culprit, law } = failure
  const message = failure.message.replaceAll(`file://${root}`, "").replaceAll(root, "")
  const named = culprit === null ? "none" : `${culprit.op}: ${culprit.rule}`
  const expected = of.culprit === null ? "none" : `${of.culprit.op}: ${of.culprit.rule}`
  const size = nonzero(failure)
  return {
    of,
    message,
    faults: [
      ...(law === of.law ? [] : [`the law "${law}" finds it, expected "${of.law}"`]),
      ...(named === expected ? [] : [`the culprit is ${named}, expected ${expected}`]),
      ...(of.says.test(message) ? [] : [`the message does not say ${of.says}`]),
      ...(size <= of.nonzero ? [] : [`${size} numbers of the input are not 0, expected at most ${of.nonzero}`]),
    ],
  }
}

const pageOf = (all: readonly Found[]): string =>
  [
    "# What the laws say of wrong functions",
    "",
    "Each function here is wrong on purpose, and is tried by a law of `stillpoint/laws`. The functions stand in",
    "[evidence/wrong-functions](../../evidence/wrong-functions); `npm run evidence -- wrong-functions --write` makes this page.",
    ...all.flatMap(({ of, message }) => ["", `## ${of.title[0]?.toUpperCase()}${of.title.slice(1)}`, "", "```", message, "```"]),
    "",
  ].join("\n")

export const run = async (args: readonly string[]): Promise<boolean> => {
  const all: Found[] = []
  for (const of of [...wrongRules, ...wrongAsAWhole]) {
    const found = await judge(of)
    console.log(`\n${all.length + 1}. ${of.title}\n${found.message}`)
    for (const fault of found.faults) console.log(`  but: ${fault}`)
    all.push(found)
  }
  const made = pageOf(all)
  if (args.includes("--write")) writeFileSync(page, made)
  const fresh = made === readFileSync(page, "utf8")
  if (!fresh) console.log("\ndocs/guide/wrong-functions.md says something else: run this with --write")
  const good = all.filter((f) => f.faults.length === 0)
  const named = good.filter((f) => f.of.culprit !== null)
  console.log(
    `\n${good.length} of ${all.length} caught, shrunk, culprit named in ${named.length}, and where no rule is wrong none is named`,
  )
  return good.length === all.length && fresh
}

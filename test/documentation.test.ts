/** Doc comments of public names: what there is to say is said, with an example, and an example that states its result gives it. */
import * as E from "fp-ts/lib/Either.js"
import ts from "typescript"
import { describe, expect, test } from "vitest"
import * as stillpoint from "../src/index.js"
import { publicNames } from "./support/public-names.js"

const all = publicNames()
/** One entry of the list for names that several entries export. */
const once = [...new Map(all.map((one) => [`${one.file} ${one.name}`, one])).values()]
const told = ({ name, file }: { readonly name: string; readonly file: string }): string => `${name} (${file})`

/** Folders whose functions all have an example. */
const complete = /^src\/(ops|implicit|laws|models\/(layers|optim))\//
/** Functions elsewhere that have none yet. It may only fall. */
const LEFT = 169

describe("documentation", () => {
  test("every exported function and value says what it is", () => {
    expect(once.length).toBeGreaterThan(800)
    expect(once.filter(({ kind, text }) => kind !== "type" && text === "").map(told)).toEqual([])
  })

  test("every function of ops, implicit layers, laws, layers and optimisers has an example", () => {
    const functions = once.filter(({ kind, file }) => kind === "function" && complete.test(file))
    expect(functions.length).toBeGreaterThan(300)
    expect(functions.filter(({ examples }) => examples.length === 0).map(told)).toEqual([])
  })

  test("functions elsewhere without an example do not become more", () => {
    const silent = once.filter(({ kind, file, examples }) => kind === "function" && !complete.test(file) && examples.length === 0)
    expect(silent.map(told).length).toBeLessThanOrEqual(LEFT)
  })

  test("examples are TypeScript", () => {
    const faults = once.flatMap((one) =>
      one.examples.flatMap((text) => {
        const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ES2022 } })
        return (diagnostics ?? []).map(({ messageText }) => `${told(one)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}\n${text}`)
      }),
    )
    expect(faults).toEqual([])
  })
})

const names = Object.keys(stillpoint)
const madeBy = (code: string): unknown => {
  const { outputText } = ts.transpileModule(`const made = (${code})`, { compilerOptions: { target: ts.ScriptTarget.ES2022 } })
  return new Function(...names, `${outputText}\nreturn made`)(...Object.values(stillpoint))
}

/** Lines `evaluate(...) // right(...)`, with what they state. */
const stated = once
  .filter(({ file }) => /^src\/(core|ops|implicit)\//.test(file))
  .flatMap((one) =>
    one.examples.flatMap((text) =>
      [...text.matchAll(/^(?<code>evaluate\(.*\)) \/\/ right\((?<value>[-\d.,e+[\] NaIfinty]+)\)$/gm)].map(({ groups }) => ({
        name: told(one),
        code: groups?.code ?? "",
        value: groups?.value ?? "",
      })),
    ),
  )

const numbers = (x: unknown): readonly number[] => (Array.isArray(x) ? x.flatMap(numbers) : [x as number])

describe("examples that state their result", () => {
  test("there are many", () => {
    expect(stated.length).toBeGreaterThan(100)
  })

  test.each(stated)("$name: $code", ({ code, value }) => {
    const answer = madeBy(code) as E.Either<stillpoint.RunError, stillpoint.Tensor>
    if (E.isLeft(answer)) throw new Error(answer.left.message)
    const [found, expected] = [numbers(stillpoint.toNested(answer.right)), numbers(madeBy(value))]
    expect(found.length).toBe(expected.length)
    // digits as many as are stated
    found.forEach(
      (x, i) =>
        void (Number.isFinite(x)
          ? expect(Math.abs(x - (expected[i] as number))).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(x)))
          : expect(x).toBe(expected[i])),
    )
  })
})

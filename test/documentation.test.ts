/** Doc comments of public names: what there is to say is said, with an example, and an example that states its result gives it. */
import ts from "typescript"
import { describe, expect, test } from "vitest"
import { publicNames } from "./support/public-names.js"
import { outcomeOf, statedIn } from "./support/stated-examples.js"

const all = publicNames()
/** One entry of the list for names that several entries export. */
const once = [...new Map(all.map((one) => [`${one.file} ${one.name}`, one])).values()]
const told = ({ name, file }: { readonly name: string; readonly file: string }): string => `${name} (${file})`

describe("documentation", () => {
  test("every exported function, value and type says what it is", () => {
    expect(once.length).toBeGreaterThan(800)
    expect(once.filter(({ text }) => text === "").map(told)).toEqual([])
  })

  test("every exported function has an example", () => {
    const functions = once.filter(({ kind }) => kind === "function")
    expect(functions.length).toBeGreaterThan(500)
    expect(functions.filter(({ examples }) => examples.length === 0).map(told)).toEqual([])
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

/** Lines with a literal after them, `evaluate(x) // right(6)` or `sizeOf([2, 3]) // 6`. */
const stated = once
  .filter(({ file }) => /^src\/(core|ops|implicit|models)\//.test(file))
  .flatMap((one) =>
    one.examples.flatMap((text) => statedIn(text).map((line) => ({ name: told(one), file: one.file, code: line.code, line }))),
  )

/** Equal, with digits as many as are stated. */
const expectEqual = (found: unknown, expected: unknown): void => {
  if (typeof found === "number" && typeof expected === "number" && Number.isFinite(expected))
    expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(found)))
  else if (typeof found === "object" && typeof expected === "object" && found !== null && expected !== null) {
    expect(Object.keys(found)).toEqual(Object.keys(expected))
    for (const key in expected) expectEqual(Reflect.get(found, key), Reflect.get(expected, key))
  } else expect(found).toBe(expected)
}

describe("examples that state their result", () => {
  test("there are many", () => {
    expect(stated.length).toBeGreaterThan(250)
  })

  test.each(stated)("$name: $code", async ({ line, file }) => {
    const [found, expected] = await outcomeOf(line, file)
    expectEqual(found, expected)
  })
})

/** Examples that state a result, `f(x) // 3`, found in doc comments and run. */
import * as E from "fp-ts/lib/Either.js"
import ts from "typescript"
import * as core from "../../src/core/index.js"
import * as stillpoint from "../../src/index.js"
import * as models from "../../src/models/index.js"

/** A line with the result that it states. */
export interface Stated {
  readonly code: string
  /** Declarations of the same example that the line uses, in order. */
  readonly before: readonly string[]
  /** A literal. */
  readonly value: string
  /** Whether the result is the value of an `Either`. */
  readonly right: boolean
}

const parsed = (text: string): ts.SourceFile => ts.createSourceFile("example.ts", text, ts.ScriptTarget.ES2022, true)

const isLiteral = (node: ts.Expression): boolean => {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isLiteral)
  if (ts.isObjectLiteralExpression(node)) return node.properties.every((p) => ts.isPropertyAssignment(p) && isLiteral(p.initializer))
  if (ts.isPrefixUnaryExpression(node)) return isLiteral(node.operand)
  if (ts.isIdentifier(node)) return ["NaN", "Infinity"].includes(node.text)
  const { TrueKeyword, FalseKeyword, NullKeyword } = ts.SyntaxKind
  return ts.isNumericLiteral(node) || ts.isStringLiteral(node) || [TrueKeyword, FalseKeyword, NullKeyword].some((k) => k === node.kind)
}

/** `right(6)`, `Float64Array [1, 2]`, `[1, 2]`: the literal in a comment, or null where it says something else. */
const literalIn = (comment: string): Pick<Stated, "value" | "right"> | null => {
  const inside = /^right\((?<value>.*)\)$/.exec(comment)?.groups?.value
  const value = (inside ?? comment).replace(/^\w+Array (?=\[)/, "")
  const { statements } = parsed(`(${value})`)
  const [only] = statements
  const sole = statements.length === 1 && only !== undefined && ts.isExpressionStatement(only) ? only.expression : null
  const bare = sole !== null && ts.isParenthesizedExpression(sole) && sole.getText() === `(${value})` ? sole.expression : null
  return bare !== null && isLiteral(bare) ? { value, right: inside !== undefined } : null
}

const identifiersIn = (node: ts.Node): ReadonlySet<string> => {
  const found = new Set<string>()
  const go = (n: ts.Node): void => {
    if (ts.isIdentifier(n)) found.add(n.text)
    n.forEachChild(go)
  }
  go(node)
  return found
}

/** Declarations before a statement that it uses, directly or through others. */
const declarationsFor = (statement: ts.Statement, before: readonly ts.Statement[]): readonly string[] => {
  const needed = new Set(identifiersIn(statement))
  return before
    .toReversed()
    .filter((s) => {
      const declared = ts.isVariableStatement(s) ? s.declarationList.declarations.map(({ name }) => identifiersIn(name)) : []
      if (!declared.some((names) => [...names].some((name) => needed.has(name)))) return false
      for (const name of identifiersIn(s)) needed.add(name)
      return true
    })
    .map((s) => s.getText())
    .toReversed()
}

/** The lines of an example that state a literal. */
export const statedIn = (example: string): readonly Stated[] => {
  const file = parsed(example)
  return file.statements.flatMap((statement, n): readonly Stated[] => {
    if (!ts.isExpressionStatement(statement)) return []
    const rest = file.text.slice(statement.getEnd()).split("\n")[0] ?? ""
    const literal = rest.startsWith(" // ") ? literalIn(rest.slice(4).trim()) : null
    return literal === null
      ? []
      : [{ code: statement.getText(), before: declarationsFor(statement, file.statements.slice(0, n)), ...literal }]
  })
}

const run = (code: string, before: readonly string[], names: Readonly<Record<string, unknown>>): Promise<unknown> => {
  const { outputText } = ts.transpileModule(`${before.join("\n")}\nconst stated = (${code})`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  })
  return new Function(...Object.keys(names), `return (async () => { ${outputText}\nreturn stated })()`)(...Object.values(names))
}

/** Tensors as nested arrays, typed arrays as arrays. */
const plain = (x: unknown): unknown => {
  if (core.isTensor(x)) {
    const value = core.evaluate(x)
    if (E.isLeft(value)) throw new Error(value.left.message)
    return core.toNested(value.right)
  }
  if (ArrayBuffer.isView(x)) return Array.from(x as unknown as ArrayLike<number>)
  if (Array.isArray(x)) return x.map(plain)
  if (typeof x !== "object" || x === null) return x
  return Object.fromEntries(Object.entries(x).map(([key, value]) => [key, plain(value)]))
}

/** What a line gives and what it says that it gives, as plain data. `file` says whose names it uses. */
export const outcomeOf = async (
  { code, before, value, right }: Stated,
  file: string,
): Promise<readonly [found: unknown, stated: unknown]> => {
  const own = /^src\/(?<entry>core|models)\//.exec(file)?.groups?.entry
  const found = await run(code, before, { E, ...stillpoint, ...(own === "models" ? models : own === "core" ? core : {}) })
  if (right && E.isLeft(found as E.Either<stillpoint.StillpointError, unknown>)) throw new Error(JSON.stringify(found))
  const answer = right ? (found as E.Right<unknown>).right : found
  return [plain(answer), await run(value, [], {})]
}

/** Every name that the package exports, entry by entry, with what its doc comment holds. */
import ts from "typescript"
import { readPage, root } from "./pages.js"

export interface PublicName {
  /** `stillpoint/laws` */
  readonly entry: string
  readonly name: string
  readonly kind: "function" | "value" | "type"
  /** `src/ops/reduce.ts` */
  readonly file: string
  readonly text: string
  readonly examples: readonly string[]
}

const { exports }: { readonly exports: Readonly<Record<string, string | { readonly default: string }>> } = JSON.parse(
  readPage("package.json"),
)

/** Entries of the package with the file that each is built from. */
export const entries = Object.entries(exports).flatMap(([name, target]) =>
  typeof target === "string"
    ? []
    : [
        {
          entry: `stillpoint${name.slice(1)}`,
          source: target.default.replace(/^\.\/dist\//, `${root}src/`).replace(/\.js$/, ".ts"),
        },
      ],
)

/** All public names; one that several entries export is in the list once for each. */
export const publicNames = (): readonly PublicName[] => {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const program = ts.createProgram(
    entries.map(({ source }) => source),
    options,
  )
  const checker = program.getTypeChecker()
  const kindOf = (symbol: ts.Symbol): PublicName["kind"] => {
    if (symbol.valueDeclaration === undefined) return "type"
    return checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0 ? "function" : "value"
  }
  return entries.flatMap(({ entry, source }) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(source) as ts.SourceFile) as ts.Symbol
    return checker.getExportsOfModule(module).map((exported): PublicName => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      return {
        entry,
        name: exported.name,
        kind: kindOf(symbol),
        file: (symbol.declarations?.[0]?.getSourceFile().fileName ?? "").slice(root.length),
        text: ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim(),
        examples: symbol
          .getJsDocTags(checker)
          .filter(({ name }) => name === "example")
          .map(({ text }) => ts.displayPartsToString(text)),
      }
    })
  })
}

/** Reads the imports of one TypeScript file: every form that names another module, and whether it is there when the program runs. */
import ts from "typescript"

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Erased by the compiler. `import { type A }` is not: under `verbatimModuleSyntax` the module is still loaded. */
  readonly typeOnly: boolean
}

interface Reference {
  readonly specifier: ts.Node | undefined
  readonly typeOnly: boolean
}

const reference = (node: ts.Node): Reference | undefined => {
  if (ts.isImportDeclaration(node)) {
    return { specifier: node.moduleSpecifier, typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword }
  }
  if (ts.isExportDeclaration(node)) return { specifier: node.moduleSpecifier, typeOnly: node.isTypeOnly }
  if (ts.isImportTypeNode(node)) {
    return { specifier: ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, typeOnly: true }
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return { specifier: node.arguments[0], typeOnly: false }
  }
  return undefined
}

export const parseImports = (path: string, text: string): readonly Import[] => {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022)
  const found: Import[] = []
  const visit = (node: ts.Node): void => {
    const { specifier, typeOnly } = reference(node) ?? {}
    if (specifier !== undefined && typeOnly !== undefined && ts.isStringLiteralLike(specifier)) {
      const { line } = source.getLineAndCharacterOfPosition(specifier.getStart(source))
      found.push({ specifier: specifier.text, line: line + 1, typeOnly })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

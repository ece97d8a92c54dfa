/** Checks one project in a process of its own and prints what that took as JSON; with a second argument, writes its declarations there. */
import ts from "typescript"
import { milliseconds } from "../timing/stopwatch.js"

export interface Checked {
  /** Seconds of the checker: what tsc calls its check time. */
  readonly seconds: number
  readonly instantiations: number
  readonly types: number
  /** One line each. */
  readonly errors: readonly string[]
}

const [config, declarations] = process.argv.slice(2) as [string, string?]
const host: ts.ParseConfigFileHost = {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
    throw new Error(ts.flattenDiagnosticMessageText(messageText, " "))
  },
}
const emitting: ts.CompilerOptions = { noEmit: false, emitDeclarationOnly: true, declarationMap: false, incremental: false }
const only: ts.CompilerOptions = { noEmit: true, incremental: false }
const project = ts.getParsedCommandLineOfConfigFile(
  config,
  declarations === undefined ? only : { ...emitting, outDir: declarations },
  host,
) as ts.ParsedCommandLine
const program = ts.createProgram({ rootNames: project.fileNames, options: project.options })
program.getTypeChecker() // binds, which is no part of checking
const [found, ms] = milliseconds(() => program.getSemanticDiagnostics())
const all = [...project.errors, ...program.getSyntacticDiagnostics(), ...found]
if (declarations !== undefined) all.push(...program.emit().diagnostics)
const checked: Checked = {
  seconds: ms / 1000,
  instantiations: program.getInstantiationCount(),
  types: program.getTypeCount(),
  errors: all.map((d) => `${d.file?.fileName ?? config}: ${ts.flattenDiagnosticMessageText(d.messageText, " ")}`),
}
console.log(JSON.stringify(checked))

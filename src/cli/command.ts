/** A command line from its words to an exit code. */
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import { check } from "./check.js"
import { compare } from "./compare.js"
import { evaluate } from "./eval.js"
import { exportRun } from "./export.js"
import { generate } from "./generate.js"
import { help } from "./help.js"
import { info } from "./info.js"
import { inspect } from "./inspect.js"
import { type Command, parseCommand, type UsageError } from "./options.js"
import { train } from "./train.js"
import { version } from "./version.js"

const obey = async (command: Command): Promise<E.Either<StillpointError | UsageError, number>> => {
  switch (command._tag) {
    case "train":
      return train(command.options)
    case "compare":
      return compare(command.options)
    case "eval":
      return evaluate(command.options)
    case "inspect":
      return inspect(command.options)
    case "generate":
      return generate(command.options)
    case "export":
      return exportRun(command.options)
    case "check":
      return check(command.options)
    case "info":
      return info(command.options)
    case "help":
      console.log(help(command.of))
      return E.right(0)
    case "version":
      console.log(version())
      return E.right(0)
  }
}

/** Does what a command line asks for, and answers with the exit code; what went wrong is told on standard error. */
export const runCommand = async (argv: readonly string[]): Promise<number> => {
  const parsed = parseCommand(argv)
  const ended = E.isLeft(parsed) ? parsed : await obey(parsed.right)
  if (E.isRight(ended)) return ended.right
  console.error(`stillpoint: ${ended.left.message}`)
  return ended.left._tag === "UsageError" ? 2 : 1
}

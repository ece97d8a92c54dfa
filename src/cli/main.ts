#!/usr/bin/env node
/** The `stillpoint` command: reads the command line, runs what it asks for, and ends with an exit code. */
import * as E from "fp-ts/lib/Either.js"
import type { StillpointError } from "../core/index.js"
import { check } from "./check.js"
import { help } from "./help.js"
import { info } from "./info.js"
import { type Command, parseCommand, type UsageError } from "./options.js"
import { train } from "./train.js"
import { version } from "./version.js"

const obey = async (command: Command): Promise<E.Either<StillpointError | UsageError, number>> => {
  switch (command._tag) {
    case "train":
      return train(command.options)
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

const parsed = parseCommand(process.argv.slice(2))
const ended = E.isLeft(parsed) ? parsed : await obey(parsed.right)
if (E.isLeft(ended)) console.error(`stillpoint: ${ended.left.message}`)
process.exitCode = E.isRight(ended) ? ended.right : ended.left._tag === "UsageError" ? 2 : 1

#!/usr/bin/env node
/** The `stillpoint` command: reads the command line, runs what it asks for, and ends with an exit code. */
import { runCommand } from "./command.js"

process.exitCode = await runCommand(process.argv.slice(2))

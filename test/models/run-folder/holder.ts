/** A child process that tries to open a run folder when told to, says how that went, and holds on until it is told to stop or killed. */
import { openRunFolder } from "../../../src/models/run-folder/index.js"

const [name, root] = process.argv.slice(2)
process.stdout.write("ready\n")
process.stdin.on("data", async (chunk: Buffer) => {
  for (const command of chunk.toString().trim().split("\n")) {
    if (command === "open") {
      const run = await openRunFolder(name!, root!)()
      process.stdout.write(run._tag === "Right" ? "held\n" : `refused ${run.left.message}\n`)
    }
    if (command === "stop") process.exit(0)
  }
})

/** Ends the process when one input takes for ever: nothing on the main thread could. */
import { Worker } from "node:worker_threads"

const code = `
  const { workerData: { progress, seconds } } = require("node:worker_threads")
  const fs = require("node:fs")
  let [last, since] = [-1, Date.now()]
  setInterval(() => {
    const now = Atomics.load(progress, 1)
    if (now !== last) [last, since] = [now, Date.now()]
    else if (Date.now() - since > 1000 * seconds) {
      fs.writeSync(2, "fuzz: reader " + Atomics.load(progress, 0) + " hangs on input " + now + "\\n")
      process.kill(process.pid, "SIGKILL")
    }
  }, 1000)`

export interface Watchdog {
  readonly at: (reader: number, index: number) => void
  readonly end: () => Promise<number>
}

export const watchdog = (seconds: number): Watchdog => {
  const progress = new Int32Array(new SharedArrayBuffer(8))
  const worker = new Worker(code, { eval: true, workerData: { progress, seconds } })
  return {
    at: (reader, index) => {
      Atomics.store(progress, 0, reader)
      Atomics.store(progress, 1, index)
    },
    end: () => worker.terminate(),
  }
}

/** What a worker runs, as text, so that it needs no file that bundlers would have to find. Plain JavaScript for Node and pages. */
import { control } from "./control.js"

export const workerSource = `
const programs = new Map()
let words = null, handled = 0, worker = 0
const post = (message) => (port === null ? self.postMessage(message) : port.postMessage(message))
const work = () => {
  for (;;) {
    const seen = Atomics.load(words, ${control.wake / 4})
    if (Atomics.load(words, ${control.calls / 4}) !== handled) return
    const program = programs.get(Atomics.load(words, ${control.active / 4}))
    try {
      if (program !== undefined) program.exports.work(program.id, worker)
    } catch (error) {
      // whoever waits for this thread's chunk can't hear of it until then
      Atomics.store(words, ${control.fault / 4}, 1)
      throw error
    }
    if (Atomics.load(words, ${control.wake / 4}) !== seen) continue
    Atomics.add(words, ${control.sleepers / 4}, 1)
    Atomics.wait(words, ${control.wake / 4}, seen)
    Atomics.sub(words, ${control.sleepers / 4}, 1)
  }
}
const receive = ({ id, module, memory, number }) => {
  worker = number
  if (memory !== undefined) words = new Int32Array(memory.buffer, 0, 16)
  if (memory !== undefined) self.memory = memory
  if (module === undefined) programs.delete(id)
  else if (module !== null) {
    const env = { memory: self.memory, mark() {}, stalled: () => 0 }
    programs.set(id, { id, exports: new WebAssembly.Instance(module, { env }).exports })
  }
  handled++
  post({ id })
  work()
}
let port = null
if (typeof self === "undefined") globalThis.self = globalThis
if (typeof require === "function") {
  port = require("node:worker_threads").parentPort
  port.on("message", receive)
} else self.onmessage = (event) => receive(event.data)
`

/** The other thread of {@link prefetch}: makes items until as many are ahead as are allowed, then waits for one to be taken. */
import { parentPort, workerData } from "node:worker_threads"
import { type Answer, detached, type Order } from "./messages.js"

const { module, name, argument, ahead }: Order = workerData

let room = ahead
let wake: (() => void) | undefined

const say = (answer: Answer, buffers: readonly ArrayBuffer[] = []): void => parentPort!.postMessage(answer, [...buffers])

parentPort!.on("message", () => {
  room++
  wake?.()
})

const makeAll = async (): Promise<void> => {
  const made: unknown = await import(module)
  const source = (made as Readonly<Record<string, unknown>>)[name]
  if (typeof source !== "function")
    throw new TypeError(`expected a function exported as ${JSON.stringify(name)}, found ${typeof source}; name what the module exports`)
  const items: Iterable<unknown> | AsyncIterable<unknown> = await source(argument)
  for await (const item of items) {
    const { value, buffers } = detached(item)
    say({ _tag: "Item", value }, buffers)
    room--
    while (room <= 0) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
}

await makeAll().then(
  () => say({ _tag: "End" }),
  (error: unknown) => say({ _tag: "Failed", message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }),
)
parentPort!.close()

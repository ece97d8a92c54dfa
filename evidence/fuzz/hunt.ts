/** Spoilt inputs against one reader, each watched. Input i of a seed is the same whatever was made before it. */
import { resolve, sep } from "node:path"
import { isDeepStrictEqual } from "node:util"
import * as E from "fp-ts/lib/Either.js"
import { drawsOf } from "../../src/models/index.js"
import type { Reader } from "./reader.js"
import { type Instruments, install, prototypes } from "./watch.js"

/** Most a reader may take for one input: of a processor, in seconds, and of memory, in bytes. Inputs have up to 64 KiB, values up to 1 MiB. */
export const limits = { seconds: 1, bytes: 16 * 2 ** 20 }

export interface Breach {
  readonly index: number
  readonly what: string
}

export interface Found {
  readonly reader: string
  readonly inputs: number
  readonly accepted: number
  readonly refused: number
  /** Seconds of the slowest input, in processor time of the process. */
  readonly slowest: number
  /** The most bytes that one input took: the largest of one array that was asked for and of what heap and array buffers grew by. */
  readonly largest: number
  readonly breaches: readonly Breach[]
}

/** Breaches that are told before a hunt gives up. */
const enough = 20

/** Input `index` of a seed: one in eight is as it should be. */
export const inputOf = ({ make, spoil }: Pick<Reader, "make" | "spoil">, seed: number, stream: number, index: number): Uint8Array => {
  const d = drawsOf(seed, stream, index)
  const input = make(d)
  return d.below(8) === 0 ? input : spoil(d, input, make(d))
}

/** What is wrong with an accepted value: it must be written, and read again as itself; names must stay inside a folder. */
const wrongWith = <A>({ read, write, fileNames, view = (a) => a }: Reader<A>, value: A): string | undefined => {
  const folder = resolve("/data")
  const out = fileNames(value).find((name) => !resolve(folder, name).startsWith(folder + sep) || name.includes("\\"))
  if (out !== undefined) return `the name ${JSON.stringify(out)} leaves its folder`
  const back = read(write(value))
  if (E.isLeft(back)) return `what was read can't be read again: ${back.left.message.slice(0, 200)}`
  return isDeepStrictEqual(view(back.right), view(value)) ? undefined : "what was read is another value when it is written and read again"
}

interface Options {
  readonly seed: number
  readonly stream: number
  readonly from: number
  readonly count: number
  /** Told the input that is next, so that a hang can be named. */
  readonly before?: (index: number) => void
}

/** What one reading did, by the instruments. */
const watched = <A>({ read }: Reader<A>, input: Uint8Array, instruments: Instruments) => {
  instruments.read()
  const memory = process.memoryUsage()
  const clock = process.cpuUsage()
  const outcome = E.tryCatch(
    () => read(input),
    (error) => (error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : String(error)),
  )
  const { user, system } = process.cpuUsage(clock)
  const after = process.memoryUsage()
  const grown = Math.max(0, after.heapUsed - memory.heapUsed) + Math.max(0, after.arrayBuffers - memory.arrayBuffers)
  return { outcome, seconds: (user + system) / 1e6, grown, ...instruments.read() }
}

/** Reads inputs `from` to `from + count - 1` of a seed. */
export const hunt = <A>(reader: Reader<A>, { seed, stream, from, count, before = () => undefined }: Options): Found => {
  const breaches: Breach[] = []
  let [inputs, accepted, slowest, largest] = [0, 0, 0, 0]
  const clean = prototypes()
  const instruments = install()
  try {
    for (let index = from; index < from + count && breaches.length < enough; index++) {
      before(index)
      const breach = (what: string) => void breaches.push({ index, what })
      const { outcome, seconds, grown, asked, files } = watched(reader, inputOf(reader, seed, stream, index), instruments)
      inputs++
      slowest = Math.max(slowest, seconds)
      largest = Math.max(largest, asked, grown)
      if (E.isLeft(outcome)) breach(`threw ${outcome.left}`)
      if (seconds > limits.seconds) breach(`took ${seconds.toFixed(2)} s`)
      if (asked > limits.bytes) breach(`asked for an array of ${asked} bytes`)
      if (grown > limits.bytes) breach(`heap and array buffers grew by ${grown} bytes`)
      if (files > 0) breach(`used the file system ${files} times`)
      if (E.isRight(outcome) && E.isRight(outcome.right)) {
        accepted++
        const why = wrongWith(reader, outcome.right.right)
        if (why !== undefined) breach(why)
      }
      if (prototypes() !== clean) {
        breach("changed a prototype")
        break
      }
    }
  } finally {
    instruments.remove()
  }
  return { reader: reader.name, inputs, accepted, refused: inputs - accepted, slowest, largest, breaches }
}

/** Every reader of data from outside against spoilt inputs. */
import { parseArgs } from "node:util"
import { type Found, hunt, inputOf, limits, readers } from "./fuzz/index.js"
import { watchdog } from "./fuzz/watchdog.js"

export const title = "fuzz: 100,000 spoilt inputs a reader: none throws, hangs, allocates on a claim, or reaches a file or a prototype"

const usage = `--count N (100000), --seed N (0), --reader NAME (all), --at INDEX (shows that input of --reader and reads it)`

const mega = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`

const line = ({ reader, inputs, accepted, refused, slowest, largest }: Found) =>
  [
    reader.padEnd(12),
    ...[inputs, accepted, refused].map((n) => String(n).padStart(9)),
    `${(1000 * slowest).toFixed(0)} ms`.padStart(9),
    mega(largest).padStart(11),
  ].join("")

/** Shows one input and what becomes of it. */
const showOne = (index: number, seed: number, stream: number): boolean => {
  const reader = readers[stream]!
  const input = inputOf(reader, seed, stream, index)
  console.log(`input ${index} of ${reader.name}, ${input.length} bytes:`)
  console.log(JSON.stringify(Buffer.from(input).toString("latin1").slice(0, 4000)))
  const { breaches } = hunt(reader, { seed, stream, from: index, count: 1 })
  console.log(reader.read(input))
  for (const { what } of breaches) console.error(what)
  return breaches.length === 0
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: [...args],
    options: { count: { type: "string" }, seed: { type: "string" }, reader: { type: "string" }, at: { type: "string" } },
  })
  const whole = (text: string | undefined, otherwise: number) =>
    text === undefined ? otherwise : /^\d{1,9}$/.test(text) ? Number(text) : -1
  const [count, seed, at] = [whole(values.count, 100_000), whole(values.seed, 0), whole(values.at, 0)]
  const chosen = values.reader === undefined ? readers : readers.filter(({ name }) => name === values.reader)
  if (count < 1 || seed < 0 || at < 0 || chosen.length === 0 || (values.at !== undefined && chosen.length !== 1)) {
    console.error(`usage: ${usage}\nreaders: ${readers.map(({ name }) => name).join(", ")}`)
    return false
  }
  if (values.at !== undefined) return showOne(at, seed, readers.indexOf(chosen[0]!))
  console.log(`seed ${seed}; limits for one input: ${limits.seconds} s of processor time, ${mega(limits.bytes)}; inputs up to 64 KiB`)
  console.log(
    "memory is the larger of: the largest typed array asked for (constructors are watched), and what heapUsed and arrayBuffers grew by\n",
  )
  console.log(
    `${"reader".padEnd(12)}${"inputs".padStart(9)}${"accepted".padStart(9)}${"refused".padStart(9)}${"slowest".padStart(9)}${"memory".padStart(11)}`,
  )
  const dog = watchdog(60)
  const began = performance.now()
  const all: Found[] = []
  for (const reader of chosen) {
    const stream = readers.indexOf(reader)
    const found = hunt(reader, { seed, stream, from: 0, count, before: (index) => dog.at(stream, index) })
    console.log(line(found))
    for (const { index, what } of found.breaches)
      console.error(`  input ${index}: ${what}  (--reader ${reader.name} --seed ${seed} --at ${index})`)
    all.push(found)
  }
  await dog.end()
  const breaches = all.reduce((sum, found) => sum + found.breaches.length, 0)
  const inputs = all.reduce((sum, found) => sum + found.inputs, 0)
  console.log(`\n${inputs} inputs in ${((performance.now() - began) / 1000).toFixed(0)} s: ${breaches} breaches`)
  return breaches === 0
}

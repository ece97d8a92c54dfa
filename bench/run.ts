/** `npx tsx bench/run.ts`: measures Stillpoint beside other engines, after checking that all of them did the same work. */
import { lines, machine, readOptions, recordOf, runBench, writeRecord } from "./runner/index.js"

const options = readOptions(process.argv.slice(2))
const { processor, cores, node } = machine()
console.log(`${processor}, ${cores} cores, Node ${node}; ${options.rounds} interleaved rounds, ${options.threads} threads; medians`)
const { engines, measured } = await runBench(
  options,
  (line) => console.log(line),
  (one) => console.log(lines(one, "stillpoint").join("\n")),
)
if (options.json !== null) writeRecord(options.json, recordOf(options, engines, measured, new Date()))
process.exitCode = measured.some((m) => m.disagreements.length > 0) ? 1 : 0

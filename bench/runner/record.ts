/** The record of a run, written whole or not at all. */
import { renameSync, rmSync, writeFileSync } from "node:fs"
import { arch, cpus, platform, release, totalmem } from "node:os"
import type { Engine } from "../engines/index.js"
import type { Measured } from "./measure.js"
import type { Options } from "./options.js"
import { rate } from "./table.js"

export const machine = () => ({
  processor: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${release()} ${arch()}`,
  node: process.version,
})

export const recordOf = (
  options: Options,
  engines: readonly Pick<Engine, "name" | "version" | "threads">[],
  measured: readonly Measured[],
  date: Date,
) => ({
  date: date.toISOString(),
  machine: machine(),
  rounds: options.rounds,
  engines: engines.map(({ name, version, threads }) => ({ name, version, threads })),
  workloads: measured.map((m) => ({
    id: m.workload.id,
    times: m.times.map((t) => ({ ...t, gflops: rate(m, t) })),
    left: m.left,
    helped: m.helped,
    disagreements: m.disagreements,
  })),
})

/** Writes beside the file first: a reader never sees half a record, and a failure leaves the old one. */
export const writeRecord = (file: string, record: unknown): void => {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, `${JSON.stringify(record, null, 2)}\n`)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

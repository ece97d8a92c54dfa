/** What `--help` says. */
import { defaultConfig, entries } from "../models/index.js"

const codes = `Exit codes:
  0    done
  1    the run failed: a file, the target, a solve or a number that is not finite
  2    the command line or the configuration is wrong
  130  interrupted (Ctrl-C); a checkpoint was written`

const settings = (): string => {
  const all = entries(defaultConfig).map(
    ([name, value]) => `  ${name.padEnd(26)} ${typeof value === "string" ? value : JSON.stringify(value)}`,
  )
  return `Configuration, with defaults:\n${all.join("\n")}`
}

const texts = {
  stillpoint: () => `Usage: stillpoint <command> [options]

  train   train slot attention on Tetrominoes scenes
  check   run the laws of what a module exports
  info    describe a run, or this installation

stillpoint <command> --help says more.`,
  train: () => `Usage: stillpoint train [options]

Trains a slot autoencoder and writes runs/<name>/: checkpoint.safetensors, metrics.jsonl and report.html.

  --name NAME        the run's folder (default: the first free tetrominoes-<n>; with --resume: the latest run)
  --resume           go on from the run's checkpoint, bit for bit as if it had never stopped
  --target TARGET    where it runs: wasm, wasm:f64, interpreter, gpu:cpu, gpu:webasm, ... or auto
  --seed N           everything random follows from it
  --steps N          updates in all
  --config FILE      a JSON file with values of the configuration
  --set KEY=VALUE    one value, such as model.adjoint=unrolled; may be repeated, and wins over the file
  --runs FOLDER      where runs are kept (default: runs)
  --help             this text

Ctrl-C finishes the running step, writes a checkpoint and stops; a second one stops at once.

${codes}

${settings()}`,
  check: () => `Usage: stillpoint check MODULE [--runs N] [--seed N]

Imports a JavaScript module and tries the laws of what it exports, on generated inputs: laws and lists of laws as they are, op records
(laws.op), solvers (laws.solver), optimisers (laws.optimiser). Functions and layers are named with the law to export for them.
It needs the package fast-check.

  --runs N           inputs a law (default 100)
  --seed N           where generation starts (default: a new one each time; a failure tells it)
  --help             this text

Exit codes:
  0    every law held
  1    a law did not hold: its smallest counter-example was printed
  2    the module can't be imported, or exports nothing that has laws`,
  info: () => `Usage: stillpoint info [--name NAME | FILE]

Describes the model, the optimiser and the progress in a run's checkpoint (or in a checkpoint file). Without either: this
installation, its targets, and the runs there are.

  --name NAME        a run
  --runs FOLDER      where runs are kept (default: runs)
  --help             this text

${codes}`,
}

export const help = (of: keyof typeof texts): string => texts[of]()

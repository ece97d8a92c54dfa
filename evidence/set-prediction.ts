/** Set prediction: slots tell the true objects of held-out scenes, learned with the implicit gradient and with backpropagation. */
import { option } from "./options/index.js"
import { type TaskName, tasks } from "./set-prediction/tasks.js"
import { applications, distances, type Trial, type TrialOptions, trial, type Variant } from "./set-prediction/trial.js"

export const title =
  "set prediction with slot attention on Tetrominoes and sprites: AP of held-out objects before and after training, implicit gradient beside backpropagation"

/**
 * AP that the model with the implicit gradient must reach with every seed, at a distance of `at` sides of the image. Fixed from pilots with a
 * seed that is not among those: 0.925 for Tetrominoes, 0.209 for sprites.
 */
const bars: Readonly<Record<TaskName, { readonly at: (typeof distances)[number]; readonly ap: number }>> = {
  tetrominoes: { at: 0.25, ap: 0.8 },
  sprites: { at: Number.POSITIVE_INFINITY, ap: 0.15 },
}

/** Scores of an untrained model are at most this share of the bar, so that what is seen was learned. */
const untrainedShare = 0.1

const settings: Readonly<Record<TaskName, Omit<TrialOptions, "scenes">>> = {
  tetrominoes: { steps: 20_000, batch: 16, rate: 2e-3, width: 32, positionWeight: 10 },
  sprites: { steps: 20_000, batch: 16, rate: 2e-3, width: 32, positionWeight: 1 },
}

const order: readonly Variant[] = ["implicit", "vanilla"]
const described: Readonly<Record<Variant, string>> = {
  implicit: `implicit: ${applications - 1}, and 1 differentiated`,
  vanilla: `vanilla: all ${applications} differentiated`,
}

const told = (distance: number): string => (distance === Number.POSITIVE_INFINITY ? "any" : `${distance}`)
const cells = (values: readonly number[]) => values.map((x) => x.toFixed(3).padStart(8)).join("")
const row = (name: string, values: readonly number[], more = "") => console.log(`${name.padEnd(44)}${cells(values)}${more}`)

/** The trials of one seed. */
type Pair = Readonly<Record<Variant, Trial>>

const trialsOf = async (name: TaskName, seeds: number, options: TrialOptions): Promise<readonly Pair[]> => {
  const task = tasks[name]
  console.log(`${task.title}; ${options.steps} steps of ${options.batch} scenes, ${options.scenes} held-out scenes`)
  const heads = distances.map((d) => told(d).padStart(8)).join("")
  console.log(`${"AP where the distance in image sides is below".padEnd(44)}${heads}    loss  largest gradient`)
  const pairs: Pair[] = []
  for (let seed = 0; seed < seeds; seed++) {
    const made: Partial<Record<Variant, Trial>> = {}
    for (const variant of order) {
      const one = await trial(task, variant, seed, options)
      if (variant === order[0]) row(`seed ${seed}, untrained`, one.untrained)
      row(
        `  ${described[variant]}`,
        one.trained,
        `  ${one.loss.toFixed(4)}  ${one.gradientNorm.toPrecision(3)}  (${one.seconds.toFixed(0)} s)`,
      )
      made[variant] = one
    }
    pairs.push(made as Pair)
  }
  return pairs
}

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length

/** Which gradient did better, in all seeds together, whatever the claim is. */
const compare = (name: TaskName, pairs: readonly Pair[]): void => {
  const at = distances.indexOf(bars[name].at)
  const [implicit, vanilla] = order.map((v) => pairs.map((p) => p[v].trained[at] as number)) as [number[], number[]]
  const wins = implicit.filter((x, i) => x > (vanilla[i] as number)).length
  const [a, b] = [mean(implicit), mean(vanilla)]
  console.log(
    `${name}: mean AP@${told(bars[name].at)} implicit ${a.toFixed(3)}, vanilla ${b.toFixed(3)}; ${a > b ? "implicit" : "vanilla"} is better, implicit in ${wins} of ${pairs.length} seeds`,
  )
}

/** Whether every seed reached the bar from far below it. */
const judge = (name: TaskName, pairs: readonly Pair[]): boolean => {
  const { at, ap } = bars[name]
  const place = distances.indexOf(at)
  const least = Math.min(...pairs.map(({ implicit }) => implicit.trained[place] as number))
  const before = Math.max(...pairs.map(({ implicit }) => implicit.untrained[place] as number))
  const held = least >= ap && before <= untrainedShare * ap
  console.log(
    `${name}: AP@${told(at)} of the implicit gradient at least ${least.toFixed(3)} (bar ${ap}), untrained at most ${before.toFixed(3)}: ${held ? "holds" : "FALLS SHORT"}`,
  )
  return held
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const at = args.indexOf("--data")
  const names = (Object.keys(tasks) as TaskName[]).filter((name) => at < 0 || args[at + 1] === name)
  if (names.length === 0) {
    console.log(`--data: expected one of ${Object.keys(tasks).join(", ")}, found ${args[at + 1] ?? "nothing"}`)
    return false
  }
  const seeds = option(args, "--seeds", 1)
  const scenes = option(args, "--scenes", 320)
  if (seeds === null || scenes === null) return false
  const judged: boolean[] = []
  for (const name of names) {
    const steps = option(args, "--steps", settings[name].steps)
    if (steps === null) return false
    const pairs = await trialsOf(name, seeds, { ...settings[name], steps, scenes })
    compare(name, pairs)
    judged.push(judge(name, pairs))
  }
  console.log(`${judged.filter(Boolean).length} of ${judged.length} data sets: every one of ${seeds} seeds reaches the bar that was set`)
  return judged.every(Boolean)
}

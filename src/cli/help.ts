/** What `--help` says. */
import { type Config, defaultConfigs, entries, presetNames } from "../models/index.js"

const codes = `Exit codes:
  0    done
  1    the run failed: a file, the target, a solve or a number that is not finite
  2    the command line or the configuration is wrong
  130  interrupted (Ctrl-C); a checkpoint was written`

const viewCodes = `Exit codes:
  0    done
  1    it failed: a file, the images, the target, or a number that is not finite
  2    the command line is wrong, or there is no such run
  130  interrupted (Ctrl-C); files are written whole at the end, so the old ones are as they were`

const images = `Images: an .npz archive with an array image (or images) and perhaps mask (or masks); an .npy array of images; a folder of .png pictures,
perhaps with a folder masks in it (grey pictures of the same names, whose bytes are labels). Images are [n, height, width, 3], uint8, uint16
or floats in [0, 1]; masks are labels [n, height, width], 0 the background, or one mask an object [n, objects, height, width], the
background's first. Images of another size than the model's are sampled by blocks where both are seven whole blocks wide (70 to 35
pixels), else refused unless --resize says how; linear interpolation does not smooth first.`

const settingsOf = (config: Config): string => {
  const all = entries(config).map(([name, value]) => `  ${name.padEnd(26)} ${typeof value === "string" ? value : JSON.stringify(value)}`)
  return `Configuration of ${config.family}, with defaults:\n${all.join("\n")}`
}

const settings = (): string => Object.values(defaultConfigs).map(settingsOf).join("\n\n")

const texts = {
  stillpoint: () => `Usage: stillpoint <command> [options]

  train    train a slot autoencoder or a SLATE, on drawn scenes or on your own images
  compare  train variants side by side and draw their curves
  eval     score a trained model on held-out scenes, or on your own images
  inspect  look into a run, a checkpoint or a safetensors file
  generate make images from slots, and from slots exchanged between two images
  export   write the model of a run as an ONNX file
  check    run the laws of what a module exports
  info     describe a run, or this installation

stillpoint <command> --help says more.`,
  train: () => `Usage: stillpoint train [options]

Trains a slot autoencoder (or a SLATE) and writes runs/<name>/: checkpoint.safetensors, the one before it, metrics.jsonl and report.html.

  --model FAMILY     slotAutoencoder (default) or slate
  --preset NAME      ${presetNames.join(", ")}: sizes of a SLATE with what they are trained by
  --data IMAGES      tetrominoes, sprites, emoji, fashion (needs Fashion-MNIST: apt-get install dataset-fashion-mnist), or a path of your
                     own images: a folder of .png pictures of any sizes, an .npz or .npy file, a .tfrecord file of a public multi-object set

  --name NAME        the run's folder (default: the first free <images>-<n>; with --resume: the latest run)
  --resume           go on from the run's checkpoint, bit for bit as if it had never stopped; where the last one is damaged,
                     from the one before
  --target TARGET    where it runs: wasm, wasm:f64, interpreter, gpu:cpu, gpu:webasm, ... or auto
  --threads N        threads of wasm targets (default: the processors of this machine, at most 8); results do not depend on it
  --seed N           everything random follows from it
  --steps N          updates in all
  --config FILE      a JSON file with values of the configuration
  --set KEY=VALUE    one value, such as model.adjoint=unrolled; may be repeated, and wins over the file
  --runs FOLDER      where runs are kept (default: runs)
  --help             this text

Ctrl-C finishes the running step, writes a checkpoint and stops; a second one stops at once.

${codes}

${settings()}`,
  compare: () => `Usage: stillpoint compare [options]

Trains variants side by side, each with each seed, in runs/<name>/<variant>-seed-<n>/, a stretch of training.evaluateEvery steps in turn, so
that all are equally far whenever it stops; draws their curves over equal steps and over equal time in runs/<name>/report.html. A variant
that fails is told and shown up to there. <variant> is the variant's text where that is one word, else the text without signs and a digest.

  --variants LIST    two or more, divided by commas: names of adjoints, or KEY=VALUE, several of them with a plus between, such as
                     oneStep+model.iterations=6 (default: unrolled,oneStep,exact). Commas and pluses in brackets or double quotes are
                     part of a value, as in encoder.kernels=[5,3,3]; so is a plus before anything but KEY= or the name of an adjoint, as
                     in optimiser.rate=1e+1
  --seeds LIST       divided by commas (default: 0,1,2); a variant can't set its own
  --name NAME        the comparison's folder (default: the first free compare-<n>); a new comparison takes none that holds anything
  --resume           go on with the comparison of that name
  --model, --preset, --data, --target, --threads, --steps (at least 1), --config, --set, --runs: as for train, for all of them
  --help             this text

${codes}`,
  eval: () => `Usage: stillpoint eval RUN [options]

Scores the model of a run (its name, its folder, or a checkpoint file) on held-out scenes as the end of training does, or on your own
images: FG-ARI, ARI and mIoU where there are masks, and the squared error, beside the untrained model and k-means on colours. Writes
eval.json and eval.html into the run's folder.

  --data PATH        your own images, in place of held-out scenes
  --scenes N         how many images (default: evaluation.finalScenes of the run, or all of PATH)
  --resize METHOD    smooth, linear or nearest: resample images of another size than the model's
  --seed N           what the slots' noise follows from (default: the run's seed)
  --target TARGET    where it runs: wasm, interpreter, ... or auto (default: the run's)
  --threads N        threads of wasm targets (default: the processors of this machine, at most 8)
  --json             print what eval.json holds, in place of the table
  --out FOLDER       where the files go, made where needed (default: the run's folder)
  --runs FOLDER      where runs are kept (default: runs)
  --help             this text

${images}

${viewCodes}`,
  inspect: () => `Usage: stillpoint inspect RUN [options]

Shows what is in a run (its name, its folder, or a checkpoint file): values of its configuration that are not the defaults, its layers with
parameters and operations, its metrics so far, how the refinement converges, iteration by iteration, and the spectral radius of its
Jacobian. Writes inspect.html into the run's folder: image, reconstruction, segmentation, and what each slot attends to and paints.
Of any other safetensors file it lists the tensors and the metadata, and writes nothing.

  --data PATH        your own images, in place of held-out scenes
  --scenes N         how many images, at most 64 (default: 8, or the first 8 of PATH)
  --iterations N     refinements whose residuals are shown (default: evaluation.iterations of the run)
  --resize METHOD    smooth, linear or nearest: resample images of another size than the model's
  --seed N           what the slots' noise follows from (default: the run's seed)
  --target TARGET    where it runs: wasm, interpreter, ... or auto (default: the run's)
  --threads N        threads of wasm targets (default: the processors of this machine, at most 8)
  --json             print it as JSON
  --out FOLDER       where the page goes, made where needed (default: the run's folder)
  --runs FOLDER      where runs are kept (default: runs)
  --help             this text

${images}

${viewCodes}`,
  generate: () => `Usage: stillpoint generate RUN [options]

Makes images from the slots of images, and from slots exchanged between two of them, by the model of a run (its name, its folder, or a
checkpoint file). Writes generated.png into the run's folder, a row a pair: two images, both from their slots, and the first with each of its
slots in turn exchanged for the second's. A SLATE tells the words greedily, one after the other.

  --data PATH        your own images, in place of held-out ones
  --scenes N         how many images, at most 64 (default: 8)
  --seed, --target, --threads, --resize, --out, --runs: as for eval
  --help             this text

${images}

${viewCodes}`,
  export: () => `Usage: stillpoint export RUN [options]

Writes the forward pass of a run's model (its name, its folder, or a checkpoint file) as an ONNX file: images [n, side, side, 3] in [0, 1] to
reconstruction, slots, attention and residual; of a slot autoencoder also masks and parts, of a SLATE the words and their scores. The slots'
noise is that of the run's evaluations.

  --images N         images that the file takes at once (default: 1)
  --precision P      float32 (default) or float64
  --out FILE         the file (default: model.onnx in the run's folder)
  --runs FOLDER      where runs are kept (default: runs)
  --help             this text

${viewCodes}`,
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
  info: () => `Usage: stillpoint info [RUN | --name RUN]

Describes the model, the optimiser and the progress of a run (its name, its folder, or a checkpoint file). Without one: this
installation, its targets, and the runs there are.

  --runs FOLDER      where runs are kept (default: runs)
  --help             this text

${codes}`,
}

export const help = (of: keyof typeof texts): string => texts[of]()

/** What shapes in the types cost: the checker's own figures for 300 blocks of distinct literal shapes, and for all of src/. */
import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

export const title = "shapes in the types are cheap: 300 blocks of distinct shapes in under 1 s of checker time, src/ in under 10 s"

const root = fileURLToPath(new URL("..", import.meta.url))
const BLOCKS = 300
const BLOCKS_BOUND = 1
const SRC_BOUND = 10
const TURNS = 3

const head = `import { add, matmul, relu, type Tensor } from "../../src/index.js"\n`

/** [B, 2i+1] x [2i+1, 2i+2] + [2i+2], rectified; the annotation fails to compile where the shape is not what it should be. */
const block = (i: number): string => {
  const [n, m] = [2 * i + 1, 2 * i + 2]
  return `declare const x${i}: Tensor<["B", ${n}]>, w${i}: Tensor<[${n}, ${m}]>, b${i}: Tensor<[${m}]>
export const y${i}: Tensor<["B", ${m}]> = relu(add(matmul(x${i}, w${i}), b${i}))\n`
}
/** The last line of a block with the inner dimension off by one, which must not compile. */
const wrong = `declare const x: Tensor<["B", 3]>, w: Tensor<[4, 5]>\nexport const y = matmul(x, w)\n`

interface Figures {
  /** Seconds of the checker, less the share in which the processor served other programs. */
  readonly check: number
  /** The same as tsc prints it. */
  readonly told: number
  readonly instantiations: number
  readonly types: number
  readonly text: string
}

/** Makes a program print the processor time it has used. */
const PROCESSOR = `data:text/javascript,process.on("exit",()=>console.log("Processor: "+process.cpuUsage().user/1e6))`

/** Runs the compiler on a project that includes these files. */
const compile = (folder: string, name: string, include: string): Figures => {
  const config = join(folder, `${name}.json`)
  writeFileSync(config, JSON.stringify({ extends: "../../tsconfig.json", compilerOptions: { rootDir: "../.." }, include: [include] }))
  const { stdout } = spawnSync(
    process.execPath,
    ["--import", PROCESSOR, join(root, "node_modules/typescript/bin/tsc"), "-p", config, "--noEmit", "--extendedDiagnostics"],
    {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 1e8,
    },
  )
  const figure = (label: string) => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, "m").exec(stdout)?.[1] ?? Number.NaN)
  const share = Math.min(1, figure("Processor") / figure("Total time"))
  const told = figure("Check time")
  return { check: told * share, told, instantiations: figure("Instantiations"), types: figure("Types"), text: stdout }
}

const errorsIn = ({ text }: Figures): readonly string[] => text.split("\n").filter((l) => l.includes("error TS"))

const best = (measure: () => Figures): Figures => Array.from({ length: TURNS }, measure).reduce((a, b) => (b.check < a.check ? b : a))

const row = (what: string, { check, told, instantiations, types }: Figures) =>
  console.log(
    `${what.padEnd(44)} ${told.toFixed(2).padStart(7)} s ${check.toFixed(2).padStart(7)} s of processor ${String(instantiations).padStart(9)} instantiations ${String(types).padStart(8)} types`,
  )

export const run = async (): Promise<boolean> => {
  const folder = join(root, ".tmp", `types-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  try {
    writeFileSync(join(folder, "empty.ts"), `${head}export type Used = [typeof add, typeof matmul, typeof relu, Tensor]\n`)
    writeFileSync(join(folder, "blocks.ts"), head + Array.from({ length: BLOCKS }, (_, i) => block(i)).join(""))
    writeFileSync(join(folder, "wrong.ts"), head.replace("add, ", "").replace("relu, ", "") + wrong)
    const wrongs = errorsIn(compile(folder, "wrong", "wrong.ts"))
    const [empty, blocks] = [best(() => compile(folder, "empty", "empty.ts")), best(() => compile(folder, "blocks", "blocks.ts"))]
    const src = best(() => compile(folder, "src", "../../src"))
    console.log(`check time of tsc --extendedDiagnostics, best of ${TURNS}; on a machine that is shared, the share of the processor counts`)
    row("the library alone (a file that imports it)", empty)
    row(`the same with ${BLOCKS} blocks of matmul, add, relu`, blocks)
    row("src/", src)
    const errors = [empty, blocks, src].flatMap(errorsIn)
    for (const e of errors) console.log(e)
    const refused = wrongs.length === 1 && (wrongs[0] as string).includes("matmul: inner dimensions differ: [B, 3] x [4, 5]")
    console.log(refused ? "a block that does not fit is refused by name" : `a block that does not fit: ${wrongs.join("; ") || "no error"}`)
    const beyond = blocks.check - empty.check
    const held = errors.length === 0 && refused && beyond < BLOCKS_BOUND && src.check < SRC_BOUND
    console.log(
      `${BLOCKS} blocks: ${beyond.toFixed(2)} s of checker time beyond the library's own (bound ${BLOCKS_BOUND}), ` +
        `${blocks.instantiations - empty.instantiations} instantiations; src/ ${src.check.toFixed(2)} s (bound ${SRC_BOUND})`,
    )
    return held
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

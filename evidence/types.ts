/** What shapes in the types cost: the checker's time for 300 blocks of distinct literal shapes in a user's project, and for all of src/. */
import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { counted } from "./timing/stopwatch.js"
import type { Checked } from "./types/check.js"

export const title = "shapes in the types are cheap: 300 blocks of distinct shapes in under 1 s of checker time, src/ in under 10 s"

const root = fileURLToPath(new URL("..", import.meta.url))
const BLOCKS = 300
/** Seconds. */
const BLOCKS_BOUND = 1
const SRC_BOUND = 10
/** Other processes slow the checker down, also in processor time, and never speed it up: it is given so many tries to show its speed. */
const TURNS = 3

const head = `import { add, matmul, relu, type Tensor } from "stillpoint"\n`

/** [B, 2i+1] x [2i+1, 2i+2] + [2i+2], rectified; the annotation fails to compile where the shape is not what it should be. */
const block = (i: number): string => {
  const [n, m] = [2 * i + 1, 2 * i + 2]
  return `declare const x${i}: Tensor<["B", ${n}]>, w${i}: Tensor<[${n}, ${m}]>, b${i}: Tensor<[${m}]>
export const y${i}: Tensor<["B", ${m}]> = relu(add(matmul(x${i}, w${i}), b${i}))\n`
}
const file = (blocks: number): string => head + Array.from({ length: blocks }, (_, i) => block(i)).join("")

/** A block with the inner dimension off by one, which must not compile. */
const wrong = `import { matmul, type Tensor } from "stillpoint"
declare const x: Tensor<["B", 3]>, w: Tensor<[4, 5]>
export const y = matmul(x, w)\n`

const check = (...args: readonly string[]): Checked => {
  const child = spawnSync(process.execPath, ["--import", "tsx", join(root, "evidence/types/check.ts"), ...args], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1e8,
  })
  if (child.status !== 0) throw new Error(`the checker failed: ${child.stderr}`)
  return JSON.parse(child.stdout) as Checked
}

/** The fastest try; the first within the bound ends them. */
const within = (bound: number, measure: () => Checked): Checked => {
  let best = measure()
  for (let turn = 1; turn < TURNS && best.seconds >= bound; turn++) {
    const next = measure()
    if (next.seconds < best.seconds) best = next
  }
  return best
}

const row = (what: string, { seconds, instantiations, types }: Checked) =>
  console.log(
    `${what.padEnd(44)} ${seconds.toFixed(2).padStart(7)} s ${String(instantiations).padStart(9)} instantiations ${String(types).padStart(8)} types`,
  )

export const run = async (): Promise<boolean> => {
  const folder = join(root, ".tmp", `types-${process.pid}`)
  const installed = join(folder, "node_modules/stillpoint")
  mkdirSync(installed, { recursive: true })
  /** A project of one file. */
  const project = (name: string, text: string): string => {
    const config = join(folder, `${name}.json`)
    writeFileSync(join(folder, `${name}.ts`), text)
    writeFileSync(config, JSON.stringify({ extends: "../../tsconfig.json", compilerOptions: { rootDir: "." }, include: [`${name}.ts`] }))
    return config
  }
  try {
    console.log(`in the checker: ${counted}, as seconds; blocks import the emitted declarations, as a user does`)
    const src = within(SRC_BOUND, () => check(join(root, "tsconfig.build.json"), join(installed, "dist")))
    row("src/", src)
    copyFileSync(join(root, "package.json"), join(installed, "package.json"))
    const some = project("some", file(BLOCKS))
    const blocks = within(BLOCKS_BOUND, () => check(some))
    row(`${BLOCKS} blocks of matmul, add, relu`, blocks)
    const errors = [src, blocks].flatMap((c) => c.errors)
    for (const e of errors) console.log(e)
    const wrongs = check(project("wrong", wrong)).errors
    const refused = wrongs.length === 1 && (wrongs[0] as string).includes("matmul: inner dimensions differ: [B, 3] x [4, 5]")
    console.log(refused ? "a block that does not fit is refused by name" : `a block that does not fit: ${wrongs.join("; ") || "no error"}`)
    console.log(
      `${BLOCKS} blocks: ${blocks.seconds.toFixed(2)} s of checker time (bound ${BLOCKS_BOUND}); src/ ${src.seconds.toFixed(2)} s (bound ${SRC_BOUND})`,
    )
    return errors.length === 0 && refused && blocks.seconds < BLOCKS_BOUND && src.seconds < SRC_BOUND
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `npm run evidence` lists the evidences, `npm run evidence -- NAME [args]` shows one and fails where it does not hold. */
import { readdirSync } from "node:fs"

interface Evidence {
  readonly title: string
  readonly run: (args: readonly string[]) => Promise<boolean>
}

const folder = new URL("../evidence/", import.meta.url)

const names = (): readonly string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -3))
    .sort()

const load = async (name: string): Promise<Evidence> => {
  const module: Partial<Evidence> = await import(new URL(`${name}.ts`, folder).href)
  const { title, run } = module
  if (typeof title !== "string" || typeof run !== "function") {
    throw new Error(`evidence/${name}.ts must export \`title: string\` and \`run: (args) => Promise<boolean>\``)
  }
  return { title, run }
}

/** One line each; an evidence that cannot be loaded is listed with the reason and makes the listing fail. */
const list = async (): Promise<boolean> => {
  const all = names()
  const width = Math.max(0, ...all.map((name) => name.length))
  let ok = true
  for (const name of all) {
    const line = await load(name).then(
      (evidence) => evidence.title,
      (error: unknown) => {
        ok = false
        return `cannot be loaded: ${error instanceof Error ? error.message : String(error)}`
      },
    )
    console.log(`${name.padEnd(width)}  ${line}`)
  }
  console.log(all.length === 0 ? "no evidence yet: see evidence/README.md" : "\nrun one with: npm run evidence -- NAME")
  return ok
}

const show = async (name: string, args: readonly string[]): Promise<boolean> => {
  if (!names().includes(name)) {
    console.error(`no evidence is called ${JSON.stringify(name)}; there are: ${names().join(", ") || "none"}`)
    return false
  }
  const evidence = await load(name)
  console.log(evidence.title)
  const held = await evidence.run(args)
  if (!held) console.error(`${name}: does not hold`)
  return held
}

const [name, ...args] = process.argv.slice(2)
process.exitCode = (await (name === undefined ? list() : show(name, args))) ? 0 : 1

/** What evidence of the package does in folders of its own: writes files, runs commands, counts what failed. */
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"

export const write = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** Commands in a folder, with the temporary cache; what failed is printed and counted. */
export class Bench {
  failures = 0
  constructor(readonly cache: string) {}

  run(folder: string, command: string, args: readonly string[]): { readonly out: string; readonly seconds: number; readonly ok: boolean } {
    const begin = performance.now()
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, npm_config_cache: this.cache, npm_config_audit: "false", npm_config_fund: "false" },
    })
    const ok = status === 0
    if (!ok) this.fail(`${command} ${args.join(" ")}`, `${stdout}${stderr}`)
    return { out: stdout, seconds: (performance.now() - begin) / 1000, ok }
  }

  /** The package as npm would publish it, packed into `folder`; null where that failed. */
  pack(root: string, folder: string): string | null {
    const { ok } = this.run(root, "npm", ["pack", "--pack-destination", folder])
    const name = readdirSync(folder).find((file) => file.endsWith(".tgz"))
    return ok && name !== undefined ? join(folder, name) : null
  }

  /** A line of the report. */
  say(ok: boolean, line: string): void {
    if (!ok) this.failures++
    console.log(`${ok ? "ok  " : "FAIL"} ${line}`)
  }

  fail(what: string, why: string): void {
    this.say(false, `${what}\n${why.slice(-2000)}`)
  }
}

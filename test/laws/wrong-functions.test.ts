/** Each wrong function is caught, shrunk and its rule named; and the guide's page is what the laws say now. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { expect, test } from "vitest"

// lines in messages are those of the sources, which a test runner's transforms move
const root = fileURLToPath(new URL("../../", import.meta.url))
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST") && name !== "NODE_OPTIONS"))

test("npm run evidence -- wrong-functions", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/evidence.ts", "wrong-functions"], {
    cwd: root,
    env,
  }).catch((e: { readonly stdout: string }) => e)
  expect(stdout.match(/^ {2}but: .*|.*says something else.*/gm) ?? []).toEqual([])
  expect(stdout).toMatch(/\n12 of 12 caught, shrunk, culprit named in 5, and where no rule is wrong none is named\n$/)
}, 180_000)

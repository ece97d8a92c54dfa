/** Pictures of the guide are those that the code makes. */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { pictures } from "../../scripts/pictures/index.js"

// the third takes a hundred compilations: `npx tsx scripts/pictures.ts` and a look at the difference
test.each(["convergence-easy.svg", "convergence-stiff.svg"])(
  "docs/images/%s is what the library draws",
  { timeout: 300_000 },
  async (name) => {
    const stored = readFileSync(new URL(`../../docs/images/${name}`, import.meta.url), "utf8")
    expect(await pictures[name]?.()).toBe(stored)
  },
)

/** `npm run docs:guide`: runs the code of every page of the guide and writes what it printed into the page. */
import { readdirSync, writeFileSync } from "node:fs"
import { readPage, root, runPage, withOutputs, writePages } from "../test/support/pages.js"

const wanted = process.argv.slice(2)
const names = readdirSync(`${root}docs/guide`)
  .filter((name) => /^\d\d-.*\.md$/.test(name) && (wanted.length === 0 || wanted.some((w) => name.startsWith(w))))
  .map((name) => `docs/guide/${name}`)

for (const [name, file] of Object.entries(writePages("guide", names))) {
  const page = readPage(name)
  const next = withOutputs(page, runPage(file))
  if (next !== page) writeFileSync(`${root}${name}`, next)
  console.log(`${name}: ${next === page ? "as it was" : "outputs written"}`)
}

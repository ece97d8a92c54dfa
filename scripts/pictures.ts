/** `npx tsx scripts/pictures.ts` makes the pictures of the guide anew, or those whose names are given. */
import { writeFileSync } from "node:fs"
import { pictures } from "./pictures/index.js"

const wanted = process.argv.slice(2)
for (const [name, make] of Object.entries(pictures)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  writeFileSync(new URL(`../docs/images/${name}`, import.meta.url), await make())
  console.log(`docs/images/${name}`)
}

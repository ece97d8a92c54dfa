/**
 * `npx tsx scripts/emoji-atlas.ts FOLDER`: makes `src/models/data/emoji/atlas.ts` anew from Fluent Emoji (MIT). The icons and what draws them are
 * needed here only, so they are no dependencies; install them into a folder beside the checkout:
 *
 *     npm install --prefix FOLDER @iconify-json/fluent-emoji-flat@1.2.6 @resvg/resvg-js@2.6.2
 *
 * The same versions give the same file.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { resolve } from "node:path"
import { encode } from "fast-png"
import * as E from "fp-ts/lib/Either.js"
import * as t from "io-ts"
import { decodePng, type Picture } from "../src/models/data/readers/index.js"

/** Fruit and food, animals, vehicles, things: each told from all others by its shape and colours. */
const names = [
  ...["red-apple", "banana", "grapes", "strawberry", "watermelon", "pineapple", "carrot", "mushroom"],
  ...["pizza", "hamburger", "doughnut", "dog-face", "cat-face", "pig-face", "frog", "panda"],
  ...["tropical-fish", "octopus", "turtle", "butterfly", "lady-beetle", "penguin", "automobile", "bus"],
  ...["sailboat", "rocket", "soccer-ball", "guitar", "alarm-clock", "sunflower", "cactus", "wrapped-gift"],
]
/** Pixels of a side: emoji are drawn smaller as a rule, and mostly not much larger. */
const side = 48
const columns = 8

const Icons = t.type({ width: t.number, height: t.number, icons: t.record(t.string, t.type({ body: t.string })) })

interface Drawn {
  readonly asPng: () => Uint8Array
}
/** What is used of `@resvg/resvg-js`, which no package here depends on. */
interface Renderer {
  readonly Resvg: new (
    svg: string,
    options: { readonly fitTo: { readonly mode: "width"; readonly value: number } },
  ) => { readonly render: () => Drawn }
}

const licence = `MIT License

Copyright (c) Microsoft Corporation.

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY
CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

const orThrow = <A>(read: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(read)) throw new Error(read.left.message)
  return read.right
}

const main = (folder: string): void => {
  const load = createRequire(resolve(folder, "from-here.js"))
  const { Resvg }: Renderer = load("@resvg/resvg-js")
  const set = Icons.decode(JSON.parse(readFileSync(load.resolve("@iconify-json/fluent-emoji-flat/icons.json"), "utf8")))
  if (E.isLeft(set)) throw new Error("icons.json: expected a set of icons { width, height, icons }")
  const { width, height, icons } = set.right
  const draw = (name: string): Picture => {
    const icon = icons[name]
    if (icon === undefined) throw new Error(`icons.json has no icon ${JSON.stringify(name)}`)
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">${icon.body}</svg>`
    return orThrow(decodePng(new Resvg(svg, { fitTo: { mode: "width", value: side } }).render().asPng(), { source: name }))
  }
  const rows = names.length / columns
  const data = new Uint8Array(4 * columns * rows * side * side)
  names.forEach((name, n) => {
    const { data: pixels } = draw(name)
    for (let y = 0; y < side; y++) {
      const at = (Math.floor(n / columns) * side + y) * columns * side + (n % columns) * side
      data.set(pixels.subarray(4 * y * side, 4 * (y + 1) * side), 4 * at)
    }
  })
  const png = encode({ width: columns * side, height: rows * side, channels: 4, depth: 8, data })
  const comment = licence.split("\n").map((line) => ` * ${line}`.trimEnd())
  const text = [
    "/**",
    " * Pictures of emoji side by side, made by scripts/emoji-atlas.ts from Microsoft's Fluent Emoji (https://github.com/microsoft/fluentui-emoji):",
    " *",
    ...comment,
    " */",
    "export const emojiAtlas = {",
    `  /** Side of a picture in pixels. */\n  side: ${side},`,
    `  /** Pictures in a row. */\n  columns: ${columns},`,
    `  names: ${JSON.stringify(names)},`,
    "  /** A PNG file, in base64. */",
    `  png: "${Buffer.from(png).toString("base64")}",`,
    "} as const",
    "",
  ].join("\n")
  const path = new URL("../src/models/data/emoji/atlas.ts", import.meta.url)
  writeFileSync(path, text)
  console.log(`${names.length} emoji of ${side} x ${side} pixels: ${png.length} bytes; now format ${path.pathname} (npm run format)`)
}

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error("usage: npx tsx scripts/emoji-atlas.ts FOLDER (with @iconify-json/fluent-emoji-flat and @resvg/resvg-js in it)")
  process.exitCode = 1
} else main(folder)

/** The library as JavaScript, file by file as the package brings it: processes that a test starts load it several times as fast as TypeScript. */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildSync } from "esbuild"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** Makes the folder a package `stillpoint`: modules in it that import `stillpoint` get its `dist/`. Types are not checked. */
export const writeLibrary = (folder: string): void => {
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(root, "package.json"), join(folder, "package.json"))
  buildSync({
    entryPoints: readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => join(root, "src", path)),
    outdir: join(folder, "dist"),
    outbase: join(root, "src"),
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "silent",
  })
}

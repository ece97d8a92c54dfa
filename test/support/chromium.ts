/** Runs exported functions of a TypeScript entry in Debian's Chromium, with WebGL2 and WebGPU on SwiftShader (no GPU needed). */
import { readFile } from "node:fs/promises"
import { createServer, type Server } from "node:http"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { type Browser as Chromium, chromium, type Page } from "playwright-core"

export const chromiumPath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium"

/** Both webgl2 and webgpu on SwiftShader; no call leaves the machine. */
export const flags = [
  "--no-sandbox",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-features=Vulkan",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

export interface BrowserHarness {
  /** Calls the exported async function `name` of the entry (bundled once) with structured-clonable arguments; gives its result. */
  readonly call: <R>(entry: URL, name: string, ...args: readonly unknown[]) => Promise<R>
}

export interface Running extends BrowserHarness {
  readonly close: () => Promise<void>
}

const bundleEntry = async (entry: URL): Promise<string> => {
  const result = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    sourcemap: "inline",
    logLevel: "silent",
  })
  const file = result.outputFiles[0]
  if (file === undefined) throw new Error(`esbuild gave no output for ${entry.href}`)
  return file.text
}

const serve = async (bundles: ReadonlyMap<string, string>): Promise<{ server: Server; origin: string }> => {
  const page = (name: string) => readFile(new URL(`./browser-page/${name}`, import.meta.url), "utf8")
  const files = new Map([
    ["/", { type: "text/html", text: await page("index.html") }],
    ["/favicon.ico", { type: "image/x-icon", text: "" }],
    ["/page.js", { type: "text/javascript", text: await page("page.js") }],
  ])
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/"
    const bundle = bundles.get(path)
    const file = bundle === undefined ? files.get(path) : { type: "text/javascript", text: bundle }
    // Cross-origin isolation, as a page with SharedArrayBuffer needs it.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin")
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp")
    response.writeHead(file === undefined ? 404 : 200, { "Content-Type": `${file?.type ?? "text/plain"}; charset=utf-8` })
    response.end(file?.text ?? "not found")
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the test server has no port")
  return { server, origin: `http://127.0.0.1:${address.port}` }
}

/** Waits for the bundle to be loaded; an exception on the page is told as it is. */
const openPage = async (browser: Chromium, url: string): Promise<Page> => {
  const page = await browser.newPage()
  const failed = new Promise<never>((_, reject) => page.on("pageerror", reject))
  failed.catch(() => undefined)
  page.on("console", (message) => {
    if (message.type() === "error") console.error(`[chromium] ${message.text()}`)
  })
  await page.goto(url)
  await Promise.race([failed, page.waitForFunction(() => "stillpointEntry" in globalThis)])
  return page
}

export const startBrowser = async (): Promise<Running> => {
  const bundles = new Map<string, string>()
  const { server, origin } = await serve(bundles)
  const browser = await chromium.launch({ executablePath: chromiumPath, headless: true, args: flags })
  const pages = new Map<string, Promise<Page>>()
  const pageOf = (entry: URL): Promise<Page> => {
    const known = pages.get(entry.href)
    if (known !== undefined) return known
    const path = `/bundle-${pages.size}.js`
    const page = bundleEntry(entry).then((text) => {
      bundles.set(path, text)
      return openPage(browser, `${origin}/?bundle=${path}`)
    })
    pages.set(entry.href, page)
    return page
  }
  return {
    call: async <R>(entry: URL, name: string, ...args: readonly unknown[]): Promise<R> => {
      const page = await pageOf(entry)
      const run = async ([fn, values]: [string, readonly unknown[]]): Promise<unknown> => {
        const exported = (globalThis as unknown as { stillpointEntry: Record<string, unknown> }).stillpointEntry[fn]
        if (typeof exported !== "function") throw new Error(`the entry exports no function "${fn}"`)
        return exported(...values)
      }
      return (await page.evaluate(run, [name, args] as [string, readonly unknown[]])) as R
    },
    close: async () => {
      await browser.close()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

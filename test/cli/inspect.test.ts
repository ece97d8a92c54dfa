/** `stillpoint inspect`: what is in a run, and in any safetensors file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as E from "fp-ts/lib/Either.js"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openSession } from "../../src/core/index.js"
import { batch, convergence, encodeSafetensors, load, run, saveCheckpoint, sightOf } from "../../src/models/index.js"
import { request } from "../models/training/tiny.js"
import { command } from "../support/command.js"
import { right } from "../support/either.js"

let runs: string
beforeAll(async () => {
  runs = mkdtempSync(join(tmpdir(), "stillpoint-inspect-"))
  right(await run(request(runs, "first"))())
})
afterAll(() => rmSync(runs, { recursive: true, force: true }))

const inspect = (...args: readonly string[]) => command("inspect", ...args, "--runs", runs)

describe("a run", () => {
  test("its configuration where it is not the default, layers, metrics, convergence; and a page", async () => {
    const { code, out, err } = await inspect("first", "--scenes", "2")
    expect([code, err]).toEqual([0, expect.stringMatching(/looking at 2 images \(held-out scenes\)/)])
    expect(out).toMatch(/step 5 of 5, \d+ parameters in \d+ tensors/)
    expect(out).toMatch(/\n {2}model\.width +4 \(default 32\)\n/)
    expect(out).not.toMatch(/\n {2}model\.slots /)
    expect(out).toMatch(/\n\(model\) +slotAutoencoder .*\n[\s\S]*\nencoder\.0 +convolution +\[1, 4, 4, 4\]/)
    expect(out).toMatch(/\n {2}loss +\S+ \(step 5\) +\S+ \(step \d\) +\S+ \(step \d\)\n/)
    expect(out).toMatch(
      /\n {5}0 .*\n {5}1 .*\n {5}2 .* the solve stops here; oneStep applies f to that again\nspectral radius of the refinement after 2: mean \S+, largest \S+ /,
    )
    const page = readFileSync(join(runs, "first", "inspect.html"), "utf8")
    expect(page).toMatch(
      /Inside first[\s\S]*Layers, for one image[\s\S]*Residual by refinement[\s\S]*Scene 1: attended[\s\S]*Scene 1: painted/,
    )
  })

  test("its convergence is that of the run's own diagnostics; a checkpoint file will do", async () => {
    const file = join(runs, "first", "checkpoint.safetensors")
    const { out } = await inspect(file, "--scenes", "16", "--json")
    const found = JSON.parse(out)
    const { description, snapshot } = right(await load(file)())
    const session = right(await openSession("wasm")())
    const params = right(await session.put(snapshot.state[0] as never)())
    const measured = right(
      await convergence(session, sightOf(description.model, description.config), batch({ blockSize: 1, split: "heldOut" }, 0, 0, 16), {
        seed: description.config.seed,
        iterations: description.config.evaluation.iterations,
        powers: description.config.evaluation.powers,
      })(params)(),
    )
    await session.close()
    expect(found.convergence).toEqual(measured)
    expect(found.changed).toContainEqual({ name: "model.width", default: 32, value: 4 })
    expect(found.courses.loss.last.step).toBe(5)
    expect(found.layers[0]).toMatchObject({ kind: "slotAutoencoder", parameters: found.parameters })
    const longer = JSON.parse((await inspect("first", "--iterations", "6", "--json")).out)
    expect(longer.convergence.residuals.middle.length).toBe(6)
    expect(longer.convergence.residuals.middle.slice(0, 2)).toHaveLength(2)
  })
})

describe("an older checkpoint of a run", () => {
  test("has the metrics up to its step, and a page of its own", async () => {
    const page = readFileSync(join(runs, "first", "inspect.html"), "utf8")
    const { code, out } = await inspect(join(runs, "first", "checkpoint.before.safetensors"), "--scenes", "1")
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/step 4 of 5, [\s\S]*\n {2}loss +\S+ \(step 4\) [\s\S]*first\/checkpoint\.before\.inspect\.html\n$/),
    ])
    expect(out).not.toMatch(/\(step 5\)/)
    expect(readFileSync(join(runs, "first", "inspect.html"), "utf8")).toBe(page)
  })
})

describe("any other safetensors file", () => {
  test("names, dtypes as they are stored, shapes, metadata; nothing is written", async () => {
    const path = join(runs, "weights.safetensors")
    const tensors = {
      "layer.w": { dtype: "F32", shape: [2, 3], data: new Float32Array(6) },
      steps: { dtype: "I32", shape: [], data: Int32Array.of(7) },
    } as const
    writeFileSync(path, right(encodeSafetensors({ tensors, metadata: { format: "pt" } })))
    const before = readdirSync(runs)
    const { code, out } = await inspect(path)
    expect([code, out]).toEqual([
      0,
      `${path}\n2 tensors of 7 numbers; not a run of Stillpoint, so there is no model to look into\n  layer.w  F32   [2, 3]  24 bytes\n  steps    I32   []  4 bytes\nmetadata format: "pt"\n`,
    ])
    expect(JSON.parse((await inspect(path, "--json")).out).tensors[0]).toEqual({ name: "layer.w", dtype: "F32", shape: [2, 3], bytes: 24 })
    expect(readdirSync(runs)).toEqual(before)
  })

  test("a checkpoint that holds no run is listed too", async () => {
    const path = join(runs, "own.safetensors")
    const saved = await saveCheckpoint(path, { tensors: { w: { dtype: "F64", shape: [1], data: Float64Array.of(1) } }, metadata: {} })()
    expect(E.isRight(saved)).toBe(true)
    expect((await inspect(path)).out).toMatch(/1 tensors of 1 numbers[\s\S]* {2}w {2}F64 {3}\[1\] {2}8 bytes/)
  })

  test("no such file, no safetensors, a truncated one, a changed checkpoint: a sentence and exit code 1", async () => {
    const path = join(runs, "x.safetensors")
    writeFileSync(path, "PK\u0003\u0004 something else")
    const zip = await inspect(path)
    expect([zip.code, zip.err]).toEqual([1, expect.stringMatching(/x\.safetensors: .*it looks like a zip archive/)])
    const whole = readFileSync(join(runs, "first", "checkpoint.safetensors"))
    writeFileSync(path, whole.subarray(0, whole.length - 1))
    expect([(await inspect(path)).code, (await inspect(path)).err]).toEqual([1, expect.stringMatching(/the file is truncated/)])
    const spoilt = Uint8Array.from(whole)
    spoilt[spoilt.length - 1]! ^= 1
    writeFileSync(path, spoilt)
    expect((await inspect(path)).err).toMatch(/its bytes have changed since it was written/)
    const unknown = await inspect("frist")
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringMatching(/did you mean first\?/)])
    expect((await inspect("first", "--scenes", "65")).err).toMatch(/--scenes: expected a whole number from 1 to 64, found 65/)
    expect((await inspect("--help")).out).toMatch(/Usage: stillpoint inspect RUN[\s\S]*Exit codes:/)
  })
})

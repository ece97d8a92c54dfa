/** The `wasm` targets: a whole program as one WebAssembly module with SIMD, in float32 or float64. */
import * as E from "fp-ts/lib/Either.js"
import { buildSchedule } from "../../compile/build.js"
import type { RunError } from "../../errors.js"
import type { Target, TargetName, TargetSession } from "../target.js"
import { simd } from "./assembly.js"
import { ModuleBuilder } from "./emitter.js"
import { WasmSession } from "./session.js"
import { lacksForThreads } from "./threads/pool.js"

export { WasmSession } from "./session.js"

const missing = (name: TargetName, what: string): RunError => ({
  _tag: "TargetMissing",
  target: name,
  message: `${name}: this JavaScript engine has no ${what}; use the target "interpreter", or an engine that has it`,
})

/** A module with one vector in it. */
const probe = (): Uint8Array<ArrayBuffer> => {
  const m = new ModuleBuilder()
  m.fn([], [], (f) => {
    f.i32(0)
    f.op(simd(17))
    f.op([0x1a])
  })
  return m.finish()
}

const open =
  (name: TargetName, precision: "float32" | "float64", threads: number) => async (): Promise<E.Either<RunError, TargetSession>> => {
    if (typeof WebAssembly === "undefined") return E.left(missing(name, "WebAssembly"))
    if (!WebAssembly.validate(probe())) return E.left(missing(name, "WebAssembly SIMD"))
    const lack = threads > 1 ? lacksForThreads() : null
    if (lack !== null) return E.left(missing(name, `${lack}; or ask for one thread`))
    const session = new WasmSession(name, precision, buildSchedule, { threads })
    const why = await session.start()
    if (why === null) return E.right(session)
    return E.left({ _tag: "TargetMissing", target: name, message: `${name}: its threads can't be started (${why}); ask for one thread` })
  }

export const target: Target = { name: "wasm", open: ({ threads = 1 } = {}) => open("wasm", "float32", threads) }

export const float64Target: Target = { name: "wasm:f64", open: ({ threads = 1 } = {}) => open("wasm:f64", "float64", threads) }

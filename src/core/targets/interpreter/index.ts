import * as TE from "fp-ts/lib/TaskEither.js"
import type { Target } from "../target.js"
import { openInterpreter } from "./session.js"

export { allFinite, type Found, firstNonFinite, hasNaN, type Origin, type Wanted } from "./non-finite.js"
export { type Run, runEquation, runGraph, scanTurns, type Turn, type Values, whileTurns } from "./run.js"
export { interpreterCapabilities, runFailure } from "./session.js"

/** Float64, by the definitions: slow, always there, and what the other targets are compared with. */
export const target: Target = { name: "interpreter", open: () => TE.fromIO(openInterpreter) }

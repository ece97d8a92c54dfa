/** Sessions as users see them, and `compile` in the shared session of a target. */
import * as E from "fp-ts/lib/Either.js"
import type { TaskEither } from "fp-ts/lib/TaskEither.js"
import type { RunError } from "../errors.js"
import type { OpenOptions, TargetName } from "../targets/target.js"
import { type Context, openContext, sharedContext } from "./context.js"
import type { Keep, OnDevice, Placed, Read } from "./handle.js"
import { makeProgram, type Program, type ProgramOptions } from "./program.js"
import * as transfer from "./transfer.js"

/** Where a program runs, and the options of its calls. */
export interface CompileOptions<K extends Keep = false> extends ProgramOptions<K> {
  /** A target by name, or `auto` (the default), which picks one and says in `explain` which and why. */
  readonly target?: TargetName | "auto"
  /** Threads of `wasm` and `wasm:f64`; see `OpenOptions`. Default 1. */
  readonly threads?: number
}

/** One target's memory. Handles made in it work in all its programs. */
export interface Session {
  readonly target: TargetName
  /** Why this target, for `auto`. */
  readonly why: string
  readonly compile: <A extends readonly unknown[], O, const K extends Keep = false>(
    f: (...args: A) => O,
    options?: ProgramOptions<K>,
  ) => Program<A, Placed<O, K>>
  /** Copies a tree of tensors into the session's memory. */
  readonly put: <P>(tree: P) => TaskEither<RunError, OnDevice<P>>
  readonly read: <P>(tree: P) => TaskEither<RunError, Read<P>>
  readonly dispose: (tree: unknown) => void
  readonly bytesInUse: () => number
  /** Ends the session when the calls made before are done; its programs and handles are stale then. */
  readonly close: () => Promise<void>
}

const sessionOf = (context: Context): Session => {
  const opened = E.right(context)
  return {
    target: context.target,
    why: context.why,
    compile: (f, options) => makeProgram(f, options ?? {}, () => opened),
    put: (tree) => transfer.put(context, tree),
    read: transfer.read,
    dispose: transfer.dispose,
    bytesInUse: () => context.device.bytesInUse(),
    close: () => context.close(),
  }
}

/**
 * A session of its own on a target; `Left` names what the machine lacks for it.
 *
 * @example
 * const session = await openSession("interpreter")()
 * if (E.isRight(session)) {
 *   const double = session.right.compile((x: Tensor<[2]>) => mul(x, 2))
 *   await double(tensor([1, 2]))() // right([2, 4])
 *   await session.right.close()
 * }
 */
export const openSession =
  (target: TargetName | "auto", options: OpenOptions = {}): TaskEither<RunError, Session> =>
  async () =>
    E.map(sessionOf)(await openContext(target, options))

/**
 * A program made of `f`, specialised to the structure and types it is called with, then cached. It runs in the session that
 * all programs of one target share; `openSession` gives one of its own.
 *
 * @example
 * const step = compile(valueAndGrad(loss), { target: "wasm" })
 * const result = await step({ w }, x)() // Either<RunError, [value, { w: gradient }]>
 */
export const compile = <A extends readonly unknown[], O, const K extends Keep = false>(
  f: (...args: A) => O,
  { target = "auto", threads = 1, ...options }: CompileOptions<K> = {},
): Program<A, Placed<O, K>> => makeProgram<A, O, K>(f, options as ProgramOptions<K>, () => sharedContext(target, { threads }))

/**
 * What programs and handles of one session share: the target's memory, and a queue, since a target does one thing at a time.
 * A call takes its buffers when its turn comes; what is disposed of meanwhile is freed after the calls made before.
 */
import * as E from "fp-ts/lib/Either.js"
import type { RunError } from "../errors.js"
import { ensuring, type Soon } from "../soon.js"
import { type Opened, openTarget } from "../targets/registry.js"
import type { DeviceBuffer, OpenOptions, TargetName, TargetSession } from "../targets/target.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { physicalShape, type TensorType } from "../tensor/types.js"
import { type Resident, stale } from "./handle.js"

/** A leaf that programs captured, uploaded once for all of them. */
interface Capture {
  readonly buffer: DeviceBuffer
  users: number
}

export class Context {
  readonly device: TargetSession
  readonly target: TargetName
  readonly why: string
  closed = false
  private last: Promise<unknown> = Promise.resolve()
  /** Turns that have not ended. */
  private waiting = 0
  private readonly captures = new Map<AnyTensor, Capture>()

  constructor({ session, target, why }: Opened) {
    this.device = session
    this.target = target
    this.why = why
  }

  /** Runs `task` after everything that was asked for before: at once, when that has ended. */
  private inTurn<A>(task: () => Soon<A>): Soon<A> {
    const free = this.waiting === 0
    this.waiting++
    const done = ensuring(
      () => (free ? task() : this.last.then(task)),
      () => void this.waiting--,
    )
    if (done instanceof Promise) this.last = done.catch(() => undefined)
    return done
  }

  /** Runs `task` after everything that was asked for before; `Left` when the session is closed by then. */
  enqueue<A>(task: () => Soon<E.Either<RunError, A>>): Soon<E.Either<RunError, A>> {
    return this.inTurn<E.Either<RunError, A>>(() =>
      this.closed ? E.left(stale(`the ${this.target} session was closed; open another one`)) : task(),
    )
  }

  upload(type: TensorType, data: Float64Array): E.Either<RunError, DeviceBuffer> {
    return this.device.upload(data, { elem: type.elem, shape: physicalShape(type) })
  }

  /** The buffer of a captured leaf; `release` gives it back. */
  retain(t: AnyTensor, data: Float64Array): E.Either<RunError, DeviceBuffer> {
    const known = this.captures.get(t)
    if (known !== undefined) {
      known.users++
      return E.right(known.buffer)
    }
    const made = this.upload(t.type, data)
    if (E.isRight(made)) this.captures.set(t, { buffer: made.right, users: 1 })
    return made
  }

  release(t: AnyTensor): void {
    const capture = this.captures.get(t)
    if (capture === undefined || --capture.users > 0) return
    this.captures.delete(t)
    this.free(capture.buffer)
  }

  /** The buffer of a handle whose turn has come. */
  bufferOf(handle: Resident, what: () => string): E.Either<RunError, DeviceBuffer> {
    if (handle.owner !== this)
      return E.left(
        stale(`${what()} is a value of another session; read it there and pass the tensor, or make it in this session with put`),
      )
    if (handle.buffer === null)
      return E.left(stale(`${what()} was disposed of, or donated to a program, whose result replaces it; use that result`))
    return E.right(handle.buffer)
  }

  /** Gives a handle's storage back at once. */
  drop(handle: Resident): void {
    handle.disposed = true
    if (handle.buffer !== null) this.free(handle.buffer)
    handle.buffer = null
  }

  free(buffer: DeviceBuffer): void {
    if (!this.closed) this.device.free(buffer)
  }

  /** Closes when the calls made before are done. Everything in the session is stale then. */
  async close(): Promise<void> {
    await this.inTurn<void>(() => {
      if (this.closed) return
      this.closed = true
      return this.device.close()
    })
  }
}

export const openContext = async (name: TargetName | "auto", options: OpenOptions = {}): Promise<E.Either<RunError, Context>> =>
  E.map((opened: Opened) => new Context(opened))(await openTarget(name, options)())

const shared = new Map<string, Soon<E.Either<RunError, Context>>>()

/** The context that top-level programs of one target share: opened once and never closed. */
export const sharedContext = (name: TargetName | "auto", options: OpenOptions = {}): Soon<E.Either<RunError, Context>> => {
  const key = `${name} ${options.threads ?? 1}`
  const known = shared.get(key)
  if (known !== undefined) return known
  const opening = openContext(name, options)
  shared.set(key, opening)
  // what is missing now may be there at the next try
  void opening.then((context) => (E.isLeft(context) ? shared.delete(key) : shared.set(key, context)))
  return opening
}

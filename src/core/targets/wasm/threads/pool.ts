/**
 * The worker threads of a session. They are started once, sleep between runs, hold no process open, and end with the session. A
 * worker that ends by itself is reported once; from then on the session works alone.
 */
import { control } from "./control.js"
import { workerSource } from "./worker.js"

/** The part of workers that Node and pages have in common. */
interface Host {
  readonly post: (message: unknown) => void
  readonly terminate: () => void
  /** Whether what is awaited from it keeps the process alive. */
  readonly hold: (holds: boolean) => void
}

interface Events {
  readonly answered: () => void
  readonly ended: (why: string) => void
}

/** Milliseconds without any progress after which a job is given up. */
const LONGEST = 10_000
/** Milliseconds that a thread is waited for at a time. */
const NAP = 20

const startInNode = async (events: Events): Promise<Host> => {
  const { Worker } = await import("node:worker_threads")
  const worker = new Worker(workerSource, { eval: true })
  worker.on("message", events.answered)
  worker.on("error", (error) => events.ended(String(error)))
  worker.on("exit", (code) => events.ended(`it ended with code ${code}`))
  worker.unref()
  return {
    post: (message) => worker.postMessage(message),
    terminate: () => void worker.terminate(),
    hold: (holds) => (holds ? worker.ref() : worker.unref()),
  }
}

const startInPage = async (events: Events): Promise<Host> => {
  const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }))
  const worker = new Worker(url)
  worker.onmessage = events.answered
  worker.onerror = (event) => events.ended(event.message)
  URL.revokeObjectURL(url)
  return { post: (message) => worker.postMessage(message), terminate: () => worker.terminate(), hold: () => undefined }
}

const isNode = (): boolean => typeof process !== "undefined" && process.versions?.node !== undefined

/** What this engine lacks for threads, or null. */
export const lacksForThreads = (): string | null =>
  typeof SharedArrayBuffer === "undefined"
    ? "SharedArrayBuffer, which pages have where they are isolated: serve them with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp"
    : isNode() || typeof Worker !== "undefined"
      ? null
      : "workers"

export class Pool {
  private readonly words: Int32Array
  private readonly workers: Host[] = []
  private waiting: { left: number; readonly done: () => void } | null = null
  private programs = 0
  private fault: string | null = null
  private reported = false
  private closed = false
  private calls = Promise.resolve()

  constructor(
    private readonly memory: WebAssembly.Memory,
    readonly threads: number,
  ) {
    this.words = new Int32Array(memory.buffer, 0, control.args / 4)
  }

  /** Starts the workers; the calling thread is one of the threads. */
  async start(): Promise<void> {
    const events: Events = {
      answered: () => {
        if (this.waiting !== null && --this.waiting.left === 0) this.waiting.done()
      },
      ended: (why) => {
        if (!this.closed) this.lose(why)
      },
    }
    for (let i = 1; i < this.threads; i++) this.workers.push(await (isNode() ? startInNode : startInPage)(events))
    await this.tell({ id: 0, module: null, memory: this.memory })
  }

  /** Whether there are workers to share with. */
  get works(): boolean {
    return this.fault === null && !this.closed
  }

  /** Why a worker is gone, once. */
  loss(): string | null {
    if (this.fault === null || this.reported) return null
    this.reported = true
    return this.fault
  }

  private lose(why: string): void {
    this.fault ??= why
    this.end()
    this.waiting?.done()
  }

  /** Gives the workers a program; its number when all have it. */
  async load(module: WebAssembly.Module): Promise<number> {
    const id = ++this.programs
    await this.tell({ id, module })
    return id
  }

  drop(id: number): void {
    if (this.works) void this.tell({ id })
  }

  /** One message at a time, since all must have read it before the next. */
  private tell(message: {
    readonly id: number
    readonly module?: WebAssembly.Module | null
    readonly memory?: WebAssembly.Memory
  }): Promise<void> {
    const told = this.calls.then(
      () =>
        new Promise<void>((resolve) => {
          if (!this.works) return resolve()
          const done = (): void => {
            this.waiting = null
            for (const worker of this.workers) worker.hold(false)
            resolve()
          }
          this.waiting = { left: this.workers.length, done }
          this.workers.forEach((worker, i) => {
            worker.hold(true)
            worker.post({ ...message, number: i + 1 })
          })
          Atomics.add(this.words, control.calls / 4, 1)
          this.wake()
        }),
    )
    this.calls = told
    return told
  }

  private wake(): void {
    Atomics.add(this.words, control.wake / 4, 1)
    Atomics.notify(this.words, control.wake / 4)
  }

  /** Workers take part in the jobs of a program from here on. */
  begin(id: number): void {
    Atomics.store(this.words, control.active / 4, id)
    this.wake()
  }

  finish(): void {
    Atomics.store(this.words, control.active / 4, 0)
  }

  private progress = ""
  private since = 0

  /** For the running program: 1 where the chunks that are left have not moved for so long that their thread must be gone. */
  readonly stalled = (): number => {
    const done = Atomics.load(this.words, control.done / 4)
    const now = performance.now()
    const progress = `${this.words[control.next / 4 + 1]} ${done}`
    if (progress !== this.progress) {
      this.progress = progress
      this.since = now
    }
    // a page's own thread may not sleep
    if (isNode()) Atomics.wait(this.words, control.done / 4, done, NAP)
    return now - this.since > LONGEST ? 1 : 0
  }

  /** A job could not end. */
  giveUp(): void {
    this.lose(`a thread did not finish its part of a kernel in ${LONGEST / 1000} s`)
  }

  private end(): void {
    for (const worker of this.workers) worker.terminate()
    this.workers.length = 0
  }

  close(): void {
    this.closed = true
    this.end()
    this.waiting?.done()
  }
}

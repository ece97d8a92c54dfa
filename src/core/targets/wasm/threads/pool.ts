/**
 * The worker threads of a session. They are started once, sleep between runs, hold no process open, and end with the session. A
 * worker that ends by itself is reported once; from then on the session works alone.
 */
import { control } from "./control.js"
import { workerSource } from "./worker.js"

/** The part of workers that Node and pages have in common. */
interface Host {
  readonly post: (message: unknown) => void
  /** Resolves when it can't write to memory any more. */
  readonly end: () => Promise<unknown>
  /** Whether what is awaited from it keeps the process alive. */
  readonly hold: (holds: boolean) => void
}

interface Events {
  readonly answered: () => void
  readonly failed: (why: string) => void
  readonly exited: (code: number) => void
}

/** Milliseconds without any progress after which a job is given up, unless its chunks are that large. */
const LONGEST = 10_000
/** Milliseconds that a thread is waited for at a time. */
const NAP = 20
/** The most that counts as waited between two looks: more has passed where the process itself stood still. */
const LOOK = 500

/** Not spelled out where it is imported: bundlers for pages look for what they can read there, and pages have no such module. */
const nodeWorkers = "node:worker_threads"

const startInNode = async (events: Events): Promise<Host> => {
  const { Worker }: typeof import("node:worker_threads") = await import(/* @vite-ignore */ nodeWorkers)
  // without the process's own options, which may load files or take the text for a module
  const worker = new Worker(workerSource, { eval: true, execArgv: [] })
  worker.on("message", events.answered)
  worker.on("error", (error) => events.failed(String(error)))
  worker.on("exit", events.exited)
  worker.unref()
  return {
    post: (message) => worker.postMessage(message),
    end: () => worker.terminate(),
    hold: (holds) => (holds ? worker.ref() : worker.unref()),
  }
}

const startInPage = async (events: Events): Promise<Host> => {
  const url = URL.createObjectURL(new Blob([workerSource], { type: "text/javascript" }))
  const worker = new Worker(url)
  worker.onmessage = events.answered
  // what forbids the worker has no message
  worker.onerror = (event) => events.failed(event instanceof ErrorEvent ? event.message : "the page may not start it")
  URL.revokeObjectURL(url)
  return { post: (message) => worker.postMessage(message), end: async () => worker.terminate(), hold: () => undefined }
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
  private ended = false
  private calls = Promise.resolve()

  /** `patience`: milliseconds without any progress after which a job is given up. */
  constructor(
    private readonly memory: WebAssembly.Memory,
    readonly threads: number,
    private readonly patience = LONGEST,
  ) {
    this.words = new Int32Array(memory.buffer, 0, control.args / 4)
  }

  /** Starts the workers; the calling thread is one of the threads. Says why they can't be, or null. */
  async start(): Promise<string | null> {
    const events: Events = {
      answered: () => {
        if (this.waiting !== null && --this.waiting.left === 0) this.waiting.done()
      },
      failed: (why) => {
        this.fault ??= why
        void this.end()
      },
      exited: (code) => {
        if (this.ended) return
        this.fault ??= `it ended with code ${code}`
        void this.end()
      },
    }
    try {
      for (let i = 1; i < this.threads; i++) this.workers.push(await (isNode() ? startInNode : startInPage)(events))
      await this.tell({ id: 0, module: null, memory: this.memory })
    } catch (error) {
      this.fault ??= String(error)
    }
    if (this.fault === null) return null
    await this.end()
    return this.loss()
  }

  /** Whether there are workers to share with. */
  get works(): boolean {
    return !this.ended
  }

  /** Why a worker is gone, once. */
  loss(): string | null {
    if (this.fault === null || this.reported) return null
    this.reported = true
    return this.fault
  }

  /** Gives the workers a program; its number when all have it. */
  async load(module: WebAssembly.Module): Promise<number> {
    const id = ++this.programs
    await this.tell({ id, module })
    return id
  }

  drop(id: number): void {
    void this.tell({ id })
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
  private last = 0
  private waited = 0

  /**
   * For the running program: 1 where the chunks that are left will never be done, because a worker met an exception, or because
   * they have not moved for so long that their thread must be gone. A chunk may take `milliseconds`.
   */
  readonly stalled = (milliseconds: number): number => {
    if (Atomics.load(this.words, control.fault / 4) !== 0) return 1
    const done = Atomics.load(this.words, control.done / 4)
    const now = performance.now()
    const progress = `${this.words[control.next / 4 + 1]} ${done}`
    this.waited = progress === this.progress ? this.waited + Math.min(LOOK, now - this.last) : 0
    this.progress = progress
    this.last = now
    // a page's own thread may not sleep
    if (isNode()) Atomics.wait(this.words, control.done / 4, done, NAP)
    return this.waited > Math.max(this.patience, milliseconds) ? 1 : 0
  }

  /** A job did not end: `why` where no worker says more. Resolves when no worker can write to memory any more. */
  async giveUp(why = `a thread did not finish its part of a kernel in ${(this.waited / 1000).toFixed(1)} s`): Promise<void> {
    await this.end()
    this.fault ??= why
  }

  private async end(): Promise<void> {
    this.ended = true
    const ends = this.workers.splice(0).map((worker) => worker.end())
    this.waiting?.done()
    await Promise.all(ends)
  }

  /** Resolves when the workers have ended. */
  close(): Promise<void> {
    return this.end()
  }
}

/** A program that the other threads of a session have too, once it is run. */
import type { Pool } from "./pool.js"

export class SharedProgram {
  private loading: Promise<number> | null = null
  private id = 0

  constructor(
    readonly pool: Pool,
    private readonly module: WebAssembly.Module,
  ) {}

  /** Resolves when all threads have the program. */
  async ready(): Promise<void> {
    if (this.id > 0) return
    this.loading ??= this.pool.load(this.module)
    this.id = await this.loading
  }

  /** Runs with the others taking part in its jobs, if they are there. */
  during<R>(run: () => R): R {
    if (!this.pool.works) return run()
    this.pool.begin(this.id)
    try {
      return run()
    } finally {
      this.pool.finish()
    }
  }

  dispose(): void {
    // also where it is still on its way to them
    void this.loading?.then((id) => this.pool.drop(id))
  }
}

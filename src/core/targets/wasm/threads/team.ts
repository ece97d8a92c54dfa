/** The code of a module for jobs: giving one out, and taking part in it. */
import { assign, bind, get, i32 } from "../assembly.js"
import { type Code, type Fn, I32, I64, type ModuleBuilder } from "../emitter.js"
import type { Phase } from "../kernel.js"
import { closed, control } from "./control.js"

/** Rounds of looking for a job before a thread sleeps: some tens of microseconds. */
const SPINS = 20_000
/** Rounds of waiting for the last chunks before the host is asked whether that can still end. */
const PATIENCE = 2_000_000

/** Chunks of a job for each thread, so that a thread that is held up does not hold up all. */
const CHUNKS = 4
/** A chunk that takes so many times as long as it should is not waited for; what it should take is a rough figure. */
const SLOW = 100
const LONGEST = 2 ** 31 - 1

const atomic = {
  load: (f: Fn, address: number) => {
    f.i32(0)
    f.atomic(0x10, 2, address)
  },
  load64: (f: Fn, address: number) => {
    f.i32(0)
    f.atomic(0x11, 3, address)
  },
  store: (f: Fn, address: number, value: Code) => {
    f.i32(0)
    value(f)
    f.atomic(0x17, 2, address)
  },
  store64: (f: Fn, address: number, value: Code) => {
    f.i32(0)
    value(f)
    f.atomic(0x18, 3, address)
  },
  /** Leaves the old value. */
  add: (f: Fn, address: number, value: number) => {
    f.i32(0)
    f.i32(value)
    f.atomic(0x1e, 2, address)
  },
  exchange64: (f: Fn, address: number, expected: Code, value: Code) => {
    f.i32(0)
    expected(f)
    value(f)
    f.atomic(0x49, 3, address)
  },
  notify: (f: Fn, address: number) => {
    f.i32(0)
    f.i32(-1)
    f.atomic(0x00, 2, address)
    f.drop()
  },
} as const

export class Team {
  /** Phases that are given out as jobs, by their numbers. */
  private readonly phases: { readonly phase: Phase; readonly args: number }[] = []
  private readonly numbers = new Map<number, number>()
  private readonly execute: number
  private readonly share: number

  /** `stalled`: the host's function that says whether chunks that may take so many milliseconds will never be done. */
  constructor(
    m: ModuleBuilder,
    private readonly threads: number,
    private readonly stalled: number,
    /** The global that holds the number of the thread. */
    private readonly worker: number,
  ) {
    this.execute = m.declare([I32], [])
    this.share = m.fn([I32], [], (f) => this.emitShare(f))
    this.define = () => m.define(this.execute, (f) => this.emitExecute(f))
    m.export(
      "work",
      m.fn([I32, I32], [], (f) => this.emitWork(f)),
    )
  }

  /** Whether there are any jobs. */
  get gives(): boolean {
    return this.phases.length > 0
  }

  /** To be called when all kernels are known. */
  readonly define: () => void

  /** Indices of a chunk of a phase. */
  sizeOf(phase: Phase): number {
    const pieces = Math.ceil(phase.extent / phase.grain)
    const wanted = phase.streams ? this.threads : this.threads * CHUNKS
    return Math.max(1, Math.ceil(pieces / wanted)) * phase.grain
  }

  /**
   * Gives out a phase of `cost` nanoseconds in chunks of `size` indices, at most as many as `sizeOf` says; leaves 2 where the job can't
   * end because a thread is gone, else 0.
   */
  run(f: Fn, phase: Phase, cost: number, args: readonly Code[], size: Code): void {
    let number = this.numbers.get(phase.index)
    if (number === undefined) {
      number = this.phases.push({ phase, args: args.length }) - 1
      this.numbers.set(phase.index, number)
    }
    const [chunkSize, chunks] = [bind(f, I32, size), f.local(I32)]
    assign(f, chunks, i32.divU(i32.sub(i32.add(i32.const(phase.extent), chunkSize), i32.const(1)), chunkSize))
    const job = f.local(I64)
    const set = (address: number, value: Code): void => {
      f.i32(0)
      value(f)
      f.memory([0x36], address)
    }
    // the next number, closed while the job is written
    atomic.load64(f, control.next)
    f.i64(32n)
    f.op([0x88])
    f.i64(1n)
    f.op([0x7c])
    f.i64(32n)
    f.op([0x86])
    f.set(job)
    atomic.store64(f, control.next, (g) => {
      g.get(job)
      g.i64(BigInt(closed))
      g.op([0x84])
    })
    args.forEach((arg, i) => set(control.args + 4 * i, arg))
    set(control.kernel, i32.const(number))
    set(control.chunks, get(chunks))
    set(control.chunkSize, chunkSize)
    set(control.extent, i32.const(phase.extent))
    atomic.store(f, control.done, i32.const(0))
    atomic.store64(f, control.next, get(job))
    atomic.load(f, control.sleepers)
    f.if(null, () => {
      atomic.add(f, control.wake, 1)
      f.drop()
      atomic.notify(f, control.wake)
    })
    atomic.load(f, control.active)
    f.call(this.share)
    const most = Math.ceil(phase.extent / this.sizeOf(phase))
    this.awaitDone(f, chunks, Math.min(LONGEST, Math.ceil((SLOW * cost) / most / 1e6)))
  }

  private awaitDone(f: Fn, chunks: number, milliseconds: number): void {
    const [rounds, gone] = [f.local(I32), f.local(I32)]
    assign(f, rounds, i32.const(0))
    assign(f, gone, i32.const(0))
    f.while(
      () => {
        atomic.load(f, control.done)
        f.get(chunks)
        f.op([0x47])
        f.get(gone)
        f.op([0x45])
        f.op([0x71])
      },
      () => {
        assign(f, rounds, i32.add(get(rounds), i32.const(1)))
        i32.gt(get(rounds), i32.const(PATIENCE))(f)
        f.if(null, () => {
          assign(f, rounds, i32.const(0))
          f.i32(milliseconds)
          f.call(this.stalled)
          f.set(gone)
        })
      },
    )
    // 1 is what a cancelled run gives
    f.get(gone)
    f.i32(1)
    f.op([0x74])
  }

  /** Takes chunks of the job at hand until there are none, or the parameter is no longer the active program. */
  private emitShare(f: Fn): void {
    const [word, chunk] = [f.local(I64), f.local(I32)]
    f.while(
      () => {
        atomic.load64(f, control.next)
        f.tee(word)
        f.op([0xa7])
        f.tee(chunk)
        f.i32(0)
        f.memory([0x28], control.chunks)
        f.op([0x48])
        atomic.load(f, control.active)
        f.get(0)
        f.op([0x46])
        f.op([0x71])
      },
      () => {
        atomic.exchange64(f, control.next, get(word), (g) => {
          g.get(word)
          g.i64(1n)
          g.op([0x7c])
        })
        f.get(word)
        f.op([0x51])
        f.if(null, () => {
          f.get(chunk)
          f.call(this.execute)
          atomic.add(f, control.done, 1)
          f.drop()
        })
      },
    )
  }

  private emitExecute(f: Fn): void {
    const [lo, hi] = [f.local(I32), f.local(I32)]
    const word =
      (address: number): Code =>
      (g) => {
        g.i32(0)
        g.memory([0x28], address)
      }
    assign(f, lo, i32.mul(get(0), word(control.chunkSize)))
    assign(f, hi, i32.add(get(lo), word(control.chunkSize)))
    i32.gt(get(hi), word(control.extent))(f)
    f.if(null, () => assign(f, hi, word(control.extent)))
    const cases = this.phases.map(
      ({ phase, args }): Code =>
        (g) => {
          for (let i = 0; i < args; i++) word(control.args + 4 * i)(g)
          g.get(lo)
          g.get(hi)
          g.call(phase.index)
          g.return()
        },
    )
    if (cases.length > 0) f.switch(word(control.kernel), cases)
  }

  /** The part of thread `worker` in a run of program `id`: jobs until the run ends, or there is none for a while. */
  private emitWork(f: Fn): void {
    f.get(1)
    f.globalSet(this.worker)
    const [rounds, word, last] = [f.local(I32), f.local(I64), f.local(I64)]
    f.while(
      () => {
        atomic.load(f, control.active)
        f.get(0)
        f.op([0x46])
        i32.lt(get(rounds), i32.const(SPINS))(f)
        f.op([0x71])
      },
      () => {
        atomic.load64(f, control.next)
        f.tee(word)
        f.get(last)
        f.op([0x52])
        f.if(
          null,
          () => {
            assign(f, rounds, i32.const(0))
            f.get(0)
            f.call(this.share)
            atomic.load64(f, control.next)
            f.set(last)
          },
          () => assign(f, rounds, i32.add(get(rounds), i32.const(1))),
        )
      },
    )
  }
}

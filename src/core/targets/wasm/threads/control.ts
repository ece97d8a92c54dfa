/**
 * The words of shared memory by which threads work together; byte addresses. The first word of memory stops a run (program.ts).
 *
 * A job is a kernel cut into chunks. `next` is a 64-bit word of two halves: the number of the job, and the next chunk. A thread
 * takes a chunk by exchanging the word as it read it for one with the next chunk, so it can't take one of a job that it has not
 * seen; while a job is written, the chunk is `closed`, which is above all. `done` counts finished chunks. Between reading the word
 * and exchanging it a thread looks whether its own program is still the active one: jobs of another one have other kernels.
 */
export const control = {
  /** 0 between runs, else the number of the program whose jobs are shared. */
  active: 16,
  /** Changes when there may be something to do for a thread that sleeps. */
  wake: 20,
  sleepers: 24,
  /** How often threads were asked to look for messages. */
  calls: 28,
  next: 32,
  chunks: 40,
  done: 44,
  kernel: 48,
  chunkSize: 52,
  extent: 56,
  /** Not 0 when a worker met an exception. */
  fault: 60,
  /** The addresses that a kernel is given. */
  args: 64,
} as const

/** The bytes at the start of memory that control takes, for as many arguments as engines allow. */
export const controlBytes = 4096

export const closed = 0x7fffffff

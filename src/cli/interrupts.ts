/** Ctrl-C: the first one asks, the second one ends the program at once. */
import { constants } from "node:os"

const signals = ["SIGINT", "SIGTERM"] as const

export interface Interrupts {
  /** Whether the program was asked to stop. */
  readonly asked: () => boolean
  readonly stopListening: () => void
}

/** Listens; `told` is called at the first signal. */
export const listen = (told: () => void): Interrupts => {
  let asked = false
  const hear = (signal: (typeof signals)[number]) => {
    if (asked) process.exit(128 + constants.signals[signal])
    asked = true
    told()
  }
  for (const signal of signals) process.on(signal, hear)
  return {
    asked: () => asked,
    stopListening: () => {
      for (const signal of signals) process.off(signal, hear)
    },
  }
}

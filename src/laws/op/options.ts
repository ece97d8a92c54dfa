/** What the laws of ops need to be told. */
export interface OpLawOptions {
  /** How far a value may be from the exact one, relative to its size, beyond rounding: what a solver stops at. */
  readonly accuracy: number
}

/** The example of `fixedPoint` has |f| < 1, contracts by 0.4 and is solved to a residual of eps^(2/3): its error is that over 1 - 0.4. */
const accuracies: Readonly<Record<string, number>> = { fixedPoint: Number.EPSILON ** (2 / 3) / (1 - 0.4) }

/** What is known of an op's own example; ops are exact up to rounding unless they say otherwise. */
export const defaultsFor = (name: string): OpLawOptions => ({ accuracy: accuracies[name] ?? 0 })

const constants: Readonly<Record<string, number>> = { stopGradient: 1, fixedPoint: 3, linearSolve: 3 }

/** How many outputs, counted from the last, are constants to every derivative by definition: what solves report, stopGradient's value. */
export const constantOutputs = (name: string): number => constants[name] ?? 0

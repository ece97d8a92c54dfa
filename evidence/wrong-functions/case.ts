/** A wrong function, the law that finds it, and what is expected of the finding. */
import type { AnyLaw, CheckOptions, Culprit } from "../../src/laws/index.js"

export interface WrongFunction {
  /** What is wrong, as a reader would say it. */
  readonly title: string
  readonly laws: AnyLaw | readonly AnyLaw[]
  readonly options?: CheckOptions
  /** The law that fails. */
  readonly law: string
  /** The wrong rule; null where none is, and the function as a whole is wrong. */
  readonly culprit: Pick<Culprit, "op" | "rule"> | null
  /** What the message says beside it. */
  readonly says: RegExp
  /** How many numbers of the input are not 0 after shrinking, at most. */
  readonly nonzero: number
}

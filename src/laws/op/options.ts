/** What the laws of ops need to be told. */
export interface OpLawOptions {
  /** The relative error of one evaluation: a few roundings for most ops, the tolerance of the solver for solves. */
  readonly accuracy: number
}

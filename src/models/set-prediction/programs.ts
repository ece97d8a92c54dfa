/**
 * A loss with a part on the host: one program gives the costs of all pairs, the host matches, a second program is given the matching. The
 * model's forward pass runs in both: a step costs two forward passes and a backward one, B K^2 numbers go to the host and B K come back.
 */
import { pipe } from "fp-ts/lib/function.js"
import * as TE from "fp-ts/lib/TaskEither.js"
import type { OnDevice, RunError, Session, Tensor } from "../../core/index.js"
import type { Key } from "../../ops/index.js"
import type { AnyTransformation } from "../optim/index.js"
import { type Loss, type State, type StepMetrics, trainStep } from "../training/index.js"
import { leastAssignment } from "./assign.js"
import { type Assignment, matchedLoss, pairwiseCosts, type SetLossOptions } from "./loss.js"

/** A model of sets: predictions [B, K, features]. Equal arguments give equal predictions, so that both programs see the same. */
export type PredictSet<P, I> = (params: P, inputs: I, key: Key) => Tensor

/** Inputs with their targets [B, K, features]. */
export interface SetBatch<I> {
  readonly inputs: I
  readonly targets: Tensor
}

/** A batch with its matching. */
export interface MatchedSetBatch<I> extends SetBatch<I> {
  readonly assignment: Assignment
}

/** The two functions that a loss of sets is made of. */
export interface SetLoss<P, I> {
  /** [B, K, K] */
  readonly costs: (params: P, batch: SetBatch<I>, key: Key) => Tensor
  /** What `trainStep` takes. */
  readonly lossGiven: Loss<P, MatchedSetBatch<I>, Readonly<Record<never, never>>>
}

/**
 * The loss of a model of sets in two functions: the costs of all pairs, and the loss given a matching.
 *
 * @example
 * const { costs, lossGiven } = setLoss((params, slots: Tensor) => head.apply(params, slots, { mode: "train" }))
 */
export const setLoss = <P, I>(predict: PredictSet<P, I>, options: SetLossOptions = {}): SetLoss<P, I> => ({
  costs: (params, { inputs, targets }, key) => pairwiseCosts(predict(params, inputs, key), targets, options),
  lossGiven: (params, { inputs, targets, assignment }, key) => [
    matchedLoss(predict(params, inputs, key), targets, assignment, options),
    {},
  ],
})

/** What came of a batch, and how it was matched. */
export interface Matched<A> {
  readonly value: A
  readonly assignment: Assignment
}

/**
 * Runs costs, matches them on the host, and runs what is given the matching.
 *
 * @example
 * await throughMatching(costs(x, y), (assignment) => lossAndGradient(x, y, assignment))() // right({ value, assignment })
 */
export const throughMatching = <A>(
  costs: TE.TaskEither<RunError, Tensor>,
  given: (assignment: Assignment) => TE.TaskEither<RunError, A>,
): TE.TaskEither<RunError, Matched<A>> =>
  pipe(
    costs,
    TE.chainEitherK(leastAssignment),
    TE.chain((assignment) =>
      pipe(
        given(assignment),
        TE.map((value) => ({ value, assignment })),
      ),
    ),
  )

/** A function of a session's two programs; `dispose` gives both up. */
type WithDispose<F> = F & { readonly dispose: () => void }

/** The parameters are on the device, or tensors. */
export type EvaluateSets<P, I> = WithDispose<
  (params: P | OnDevice<P>, batch: SetBatch<I>, key: Key) => TE.TaskEither<RunError, Matched<Tensor<[]>>>
>

/**
 * The least loss over all matchings, in a session.
 *
 * @example
 * const loss = setLossIn(session, (params, slots: Tensor) => head.apply(params, slots, { mode: "eval" }))
 * await loss(params, { inputs: slots, targets }, keyOf(0, "evaluation"))() // right({ value, assignment })
 */
export const setLossIn = <P, I>(session: Session, predict: PredictSet<P, I>, options?: SetLossOptions): EvaluateSets<P, I> => {
  const two = setLoss(predict, options)
  const costs = session.compile(two.costs)
  const loss = session.compile((params: P, batch: MatchedSetBatch<I>, key: Key) => two.lossGiven(params, batch, key)[0])
  const dispose = () => {
    costs.dispose()
    loss.dispose()
  }
  // generic trees, here and below: the types of a program ask for known ones
  const run = (params: P | OnDevice<P>, batch: SetBatch<I>, key: Key) =>
    throughMatching(costs(params as never, batch as never, key), (assignment) =>
      loss(params as never, { ...batch, assignment } as never, key),
    )
  return Object.assign(run, { dispose })
}

/** A step's state and what it told, before the update. */
export type SetStep<P> = readonly [state: OnDevice<State<P>>, told: StepMetrics]

/** One update: the state's handles are freed when it succeeds, and as they were when it fails. */
export type TrainSets<P, I> = WithDispose<
  (state: OnDevice<State<P>>, batch: SetBatch<I>, key: Key) => TE.TaskEither<RunError, Matched<SetStep<P>>>
>

/**
 * A training step of a model of sets, in a session: `trainStep` on the loss given the matching of least cost.
 *
 * @example
 * const step = setStepIn(session, (params, slots: Tensor) => head.apply(params, slots, { mode: "train" }), adam({ rate: 1e-3 }))
 * const made = await step(state, { inputs: slots, targets }, keyOf(0, "steps", 0))() // right({ value: [state, { loss, gradientNorm }], assignment })
 */
export const setStepIn = <P, I>(
  session: Session,
  predict: PredictSet<P, I>,
  optimiser: AnyTransformation,
  options?: SetLossOptions,
): TrainSets<P, I> => {
  const two = setLoss(predict, options)
  const costs = session.compile(two.costs)
  const update = session.compile(trainStep(two.lossGiven, optimiser), { resident: [true, false], donate: [0] })
  const dispose = () => {
    costs.dispose()
    update.dispose()
  }
  const run = (state: OnDevice<State<P>>, batch: SetBatch<I>, key: Key) =>
    throughMatching(costs(state[0] as never, batch as never, key), (assignment) =>
      pipe(
        update(state as never, { ...batch, assignment } as never, key),
        TE.map((made) => made as unknown as SetStep<P>),
      ),
    )
  return Object.assign(run, { dispose })
}

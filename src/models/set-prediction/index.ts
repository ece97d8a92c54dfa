/** Set prediction: objects with their properties from slots, matched to the true ones. */
export { leastAssignment } from "./assign.js"
export { precisionDistances, setPrecisions } from "./average-precision.js"
export { setHead } from "./head.js"
export {
  clevrLayout,
  type FeatureRange,
  type SetAttribute,
  type SetLayout,
  type SetRanges,
  setLayoutCodec,
  setRanges,
} from "./layout.js"
export { type Assignment, matchedLoss, pairwiseCosts, type SetDistance, type SetLossOptions, setDistances } from "./loss.js"
export {
  type PredictedSet,
  predictedObjects,
  type SetPredictor,
  type SetPredictorParams,
  type SetPredictorSpec,
  setPredictor,
  setPredictorCodec,
} from "./model.js"
export { type ImageSetPredictor, imageSetPredictor } from "./preset.js"
export {
  type EvaluateSets,
  type Matched,
  type MatchedSetBatch,
  type PredictSet,
  type SetBatch,
  type SetLoss,
  type SetStep,
  setLoss,
  setLossIn,
  setStepIn,
  type TrainSets,
  throughMatching,
} from "./programs.js"
export { spritesLayout, spritesObject, spritesTargets } from "./sprites.js"
export { type SetObject, setTargets, tetrominoesLayout, tetrominoesObject, tetrominoesTargets } from "./targets.js"
export { type PredictSets, predictSetsIn, type SetJob, trainSets } from "./train.js"

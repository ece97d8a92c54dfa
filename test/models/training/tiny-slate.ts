/** A SLATE whose steps take milliseconds. */
export const tinySlate = {
  "data.side": 16,
  "model.vocabulary": 8,
  "model.features": 8,
  "model.blocks": 1,
  "model.heads": 2,
  "model.slots": 2,
  "model.width": 8,
  "model.iterations": 2,
  "training.batch": 2,
  "evaluation.scenes": 3,
  "evaluation.finalScenes": 3,
  "evaluation.iterations": 3,
  "evaluation.powers": 2,
} as const

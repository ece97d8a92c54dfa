/** Variants trained side by side. */
export { type CompareRequest, type CompareResult, compareRuns, type Outcome, type Reached } from "./compare.js"
export { isComparison } from "./comparison-folder.js"
export { comparisonReport, comparisonTable, endedEarly, firstSteps, largestOf, lastOf } from "./comparison-page.js"
export { type Contender, type Entrant, entrants } from "./contenders.js"
export { type Configured, entrantConfigs } from "./entrant-configs.js"
export { variantTexts } from "./variant-texts.js"

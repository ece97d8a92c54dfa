/** Runs before every test file: gives each property the seed and the number of runs of this run of the suite. */
import * as fc from "fast-check"
import { inject } from "vitest"

fc.configureGlobal(inject("propertyBudget"))

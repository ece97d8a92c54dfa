/**
 * How hard fast-check tries, decided once per run of the suite and printed, so that any failure can be run again:
 * CI always tries the same inputs (a submission does not fail by luck), a developer's run tries new ones each time.
 */
export interface PropertyBudget {
  readonly seed: number
  readonly numRuns: number
}

declare module "vitest" {
  interface ProvidedContext {
    readonly propertyBudget: PropertyBudget
  }
}

const ciSeed = 20_260_101

const integer = (env: NodeJS.ProcessEnv, name: string): number | undefined => {
  const text = env[name]
  if (text === undefined || text === "") return undefined
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`${name}: expected an integer, found ${JSON.stringify(text)}`)
  return value
}

export const propertyBudget = (env: NodeJS.ProcessEnv): PropertyBudget => {
  const ci = Boolean(env.CI)
  return {
    seed: integer(env, "FC_SEED") ?? (ci ? ciSeed : Date.now() % 2 ** 31),
    numRuns: integer(env, "FC_RUNS") ?? (ci ? 50 : 100),
  }
}

/** Steps whose numbers are not finite: the run ends, or the step is told and changes nothing. */
import { describe, expect, test } from "vitest"
import { openSession, type Tensor, tensor, toArray } from "../../../src/core/index.js"
import { sgd } from "../../../src/models/optim/index.js"
import { type Job, type State, type Trained, train } from "../../../src/models/training/index.js"
import { div, mul, square, sub, sum } from "../../../src/ops/index.js"
import { left, right } from "../../support/either.js"

type Params = { readonly w: Tensor }

/** The loss of batch [0] is not finite, and neither is its gradient. */
const loss = ({ w }: Params, batch: Tensor) => [mul(sum(square(sub(w, 3))), div(1, sum(batch))) as Tensor<[]>, {}] as const

const start: State<Params> = [{ w: tensor([1, 2]) }, sgd({ rate: 0.1 }).init({ w: tensor([1, 2]) })]

const steps = async (batches: readonly number[], onNonFinite?: "stop" | "skip") => {
  const session = right(await openSession("wasm")())
  const job: Job<Params, Record<string, never>> = {
    session,
    loss,
    optimiser: sgd({ rate: 0.1 }),
    seed: 0,
    batch: (step) => tensor([batches[step] ?? 1]),
    ...(onNonFinite === undefined ? {} : { onNonFinite }),
  }
  const seen: { readonly w: readonly number[]; readonly made: Trained<Params> }[] = []
  let failure: string | null = null
  for await (const made of train(job, { step: 0, state: start })) {
    if (made._tag === "Left") {
      failure = left(made).message
      break
    }
    const [params] = right(await session.read(made.right.state)()) as unknown as State<Params>
    seen.push({ w: [...toArray(params.w)], made: made.right })
    if (seen.length === batches.length) break
  }
  await session.close()
  return { seen, failure }
}

describe("a step that is not finite", () => {
  test("ends the stream by default, and says what to do", async () => {
    const { seen, failure } = await steps([1, 0, 1])
    expect(seen).toHaveLength(1)
    expect(failure).toMatch(/step 2: .* is (NaN|Infinity).*optimiser\.rate/)
  })

  test("is skipped by policy: told, the state as it was, and the rest goes as if it had not been", async () => {
    const { seen, failure } = await steps([1, 0, 1, 0, 0, 1], "skip")
    expect(failure).toBeNull()
    expect(seen.map(({ made }) => made.skipped !== null)).toEqual([false, true, false, true, true, false])
    expect(seen[1]?.made.skipped).toMatch(/step 2: /)
    const without = (await steps([1, 1, 1])).seen.map(({ w }) => w)
    expect(seen.map(({ w }) => w)).toEqual([without[0], without[0], without[1], without[1], without[1], without[2]])
  })

  test("ends the stream when it does not end itself", async () => {
    const { seen, failure } = await steps(
      Array.from({ length: 40 }, () => 0),
      "skip",
    )
    expect(seen).toHaveLength(20)
    expect(failure).toMatch(/step 21: /)
  })
})

/** laws.check and laws.assert: outcomes as values, in words, and again from a seed. */
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import * as laws from "../../src/laws/index.js"
import { right } from "../support/either.js"
import { failure } from "./support.js"

const lawOf = (check: laws.Law<number>["check"], arbitrary: fc.Arbitrary<number> = fc.nat(1000)): laws.Law<number> => ({
  name: "small",
  theorem: "n < 10 (nobody, never).",
  arbitrary,
  show: (n) => `n = ${n}\nand no more`,
  check,
})
const small = lawOf((n) => (n < 10 ? laws.holds(n / 1000) : laws.fails(`${n} is too large`, n)))

describe("a law that holds", () => {
  test("reports runs, seed, the largest error, and inputs that it says nothing about", async () => {
    const law = lawOf((n) => (n % 2 === 0 ? laws.vacuous : laws.holds(n)), fc.constantFrom(0, 1, 3))
    const [report] = right(await laws.check(law, { runs: 60, seed: 5 })())
    expect(report).toEqual({ law: "small", theorem: law.theorem, runs: 60, seed: 5, worst: 3, vacuous: expect.any(Number) })
    expect(report?.vacuous).toBeGreaterThan(0)
    expect(report?.vacuous).toBeLessThan(60)
    expect(laws.showReport([report as laws.LawReport])).toBe(
      `small: held on 60 inputs (${report?.vacuous} of them outside the law), largest error 3.0e+0, seed 5`,
    )
  })

  test("exact laws report the error 0", async () => {
    const reports = right(
      await laws.check(
        lawOf(() => laws.holds()),
        { runs: 3, seed: 1 },
      )(),
    )
    expect(laws.showReport(reports)).toBe("small: held on 3 inputs, largest error 0, seed 1")
  })

  test("takes its runs from fast-check's global setting", async () => {
    const [report] = right(await laws.check(lawOf(() => laws.holds()))())
    expect(report?.runs).toBe(fc.readConfigureGlobal().numRuns)
  })

  test("may be checked by a promise", async () => {
    const law = lawOf(async (n) => laws.holds(n))
    expect(right(await laws.check(law, { runs: 4 })())).toHaveLength(1)
  })
})

describe("a law that does not hold", () => {
  test("is a Left with the smallest input, in words", async () => {
    const found = await failure(small, { seed: 3 })
    expect(found).toMatchObject({ _tag: "LawFailure", law: "small", why: "10 is too large", error: 10, seed: 3 })
    expect(found.message).toBe(
      [
        `the law "small" does not hold (input ${found.runs}, shrunk ${found.shrinks} times)`,
        "  law:   n < 10 (nobody, never).",
        "  input: n = 10",
        "         and no more",
        "  found: 10 is too large",
        "  again: run it with { seed: 3 }",
      ].join("\n"),
    )
  })

  test("fails again from its seed, with the same input", async () => {
    const first = await failure(small)
    expect(await failure(small, { seed: first.seed })).toEqual(first)
  })

  test("is not shrunk where that is not wanted", async () => {
    const found = await failure(
      lawOf((n) => (n === 0 ? laws.holds() : laws.fails("not 0")), fc.integer({ min: 500, max: 1000 })),
      {
        shrink: false,
        seed: 3,
      },
    )
    expect(found.shrinks).toBe(0)
  })

  test("stops the list: laws after it are not tried", async () => {
    let tried = 0
    const counted = lawOf(() => {
      tried++
      return laws.holds()
    })
    expect((await failure([counted, small, counted], { runs: 50 })).law).toBe("small")
    expect(tried).toBe(50)
  })

  test("counts what the program throws as broken", async () => {
    const thrown = lawOf((n) => {
      if (n > 4) throw new RangeError("no n above 4")
      return laws.holds()
    })
    expect(await failure(thrown)).toMatchObject({ why: "it threw RangeError: no n above 4", counterexample: "n = 5\nand no more" })
    const odd = lawOf(() => {
      throw "a string"
    })
    expect((await failure(odd)).why).toBe("it threw a string")
  })

  test("says so where a failure does not come again", async () => {
    let calls = 0
    const flaky = lawOf(() => (calls++ === 0 ? laws.fails("once") : laws.holds()))
    expect((await failure(flaky)).why).toContain("something in it is not a pure function")
  })

  test("leaves out inputs as fc.pre says, and says so where none is left", async () => {
    const even = lawOf((n) => {
      fc.pre(n % 2 === 0)
      return n < 10 ? laws.holds() : laws.fails("too large")
    })
    expect((await failure(even)).counterexample).toMatch(/^n = \d*[02468]\n/)
    const none = lawOf(() => {
      fc.pre(false)
      return laws.holds()
    })
    expect(await failure(none)).toMatchObject({ counterexample: "none", why: "too many inputs were left out by conditions (fc.pre)" })
  })

  test("rejects the promise of assert with its message", async () => {
    await expect(laws.assert(small, { seed: 3 })).rejects.toThrow((await failure(small, { seed: 3 })).message)
  })
})

describe("verdicts together", () => {
  test("the first failure, else the largest error, vacuous where all are", () => {
    expect(laws.allOf([laws.holds(1), laws.holds(3), laws.vacuous, laws.holds(2)])).toEqual(laws.holds(3))
    expect(laws.allOf([laws.holds(), laws.fails("a"), laws.fails("b")])).toEqual(laws.fails("a"))
    expect(laws.allOf([laws.vacuous, laws.vacuous])).toEqual(laws.vacuous)
    expect(laws.allOf([])).toEqual(laws.vacuous)
  })
})

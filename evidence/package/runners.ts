/** The laws in each test runner that people use: a project with one right gradient and one wrong one, and how each runner is started. */
import { overrides } from "./projects.js"

/** A gradient that is right, and one whose rule has the wrong sign and must be named. */
const gradients = `import { customVjp, mul, neg, sin, sum } from "stillpoint"
import * as laws from "stillpoint/laws"
import { normal } from "stillpoint/laws/arbitraries"

const squared = customVjp(function squared(x) { return mul(x, x) }, {
  forward: (x) => [mul(x, x), x],
  backward: (x, ct) => [neg(mul(mul(2, x), ct))],
})
const inputs = [normal([3])]

export const holds = () => laws.assert(laws.gradient((x) => sum(sin(mul(x, x))), inputs))
export const isFound = async () => {
  const said = await laws.assert(laws.gradient((x) => sum(squared(x)), inputs)).then(() => "nothing was found", (e) => e.message)
  if (!said.includes("the customVjp rule of squared is wrong")) throw new Error(said)
}
`

const tests = (from: string): string => `${from}import { holds, isFound } from "../gradients.js"
test("a right gradient passes", holds)
test("a wrong one is found, and its rule named", isFound)
`

export const runnersProject: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ name: "tested", private: true, type: "module", overrides, jest: { testMatch: ["**/jest/*.js"] } }),
  "gradients.js": gradients,
  "vitest/gradients.test.js": tests('import { test } from "vitest"\n'),
  "jest/gradients.test.js": tests(""),
  "node-test/gradients.test.js": tests('import { test } from "node:test"\n'),
  "alone.js": 'import { holds, isFound } from "./gradients.js"\nawait holds()\nawait isFound()\n',
}

/** Pinned, so that it is the same on another day. */
export const runnerPackages = ["vitest@4.1.12", "jest@30.5.2"]

/** jest runs ES modules with a flag of Node's, as its manual says. */
export const runners: Readonly<Record<string, readonly string[]>> = {
  vitest: ["node_modules/vitest/vitest.mjs", "run", "vitest", "--testTimeout=60000"],
  jest: ["--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--testTimeout=60000"],
  "node:test": ["--test", "node-test/gradients.test.js"],
  alone: ["alone.js"],
}

import { describe, expect, test } from "vitest"
import { checkImports } from "../../scripts/imports/rules.js"

/** A small house without a fault; each test adds what it is about. */
const house = {
  "core/index.ts": `export { add } from "./tensor/add.js"`,
  "core/tensor/add.ts": `import type { Graph } from "../graph/graph.js"\nexport const add = 1`,
  "core/graph/graph.ts": `import { add } from "../tensor/add.js"\nexport type Graph = typeof add`,
  "ops/index.ts": `import { add } from "../core/index.js"\nimport { pipe } from "fp-ts/lib/function.js"\nexport const twice = pipe(add)`,
  "implicit/index.ts": `export { twice } from "../ops/index.js"`,
  "laws/index.ts": `import * as fc from "fast-check"\nimport "../implicit/index.js"\nexport const law = fc`,
  "models/index.ts": `export { twice } from "../implicit/index.js"`,
  "cli/main.ts": `import { readFileSync } from "node:fs"\nimport "../laws/index.js"\nimport "../models/index.js"\nreadFileSync("x")`,
  "index.ts": `export * from "./core/index.js"\nexport * from "./implicit/index.js"`,
}

const faults = (added: Record<string, string>) => checkImports(new Map(Object.entries({ ...house, ...added })), ["fp-ts"])

describe("check:imports", () => {
  test("passes a house in order, type-only cycles included", () => {
    expect(faults({})).toEqual([])
  })

  describe("arrows", () => {
    test.each([
      ["core/bad.ts", "../ops/index.js", "core must not import ops (it may import: no other folder)"],
      ["ops/bad.ts", "../implicit/index.js", "ops must not import implicit (it may import: core)"],
      ["implicit/bad.ts", "../models/index.js", "implicit must not import models (it may import: core, ops)"],
      ["models/bad.ts", "../laws/index.js", "models must not import laws (it may import: core, ops, implicit)"],
      ["laws/bad.ts", "../models/index.js", "laws must not import models (it may import: core, ops, implicit)"],
      ["models/bad.ts", "../index.js", "models must not import the package's own face (it may import: core, ops, implicit)"],
      ["bad.ts", "./laws/index.js", "the package's face must not import laws (it may import: core, ops, implicit)"],
      ["extra/bad.ts", "../core/index.js", "the folder extra has no place in the rules (scripts/imports/rules.ts)"],
    ])("%s may not import %s", (path, specifier, why) => {
      expect(faults({ [path]: `\nimport "${specifier}"` })).toEqual([`src/${path}:2: imports "${specifier}": ${why}`])
    })

    test.each([
      ["import type", `import type { twice } from "../ops/index.js"`],
      ["export from", `export { twice } from "../ops/index.js"`],
      ["a dynamic import", `export const late = () => import("../ops/index.js")`],
      ["an import type node", `export type Twice = import("../ops/index.js").Twice`],
    ])("hold for %s", (_, text) => {
      expect(faults({ "core/bad.ts": text })).toEqual([expect.stringContaining("core must not import ops")])
    })

    test("do not see imports in comments and strings", () => {
      expect(faults({ "core/fine.ts": `// import "../ops/index.js"\nexport const text = 'import "../ops/index.js"'` })).toEqual([])
    })
  })

  test("a folder shows its index only", () => {
    expect(faults({ "ops/bad.ts": `import type { Graph } from "../core/graph/graph.js"` })).toEqual([
      `src/ops/bad.ts:1: imports "../core/graph/graph.js": core/graph/graph.ts is private to core: import core/index.js`,
    ])
  })

  test("a file that is not there is named", () => {
    expect(faults({ "ops/bad.ts": `import "./gone.js"` })).toEqual([`src/ops/bad.ts:1: imports "./gone.js": there is no src/ops/gone.ts`])
  })

  test("packages are declared, and fast-check is for laws only", () => {
    expect(faults({ "ops/bad.ts": `import "fast-check"\nimport "@types/node"\nimport "vitest/config"` })).toEqual([
      `src/ops/bad.ts:1: imports "fast-check": only laws may need fast-check`,
      `src/ops/bad.ts:2: imports "@types/node": @types/node is not in the dependencies of package.json`,
      `src/ops/bad.ts:3: imports "vitest/config": vitest is not in the dependencies of package.json`,
    ])
  })

  describe("cycles", () => {
    test("of several files are printed whole", () => {
      const added = { "ops/a.ts": `import "./b.js"`, "ops/b.ts": `export * from "./c.js"`, "ops/c.ts": `import "./a.js"` }
      expect(faults(added)).toEqual(["import cycle: src/ops/a.ts -> src/ops/b.ts -> src/ops/c.ts -> src/ops/a.ts"])
    })

    test("of one file", () => {
      expect(faults({ "ops/a.ts": `import "./a.js"` })).toEqual(["import cycle: src/ops/a.ts -> src/ops/a.ts"])
    })

    test("hold for `import { type A }`, which still loads the module", () => {
      const added = { "ops/a.ts": `import { type B } from "./b.js"\nexport type A = B`, "ops/b.ts": `import "./a.js"\nexport type B = 1` }
      expect(faults(added)).toHaveLength(1)
    })

    test("do not show where two ways lead to one file", () => {
      const added = { "ops/a.ts": `import "./b.js"\nimport "./c.js"`, "ops/b.ts": `import "./c.js"`, "ops/c.ts": "export {}" }
      expect(faults(added)).toEqual([])
    })
  })
})

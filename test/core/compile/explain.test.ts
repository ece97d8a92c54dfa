import { expect, it } from "vitest"
import { buildSchedule } from "../../../src/core/compile/build.js"
import { explainSchedule } from "../../../src/core/compile/explain.js"
import { bodyOf, type Tensor } from "../../../src/core/index.js"
import { interpreterCapabilities } from "../../../src/core/targets/interpreter/index.js"
import { add, cast, cond, greater, less, matmul, mul, scan, scatterAdd, sort, sum, tanh, whileLoop } from "../../../src/ops/index.js"

it("explains a schedule, one line a kernel", () => {
  const graph = bodyOf(
    "test",
    [[8, 64], [64, 64], [64]].map((shape) => ({ elem: "float" as const, shape })),
    (args) => {
      const [x, w, b] = args as unknown as readonly [Tensor<[8, 64]>, Tensor<[64, 64]>, Tensor<[64]>]
      const [z, all] = scan((c: Tensor<[8, 64]>) => [tanh(add(matmul(c, w), b)) as Tensor<[8, 64]>, sum(c)] as const, x, null, {
        length: 10,
      })
      const n = whileLoop(
        (k: Tensor<[]>) => less(k, 3),
        (k) => mul(k, 2),
        sum(b) as Tensor<[]>,
      )
      const y = cond(
        greater(n, 0),
        () => z,
        () => tanh(z),
      )
      return [y, sort(all).values, scatterAdd(b, cast(b, "int"), 4)]
    },
  )
  expect(`\n${explainSchedule(buildSchedule(graph, interpreterCapabilities), 4).join("\n")}\n`).toMatchInlineSnapshot(`
    "
    for 10 (1 carried, 0 read, 1 stacked):
      %7: [8, 64] = einsum+add+tanh of %3 %1 %2, sum over [64]: 20.7 kB, 66.6 kflop
      %8: [] = sum of %3, sum over [8, 64]: 2.05 kB, 512 flop
    %11: [] = sum of %2, sum over [64]: 260 B, 64 flop
    while (1 carried):
      %14: [] = less of %12: 8 B, 1 flop
    do, while %14:
      %16: [] = mul of %12: 8 B, 1 flop
    %19: [] = less of %17: 8 B, 1 flop
    if %19:
    else:
      %21: [8, 64] = tanh of %9: 4.10 kB, 512 flop
    sort %10 -> %22 %23: 120 B
    %24: [64] = cast of %2: 512 B, 384 flop
    %25: [4] = scatterAdd of %24 %2, scatter over [64]: 528 B, 256 flop
    in all 28 kernels, 233 kB moved, 672 kflop; at most 8.30 kB beside the inputs
    "
  `)
})

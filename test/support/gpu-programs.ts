/** Hand-made schedules with every form of control flow, and the inputs to run them on. All arithmetic is exact or nearly so. */
import {
  asNumber,
  at,
  axes,
  axis,
  binary,
  inRange,
  lit,
  load,
  plus,
  pointwise,
  reduced,
  select,
  times,
  unary,
} from "../../src/core/compile/build-nest.js"
import type { Nest, Scalar } from "../../src/core/compile/nest.js"
import type { BufferType, Schedule, Step } from "../../src/core/compile/schedule.js"
import type { Job } from "./gpu-driver.js"

const float = (...shape: readonly number[]): BufferType => ({ elem: "float", shape })
const add = (a: Scalar, b: Scalar): Scalar => binary("add", a, b)
const mul = (a: Scalar, b: Scalar): Scalar => binary("mul", a, b)

const kernel = (nest: Nest, inputs: readonly number[], output: number): Step => ({ t: "kernel", name: `k${output}`, nest, inputs, output })

/** `a + b`, `a * b`, ... of equal shapes. */
const elementwise = (shape: readonly number[], f: (...loads: readonly Scalar[]) => Scalar, count: number): Nest =>
  pointwise(shape, f(...Array.from({ length: count }, (_, k) => load(k, axes(shape.length)))))

const ramp = (n: number, from = 0): readonly number[] => Array.from({ length: n }, (_, i) => ((i * 7 + from) % 13) / 4 - 1)

const program = (
  buffers: readonly BufferType[],
  inputs: readonly number[],
  outputs: readonly number[],
  steps: readonly Step[],
): Schedule => ({ buffers, inputs, outputs, steps })

/** A scan: carry := (carry + row) / 2, and the stack holds carry * row. Reads a slab that came in, makes one, sums the whole of it. */
const scan = (count: number, reverse: boolean): Job => {
  const row = [3]
  return {
    schedule: program(
      [float(count, 3), float(3), float(3), float(3), float(3), float(3), float(count, 3), float(3), float()],
      [0, 1],
      [4, 6, 8],
      [
        {
          t: "loop",
          count,
          reverse,
          carries: [{ init: 1, current: 2, next: 3, result: 4 }],
          slices: [{ slab: 0, item: 5 }],
          stacks: [{ slab: 6, item: 7 }],
          body: [
            kernel(
              elementwise(row, (c = lit(0), x = lit(0)) => mul(add(c, x), lit(0.5)), 2),
              [2, 5],
              3,
            ),
            kernel(
              elementwise(row, (c = lit(0), x = lit(0)) => mul(c, x), 2),
              [3, 5],
              7,
            ),
          ],
        },
        kernel(reduced([], "sum", [count, 3], load(0, axes(2))), [6], 8),
      ],
    ),
    inputs: [ramp(count * 3), ramp(3, 5)],
  }
}

/** The slab of one loop is sliced by a second that runs the other way, as reverse mode does; a carry swaps with another. */
const thereAndBack = (): Job => {
  const count = 9
  return {
    schedule: program(
      [
        float(2),
        float(2),
        float(2),
        float(2),
        float(2),
        float(count, 2),
        float(2),
        float(2),
        float(2),
        float(2),
        float(2),
        float(2),
        float(2),
        float(2),
      ],
      [0, 1],
      [8, 13, 12],
      [
        {
          t: "loop",
          count,
          reverse: false,
          carries: [{ init: 0, current: 2, next: 3, result: 4 }],
          slices: [],
          stacks: [{ slab: 5, item: 2 }],
          body: [
            kernel(
              elementwise([2], (x = lit(0)) => add(mul(x, lit(0.5)), lit(1)), 1),
              [2],
              3,
            ),
          ],
        },
        {
          t: "loop",
          count,
          reverse: true,
          // the two carries change places each turn, one of them on its way through a kernel
          carries: [
            { init: 1, current: 6, next: 10, result: 8 },
            { init: 4, current: 7, next: 6, result: 13 },
          ],
          slices: [{ slab: 5, item: 9 }],
          stacks: [],
          body: [
            kernel(
              elementwise([2], (x = lit(0), s = lit(0)) => binary("sub", x, mul(s, lit(0.25))), 2),
              [7, 9],
              10,
            ),
          ],
        },
        { t: "copy", from: 8, to: 12 },
      ],
    ),
    inputs: [ramp(2), ramp(2, 3)],
  }
}

/** Doubles until the sum passes a bound: the predicate is computed from the carry and from a captured input. */
const until = (start: readonly number[]): Job => ({
  schedule: program(
    [float(3), float(), float(3), float(3), float(3), float(), float(), float(), float(), float()],
    [0, 1],
    [4, 9],
    [
      kernel(pointwise([], lit(0)), [], 6),
      {
        t: "while",
        carries: [
          { init: 0, current: 2, next: 3, result: 4 },
          { init: 6, current: 7, next: 8, result: 9 },
        ],
        condition: [
          kernel({ ...reduced([], "sum", [3], load(0, [axis(0)])), epilogue: binary("less", { t: "acc" }, load(1, [])) }, [2, 1], 5),
        ],
        predicate: 5,
        body: [
          kernel(
            elementwise([3], (x = lit(0)) => add(x, x), 1),
            [2],
            3,
          ),
          kernel(
            elementwise([], (n = lit(0)) => add(n, lit(1)), 1),
            [7],
            8,
          ),
        ],
      },
    ],
  ),
  inputs: [start, [100]],
})

/** A branch whose sides use the same captured value; one passes it through. Both results are used twice. */
const branch = (predicate: number): Job => ({
  schedule: program(
    [float(), float(4), float(4), float(4), float(4), float(4)],
    [0, 1],
    [4, 5, 4, 1],
    [
      {
        t: "cond",
        predicate: 0,
        whenTrue: {
          steps: [
            kernel(
              elementwise([4], (x = lit(0)) => mul(x, lit(3)), 1),
              [1],
              2,
            ),
            kernel(
              elementwise([4], (x = lit(0)) => unary("neg", x), 1),
              [2],
              3,
            ),
          ],
          results: [3, 2],
        },
        whenFalse: { steps: [], results: [1, 1] },
        outputs: [4, 5],
      },
    ],
  ),
  inputs: [[predicate], ramp(4)],
})

/** A loop in a loop: the inner one stacks rows, and the outer one stacks these stacks. */
const nested = (): Job => ({
  schedule: program(
    [
      float(2, 3, 2),
      float(2),
      float(2),
      float(2),
      float(2),
      float(3, 2),
      float(2),
      float(2),
      float(2),
      float(2),
      float(3, 2),
      float(2, 3, 2),
      float(2),
    ],
    [0, 1],
    [4, 11],
    [
      {
        t: "loop",
        count: 2,
        reverse: false,
        carries: [{ init: 1, current: 2, next: 3, result: 4 }],
        slices: [{ slab: 0, item: 5 }],
        stacks: [{ slab: 11, item: 10 }],
        body: [
          {
            t: "loop",
            count: 3,
            reverse: true,
            carries: [{ init: 2, current: 6, next: 7, result: 3 }],
            slices: [{ slab: 5, item: 8 }],
            stacks: [{ slab: 10, item: 9 }],
            body: [
              kernel(
                elementwise([2], (c = lit(0), x = lit(0)) => add(mul(c, lit(0.5)), x), 2),
                [6, 8],
                7,
              ),
              kernel(
                elementwise([2], (c = lit(0)) => mul(c, c), 1),
                [7],
                9,
              ),
            ],
          },
        ],
      },
    ],
  ),
  inputs: [ramp(12), ramp(2, 1)],
})

/** Loops that turn not once, and arrays without elements. */
const nothing = (): Job => ({
  schedule: program(
    [float(0, 2), float(2), float(2), float(2), float(2), float(2), float(0, 2), float(2), float(2), float(0, 3), float(3)],
    [0, 1],
    [4, 6, 8, 9, 10],
    [
      {
        t: "loop",
        count: 0,
        reverse: false,
        carries: [{ init: 1, current: 2, next: 3, result: 4 }],
        slices: [{ slab: 0, item: 5 }],
        stacks: [{ slab: 6, item: 7 }],
        body: [
          kernel(
            elementwise([2], (c = lit(0), x = lit(0)) => add(c, x), 2),
            [2, 5],
            3,
          ),
          { t: "copy", from: 3, to: 7 },
        ],
      },
      kernel(reduced([2], "sum", [0], load(0, [axis(1), axis(0)])), [6], 8),
      kernel(pointwise([0, 3], lit(1)), [], 9),
      // an empty array behind a guard that never holds
      kernel(pointwise([3], load(0, [axis(0), at(0)], [inRange(axis(0), 5, 6)])), [6], 10),
    ],
  ),
  inputs: [[], ramp(2)],
})

/** Long reductions, which are split: rows of a flat stretch with a short last block, whole inner axes, a maximum with its epilogue. */
const longReductions = (): Job => {
  const n = 5000
  return {
    schedule: program(
      [float(n), float(), float(), float(2), float(2, 40, 64)],
      [0, 4],
      [1, 2, 3],
      [
        kernel({ ...reduced([], "sum", [n], load(0, [axis(0)])), epilogue: mul({ t: "acc" }, lit(1 / 64)) }, [0], 1),
        kernel({ ...reduced([], "max", [n], unary("neg", load(0, [axis(0)]))), epilogue: add({ t: "acc" }, load(0, [at(3)])) }, [0], 2),
        kernel({ ...reduced([2], "sum", [40, 64], load(0, axes(3))), epilogue: add({ t: "acc" }, asNumber(axis(0))) }, [4], 3),
      ],
    ),
    inputs: [ramp(n), ramp(2 * 40 * 64, 2)],
  }
}

/** A convolution with padding, its transpose as an indicator sum, and a gather with indices outside. */
const relations = (): Job => ({
  schedule: program(
    [float(2, 9), float(3, 2, 3), float(3, 9), float(5, 2), float(4), float(4, 2), float(5, 2)],
    [0, 1, 3, 4],
    [2, 5, 6],
    [
      kernel(
        reduced(
          [3, 9],
          "sum",
          [2, 3],
          mul(
            load(0, [axis(2), plus(plus(axis(1), axis(3)), at(-1))], [inRange(plus(plus(axis(1), axis(3)), at(-1)), 0, 9)]),
            load(1, [axis(0), axis(2), axis(3)]),
          ),
        ),
        [0, 1],
        2,
      ),
      kernel(
        pointwise(
          [4, 2],
          load(0, [{ t: "value", of: load(1, [axis(0)]) }, axis(1)], [inRange({ t: "value", of: load(1, [axis(0)]) }, 0, 5)]),
        ),
        [3, 4],
        5,
      ),
      kernel(
        {
          domain: [5, 2],
          reduce: { combine: "sum", extent: [4], indicator: { axis: 0, equals: { t: "value", of: load(1, [axis(2)]) } } },
          body: load(0, [axis(2), axis(1)]),
          epilogue: null,
        },
        [5, 4],
        6,
      ),
    ],
  ),
  inputs: [ramp(18), ramp(18, 4), ramp(10, 8), [4, 7, Number.NaN, 1]],
})

/** A softmax: a maximum, a shifted exponential, a sum, a quotient. */
const softmax = (): Job => ({
  schedule: program(
    [float(4, 7), float(4), float(4, 7), float(4), float(4, 7)],
    [0],
    [4],
    [
      kernel(reduced([4], "max", [7], load(0, axes(2))), [0], 1),
      kernel(pointwise([4, 7], unary("exp", binary("sub", load(0, axes(2)), load(1, [axis(0)])))), [0, 1], 2),
      kernel(reduced([4], "sum", [7], load(0, axes(2))), [2], 3),
      kernel(pointwise([4, 7], binary("div", load(0, axes(2)), load(1, [axis(0)]))), [2, 3], 4),
    ],
  ),
  inputs: [ramp(28)],
})

const divisors = [3, 7, 10, 64, 641, 1000] as const

/** Quotients and remainders of numbers up to 2^24: where a float division may round to the wrong side. */
const largeIndices = (): Job => {
  const rows = 4096
  const large = plus(times(axis(0), 4093), at(2011))
  return {
    schedule: program(
      divisors.map(() => float(rows, 2)),
      [],
      divisors.map((_, k) => k),
      divisors.map((by, k) => {
        const remainder = asNumber({ t: "mod", a: large, by })
        const quotient = asNumber({ t: "mod", a: { t: "div", a: plus(large, times(axis(0), -3)), by }, by: 1000 })
        return kernel(pointwise([rows, 2], select(asNumber(axis(1)), remainder, quotient)), [], k)
      }),
    ),
    inputs: [],
  }
}

/** An array of three million elements that knows where each of them is; the second kernel counts those that are wrong. */
const wideDomain = (): Job => {
  const shape = [1999, 3, 503]
  return {
    schedule: program(
      [float(...shape), float(shape[0] ?? 0)],
      [],
      [1],
      [
        kernel(
          pointwise(
            shape,
            add(add(mul(asNumber(axis(0)), lit(8)), mul(asNumber(axis(1)), lit(0.25))), mul(asNumber(axis(2)), lit(1 / 1024))),
          ),
          [],
          0,
        ),
        kernel(
          reduced(
            shape.slice(0, 1),
            "sum",
            shape.slice(1),
            unary(
              "not",
              binary(
                "equal",
                load(0, axes(3)),
                add(add(mul(asNumber(axis(0)), lit(8)), mul(asNumber(axis(1)), lit(0.25))), mul(asNumber(axis(2)), lit(1 / 1024))),
              ),
            ),
          ),
          [0],
          1,
        ),
      ],
    ),
    inputs: [],
  }
}

/** Twenty arrays in a chain, of which two are needed at a time. */
const manySmall = (): Job => {
  const n = 20
  const buffers = Array.from({ length: n }, () => float(5))
  const steps = Array.from({ length: n - 1 }, (_, k) =>
    kernel(
      pointwise([5], select(binary("less", asNumber(axis(0)), lit(k % 5)), load(0, [axis(0)]), load(0, [plus(at(4), times(axis(0), -1))]))),
      [k],
      k + 1,
    ),
  )
  return { schedule: program(buffers, [0], [n - 1], steps), inputs: [ramp(5)] }
}

export interface NamedProgram {
  readonly name: string
  readonly job: Job
  /** Where the definition would take too long to run. */
  readonly outputs?: readonly (readonly number[])[]
}

export const programs: readonly NamedProgram[] = [
  { name: "a scan forwards", job: scan(5, false) },
  { name: "a scan backwards", job: scan(5, true) },
  { name: "a scan of many rows", job: scan(60, false) },
  { name: "a loop over the slab of another", job: thereAndBack() },
  { name: "a while that turns", job: until([1, 2, 3]) },
  { name: "a while that does not turn", job: until([60, 50, 40]) },
  { name: "a branch taken", job: branch(1) },
  { name: "a branch not taken", job: branch(0) },
  { name: "a loop in a loop", job: nested() },
  { name: "loops and arrays of nothing", job: nothing() },
  { name: "long reductions", job: longReductions() },
  { name: "padding, gather and indicator", job: relations() },
  { name: "large indices", job: largeIndices() },
  { name: "a wide domain", job: wideDomain(), outputs: [new Array<number>(1999).fill(0)] },
  { name: "softmax", job: softmax() },
  { name: "a chain of buffers", job: manySmall() },
]

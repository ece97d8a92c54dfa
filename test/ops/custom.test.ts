/** customJvp and customVjp: derivatives by a user's rule, in every transform and on every target, and what is refused. */
import { describe, expect, test } from "vitest"
import { closeBody, inline } from "../../src/core/index.js"
import {
  add,
  checkpoint,
  compile,
  cond,
  cos,
  customJvp,
  customVjp,
  decodeGraph,
  div,
  encodeGraph,
  exp,
  fixedPoint,
  grad,
  greater,
  hvp,
  jacobian,
  jvp,
  linearize,
  log,
  matmul,
  mul,
  picard,
  printGraph,
  scan,
  sin,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  TraceError,
  tanh,
  tap,
  tensor,
  toArray,
  vmap,
} from "../../src/index.js"
import { normal } from "../../src/laws/arbitraries/index.js"
import * as laws from "../../src/laws/index.js"
import { failure, sizeOfExample } from "../laws/support.js"
import { left, right } from "../support/either.js"
import { dataOf, testReferences } from "./support.js"

testReferences("customJvp", "customVjp")

/** log(1 + exp(x)): the plain derivative is NaN for large x. */
const plainLog1pexp = (x: Tensor): Tensor => log(add(exp(x), 1))
const log1pexp = customJvp(plainLog1pexp, ([x], [dx]) => [plainLog1pexp(x), mul(sub(1, div(1, add(exp(x), 1))), dx)])

interface Pair {
  readonly a: Tensor
  readonly b: Tensor
}

/** sin(a) b, with rules that say its derivative once more. */
const plainProduct = (p: Pair): Tensor => mul(sin(p.a), p.b)
const productJvp = customJvp(plainProduct, ([p], [d]) => [plainProduct(p), add(mul(mul(cos(p.a), p.b), d.a), mul(sin(p.a), d.b))])
const productVjp = customVjp(plainProduct, {
  forward: (p) => [plainProduct(p), p],
  backward: (p: Pair, ct) => [{ a: mul(ct, mul(cos(p.a), p.b)), b: mul(ct, sin(p.a)) }],
})
const customs = { customJvp: productJvp, customVjp: productVjp }

const at: Pair = { a: tensor([0.5, -1, 2]), b: tensor([1, 3, -0.25]) }

/** Programs around a function and with it inside: their gradient is that of the plain function. */
const programs: Readonly<Record<string, (f: (p: Pair) => Tensor) => (p: Pair) => Tensor<[]>>> = {
  plain: (f) => (p) => sum(square(f(p))),
  checkpoint: (f) => (p) => sum(square(checkpoint(f)(p))),
  "a body of scan, with captured values": (f) => (p) => sum(scan((c: Tensor, x: Tensor) => [f({ a: mul(c, x), b: p.b }), c], p.a, p.b)[0]),
  "a branch of cond": (f) => (p) =>
    sum(
      cond(
        greater(sum(p.a), 0),
        () => f(p),
        () => p.b,
      ),
    ),
  "rows, one argument shared": (f) => (p) => {
    const b = sum(p.b) as Tensor
    return sum(vmap((a: Tensor) => f({ a, b }))(p.a) as Tensor)
  },
  "rows of rows": (f) => (p) => sum(vmap((a: Tensor) => vmap((b: Tensor) => f({ a, b }))(p.b) as Tensor)(p.a) as Tensor),
  "rows of a scan": (f) => (p) =>
    sum(vmap((a: Tensor) => scan((c: Tensor, b: Tensor) => [f({ a: c, b }), null], a, p.b)[0])(p.a) as Tensor),
  "the map of a fixed point": (f) => (p) =>
    sum(square(fixedPoint((z: Tensor) => mul(f({ a: add(z, p.a), b: p.b }), 0.1), p.a, picard({ maxEvaluations: 200 })))),
  "a function inside a custom function": (f) => (p) =>
    sum(
      customVjp((q: Pair) => f(q), {
        forward: (q) => [f(q), q],
        backward: (q: Pair, ct) => [grad((r: Pair) => sum(mul(f(r), ct)))(q) as Pair],
      })(p),
    ),
}

describe.each(Object.entries(customs))("%s", (_name, custom) => {
  test.each(Object.entries(programs))("%s: value and gradient are those of the plain function", (_what, program) => {
    const [plain, own] = [program(plainProduct), program(custom)]
    expect(dataOf(own(at))).toEqual(dataOf(plain(at)))
    const [expected, found] = [grad(plain)(at), grad(own)(at)]
    for (const k of ["a", "b"] as const) {
      const want = dataOf(expected[k])
      dataOf(found[k]).forEach((n, i) => void expect(n).toBeCloseTo(want[i] as number, 12))
    }
  })

  test("second derivatives by reverse over reverse", () => {
    const second = (f: (p: Pair) => Tensor) =>
      grad((p: Pair) => {
        const g = grad((q: Pair) => sum(square(f(q))))(p)
        return add(sum(mul(g.a, at.b)), sum(mul(g.b, at.a)))
      })(at)
    const [expected, found] = [second(plainProduct), second(custom)]
    for (const k of ["a", "b"] as const) {
      const want = dataOf(expected[k])
      dataOf(found[k]).forEach((n, i) => void expect(n).toBeCloseTo(want[i] as number, 12))
    }
  })

  test("keeps the laws of a gradient, once and twice", async () => {
    const reports = await laws.assert(
      laws.gradient((p: Pair) => sum(custom(p)) as Tensor<[]>, [{ a: normal([2]), b: normal([2]) }]),
      { runs: 20 },
    )
    expect(reports).toHaveLength(3)
  })

  test.each(["interpreter", "wasm", "wasm:f64", "gpu:cpu"] as const)("the gradient on %s", async (target) => {
    const f = (c: (p: Pair) => Tensor) => grad((p: Pair) => sum(vmap((a: Tensor, b: Tensor) => c({ a, b }))(p.a, p.b) as Tensor))
    const found = right(await compile(f(custom), { target })(at)())
    const expected = f(plainProduct)(at)
    for (const k of ["a", "b"] as const) {
      const want = dataOf(expected[k])
      dataOf(found[k]).forEach((n, i) => void expect(n).toBeCloseTo(want[i] as number, 6))
    }
  })

  test("is stored as JSON, rule and all, and has its derivative when it is read again", () => {
    const { graph } = closeBody("test", [at.a.type, at.b.type], ([a, b]) => [custom({ a: a as Tensor, b: b as Tensor })])
    const again = right(decodeGraph(JSON.parse(JSON.stringify(encodeGraph(graph)))))
    expect(printGraph(again)).toBe(printGraph(graph))
    const f = (p: Pair) => sum(inline(again, [p.a, p.b])[0] as Tensor) as Tensor<[]>
    expect(dataOf(grad(f)(at).a)).toEqual(dataOf(grad((p: Pair) => sum(custom(p)) as Tensor<[]>)(at).a))
  })

  test("a stored rule of other types is refused", () => {
    const { graph } = closeBody("test", [at.a.type, at.b.type], ([a, b]) => [custom({ a: a as Tensor, b: b as Tensor })])
    const text = JSON.stringify(encodeGraph(graph)).replaceAll('"live":[', '"live":[false,')
    expect(left(decodeGraph(JSON.parse(text))).message).toMatch(/the stored graph is not well-formed: .*custom[JV][jv]p/)
  })
})

describe("customJvp", () => {
  test("gives a derivative where the plain one is NaN, to every order", () => {
    const f = (x: Tensor<[]>) => log1pexp(x) as Tensor<[]>
    const plain = (x: Tensor<[]>) => plainLog1pexp(x) as Tensor<[]>
    const big = tensor(800)
    expect(dataOf(grad(plain)(big))).toEqual([Number.NaN])
    expect(dataOf(grad(f)(big))).toEqual([1])
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
    const s = sigmoid(1.5)
    expect(dataOf(grad((x: Tensor<[]>) => grad(f)(x))(tensor(1.5)))[0]).toBeCloseTo(s * (1 - s), 14)
    expect(dataOf(hvp(f)(tensor(1.5), tensor(2)))[0]).toBeCloseTo(2 * s * (1 - s), 14)
    expect(dataOf(jvp((x: Tensor<[]>) => grad(f)(x), [tensor(1.5)], [tensor(1)])[1])[0]).toBeCloseTo(s * (1 - s), 14)
    expect(dataOf(jacobian(log1pexp)(tensor([1.5, 800])))).toEqual([expect.closeTo(s, 14), 0, 0, 1])
  })

  test("a rule that mixes values and tangents in a loop runs in reverse", () => {
    const plain = (x: Tensor): Tensor => scan((c: Tensor, _: Tensor) => [mul(sin(c), x), null], x, tensor([0, 0, 0]))[0]
    const custom = customJvp(plain, ([x], [dx]) => jvp(plain, [x], [dx]))
    const x = tensor([0.5, 2])
    expect(dataOf(grad((y: Tensor) => sum(custom(y)))(x))).toEqual(dataOf(grad((y: Tensor) => sum(plain(y)))(x)))
  })

  test("null is zero, for a part or for all, and leaves that aren't float have null", () => {
    const f = customJvp(
      (x: Tensor, n: Tensor<[2], "int">) => ({ x: mul(x, 2), n, still: x }),
      ([x, n], [dx, dn]) => {
        expect(dn).toBeNull()
        return [
          { x: mul(x, 2), n, still: x },
          { x: mul(dx, 2), n: null, still: null },
        ]
      },
    )
    const n = tensor([1, 2], [2], "int")
    const g = grad((x: Tensor) => add(sum(f(x, n).x), sum(f(x, n).still)) as Tensor<[]>)(tensor([1, 1]))
    expect(dataOf(g)).toEqual([2, 2])
    const nothing = customJvp(
      (x: Tensor) => [x, x],
      ([x]) => [[x, x], null],
    )
    expect(dataOf(grad((x: Tensor) => sum(nothing(x)[0] as Tensor))(tensor([1, 1])))).toEqual([0, 0])
  })

  test("taps in it are told", async () => {
    const f = customJvp(
      (x: Tensor) => tap("inside", mul(x, 2)),
      ([x], [dx]) => [tap("inside", mul(x, 2)), mul(dx, 2)],
    )
    const { report } = right(await compile((x: Tensor) => f(x), { target: "interpreter" }).run(tensor([1, 2]))())
    expect(report.taps.map((t) => [t.site, Array.from(toArray(t.values[1] as Tensor)).slice(0, 2)])).toEqual([["inside", [2, 4]]])
  })

  test("one whose gradient is not the derivative is caught, small", async () => {
    const wrong = customJvp(plainProduct, ([p], [d]) => [plainProduct(p), add(mul(mul(cos(p.a), p.b), d.a), mul(cos(p.a), d.b))])
    const found = await failure(laws.gradient((p: Pair) => sum(wrong(p)) as Tensor<[]>, [{ a: normal([2]), b: normal([2]) }]))
    expect(found.law).toBe("gradient: Taylor")
    expect(found.message).toContain("the gradient is wrong in argument [0].b")
    expect(sizeOfExample(found).nonzero).toBe(1)
  })

  test("one that is not linear in its tangents is caught: forward and reverse differ", async () => {
    const wrong = customJvp(plainProduct, ([p], [d]) => [plainProduct(p), add(mul(mul(cos(p.a), p.b), d.a), mul(square(d.b), sin(p.a)))])
    await failure(laws.gradient((p: Pair) => sum(wrong(p)) as Tensor<[]>, [{ a: normal([2]), b: normal([2]) }]))
  })
})

describe("customVjp", () => {
  /** The identity, whose cotangent is scaled. */
  const scaled = (by: number) => customVjp((x: Tensor) => x, { forward: (x) => [x, null], backward: (_: null, ct) => [mul(ct, by)] })

  test("the gradient is what backward says, whatever the function is", () => {
    expect(dataOf(grad((x: Tensor) => sum(square(scaled(3)(x))))(tensor([1, 2])))).toEqual([6, 12])
  })

  test("second derivatives go through backward", () => {
    const slope = (x: Tensor<[]>) => grad((y: Tensor<[]>) => square(scaled(3)(y)) as Tensor<[]>)(x)
    // 3 * 2 * f(x), and f's own slope is 3: 18, by the two halves alone
    expect(dataOf(grad(slope)(tensor(5)))).toEqual([6])
    const again = customVjp((x: Tensor) => square(x), {
      forward: (x) => [square(x), x],
      backward: (x: Tensor, ct) => [mul(ct, mul(scaled(10)(x), 2))],
    })
    const cube = (x: Tensor<[]>) => again(x) as Tensor<[]>
    expect(dataOf(grad((x: Tensor<[]>) => grad(cube)(x))(tensor(5)))).toEqual([20])
  })

  test.each([
    ["jvp", () => jvp((x: Tensor) => scaled(3)(x), [tensor([1])], [tensor([1])])],
    ["jacobian", () => jacobian((x: Tensor) => scaled(3)(x))(tensor([1]))],
  ])("forward mode by %s is refused, and it says what to do", (_, run) => {
    expect(run).toThrow(/customVjp: the function has a rule for reverse mode only, .*jacobian takes \{ mode: "reverse" \}.*customJvp/)
  })

  test("forward over reverse goes through the two halves, which are plain", () => {
    expect(dataOf(hvp((p: Pair) => sum(productVjp(p)))(at, at).a)).toEqual(
      dataOf(hvp((p: Pair) => sum(plainProduct(p)))(at, at).a).map((n) => expect.closeTo(n, 12)),
    )
  })

  test("so is running a linearised one", async () => {
    const f = (x: Tensor) => linearize((y: Tensor) => scaled(3)(y), x)[1](x)
    expect(left(await compile(f, { target: "interpreter" })(tensor([1]))())).toMatchObject({ _tag: "TraceError" })
    expect(dataOf(jacobian((x: Tensor) => scaled(3)(x), { mode: "reverse" })(tensor([1, 2])))).toEqual([3, 0, 0, 3])
  })

  test("an argument that rows share gets the sum, also where backward does not look at the rows", () => {
    const f = customVjp((x: Tensor, w: Tensor) => mul(x, w), {
      forward: (x, w) => [mul(x, w), null],
      backward: (_: null, ct) => [mul(ct, 2), tensor([7]) as Tensor],
    })
    const g = grad((w: Tensor) => sum(vmap((x: Tensor) => f(x, w), { in: [0] })(tensor([[1], [2], [3]])) as Tensor))
    expect(dataOf(g(tensor([5])))).toEqual([21])
  })

  test("a gradient that goes the wrong way is caught, small, and says where", async () => {
    const wrong = customVjp(plainProduct, {
      forward: (p) => [plainProduct(p), p],
      backward: (p: Pair, ct) => [{ a: mul(ct, mul(cos(p.a), p.b)), b: mul(ct, cos(p.a)) }],
    })
    const found = await failure(laws.gradient((p: Pair) => sum(wrong(p)) as Tensor<[]>, [{ a: normal([2]), b: normal([2]) }]))
    expect(found.law).toBe("gradient: Taylor")
    expect(found.message).toContain("the gradient is wrong in argument [0].b")
    expect(sizeOfExample(found).nonzero).toBe(1)
  })

  test("a backward that is wrong in second order only is caught by the Hessian law", async () => {
    const wrong = customVjp((x: Tensor) => mul(square(x), x), {
      forward: (x) => [mul(square(x), x), x],
      backward: (x: Tensor, ct) => [mul(ct, mul(3, mul(x, stopGradient(x))))],
    })
    const found = await failure(laws.gradient((x: Tensor<[2]>) => sum(wrong(x)) as Tensor<[]>, [normal([2])]))
    expect(found.law).toBe("gradient: Hessian symmetry")
  })

  test("laws of linear functions hold of a linear one", async () => {
    const w = tensor([
      [1, 2],
      [3, 4],
    ])
    const f = customVjp((x: Tensor<[2, 2]>) => matmul(w, x) as Tensor, {
      forward: (x) => [matmul(w, x) as Tensor, null],
      backward: (_: null, ct) => [
        matmul(
          tensor([
            [1, 3],
            [2, 4],
          ]),
          ct as Tensor<[2, 2]>,
        ),
      ],
    })
    await laws.assert(laws.linear(f, [normal([2, 2])]), { runs: 10 })
  })
})

describe("values from outside", () => {
  const message = (f: () => unknown): TraceError => {
    try {
      f()
    } catch (e) {
      return e as TraceError
    }
    throw new Error("expected a TraceError")
  }

  test("a constant is no matter", () => {
    const w = tensor([2, 3])
    const f = customJvp(
      (x: Tensor) => mul(x, w),
      ([x], [dx]) => [mul(x, w), mul(dx, w)],
    )
    expect(dataOf(grad((x: Tensor) => sum(f(x)))(tensor([1, 1])))).toEqual([2, 3])
  })

  test.each(["customJvp", "customVjp"])("%s: the derivative in one is refused, and the value is named", (kind) => {
    const loss = (w: Tensor, x: Tensor) => {
      const made = tanh(w)
      const f =
        kind === "customJvp"
          ? customJvp(
              function scaledBy(y: Tensor) {
                return mul(y, made)
              },
              ([y], [dy]) => [mul(y, made), mul(dy, made)],
            )
          : customVjp(
              function scaledBy(y: Tensor) {
                return mul(y, made)
              },
              { forward: (y) => [mul(y, made), null], backward: (_: null, ct) => [mul(ct, made)] },
            )
      return sum(f(x)) as Tensor<[]>
    }
    const x = tensor([1, 2])
    const found = message(() => grad((w: Tensor) => loss(w, x))(x))
    expect(found.message).toBe(
      `${kind}: scaledBy uses a value from outside (float[2], made by tanh), and its derivative in that value is asked for; a custom rule speaks of the arguments only. Make the value an argument, or, if it is meant as a constant, stopGradient it`,
    )
    expect(found.at).toMatch(/custom\.test\.ts:\d+:\d+$/)
    // in its argument there is one
    expect(dataOf(grad((y: Tensor) => loss(x, y))(x))).toEqual(Array.from([1, 2], Math.tanh))
  })
})

describe("what does not fit is refused at the call", () => {
  const x = tensor([1, 2])
  const thrown = (f: () => unknown): TraceError => {
    try {
      f()
    } catch (e) {
      expect(e).toBeInstanceOf(TraceError)
      return e as TraceError
    }
    throw new Error("expected a TraceError")
  }
  const jvpWith = (rule: unknown) => () => customJvp((y: Tensor) => [y, { s: sum(y) }], rule as never)(x)
  const vjpWith = (forward: unknown, backward: unknown) => () =>
    customVjp((y: Tensor, n: Tensor) => ({ s: sum(y), n }), { forward, backward } as never)(x, x)
  const ahead = (y: Tensor, n: Tensor) => [{ s: sum(y), n }, [y]]

  test.each([
    ["no pair", jvpWith(() => x), "customJvp: the rule of the function must return a pair [outputs, tangents]"],
    [
      "a value of another structure",
      jvpWith(([y]: [Tensor], [dy]: [Tensor]) => [[y], [dy]]),
      "customJvp: the value that the rule of the function gives must have the structure [_, {s: _}], found [_]",
    ],
    [
      "a value of another type",
      jvpWith(([y]: [Tensor]) => [[sum(y), { s: sum(y) }], null]),
      "customJvp: the value that the rule of the function gives[0] must be float[2], found float[]",
    ],
    [
      "a tangent of another structure",
      jvpWith(([y]: [Tensor], [dy]: [Tensor]) => [
        [y, { s: sum(y) }],
        [dy, { t: dy }],
      ]),
      "customJvp: the tangent that the rule of the function gives[1] must be {s: _}, or null for zero, found a record {t}",
    ],
    [
      "a tangent of another type",
      jvpWith(([y]: [Tensor], [dy]: [Tensor]) => [
        [y, { s: sum(y) }],
        [dy, { s: dy }],
      ]),
      "customJvp: the tangent that the rule of the function gives[1].s must be float[], or null for zero, found float[2]",
    ],
    ["no pair forward", vjpWith((y: Tensor) => y, null), "customVjp: forward of the function must return a pair [output, residuals]"],
    [
      "cotangents of too few arguments",
      vjpWith(ahead, (r: readonly unknown[], _ct: unknown) => r),
      "customVjp: the cotangents that backward of the function gives, argument  must be [_, _], or null for zero, found a list of 1",
    ],
    [
      "a cotangent of another type",
      vjpWith(ahead, (r: readonly Tensor[]) => [r[0], sum(r[0] as Tensor)]),
      "customVjp: the cotangents that backward of the function gives, argument [1] must be float[2], or null for zero, found float[]",
    ],
  ])("%s", (_, run, message) => {
    const found = thrown(run)
    expect(found.message).toContain(message)
    expect(found.at).toMatch(/custom\.test\.ts:\d+:\d+$/)
  })

  test("a cotangent for whole numbers", () => {
    const f = customVjp((n: Tensor<[2], "int">) => n, { forward: (n) => [n, null], backward: () => [x] as never })
    expect(() => f(tensor([1, 2], [2], "int"))).toThrow("argument [0] must be null, since int[2] has no derivative, found float[2]")
  })

  test("a rule that calls its own function", () => {
    const f: (y: Tensor) => Tensor = customJvp(
      function own(y: Tensor): Tensor {
        return exp(y)
      },
      ([y], [dy]) => {
        const z = f(y)
        return [z, mul(z, dy)]
      },
    )
    expect(() => f(x)).toThrow(/customJvp: the rule of own calls the function that it is the rule of.*call the plain function in it/)
  })
})

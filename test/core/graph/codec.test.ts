import * as fc from "fast-check"
import * as E from "fp-ts/lib/Either.js"
import { describe, expect, test } from "vitest"
import { closeBody, constantData, inline } from "../../../src/core/index.js"
import {
  checkGraph,
  cond,
  decodeGraph,
  einsum,
  encodeGraph,
  evaluate,
  fixedPoint,
  type Graph,
  grad,
  greater,
  mul,
  picard,
  scan,
  sum,
  type Tensor,
  tanh,
  tensor,
  zerosLike,
} from "../../../src/index.js"

const vector = { elem: "float", shape: [3] } as const

/** A program with every kind of body in it, and its gradient. */
const program = (): Graph =>
  closeBody("test", [vector, { elem: "float", shape: [3, 3] }], ([x, w]) => {
    const f = (v: Tensor) => {
      const z = fixedPoint((s: Tensor) => tanh(mul(s, v)), zerosLike(v), picard({ atol: 1e-12, name: "inner" }))
      const [c] = scan(
        (carry: Tensor, _row: null) =>
          [
            cond(
              greater(sum(carry), 0),
              () => mul(carry, v),
              () => mul(carry, -0),
            ),
            null,
          ] as const,
        einsum("ij,j->i", w as Tensor, mul(z, 2)) as never,
        null as never,
        { length: 2 },
      ) as readonly [Tensor, null]
      return sum(mul(c, Number.POSITIVE_INFINITY)) as Tensor<[]>
    }
    return [grad(f as never)(x as never) as unknown as Tensor]
  }).graph

const simple = (): Graph => closeBody("test", [vector], ([x]) => [mul(mul(x as Tensor, -0), Number.NaN)]).graph

const run = (graph: Graph, inputs: readonly Tensor[]) => {
  const out = evaluate(inline(graph, inputs) as readonly Tensor[])
  return E.isRight(out) ? out.right.map((t) => [...(constantData(t as Tensor) as Float64Array)]) : out.left
}

describe("graph codec", () => {
  test("a graph with bodies comes back as the same graph", () => {
    const graph = program()
    const text = JSON.stringify(encodeGraph(graph))
    const back = decodeGraph(JSON.parse(text))
    expect(E.isRight(back) ? JSON.stringify(encodeGraph(back.right)) : back).toBe(text)
  })
  test("NaN, infinities and -0 survive, to the same bits", () => {
    const graph = simple()
    const back = decodeGraph(JSON.parse(JSON.stringify(encodeGraph(graph))))
    if (E.isLeft(back)) throw new Error(back.left.message)
    const x = tensor([1, -2, 3])
    expect(run(back.right, [x])).toEqual(run(graph, [x]))
    expect(JSON.stringify(encodeGraph(graph))).toContain('"-0"')
    expect(JSON.stringify(encodeGraph(graph))).toContain('"NaN"')
  })
  test("an op that is not defined is named", () => {
    const json = JSON.parse(JSON.stringify(encodeGraph(simple())).replaceAll('"mul"', '"mulx"'))
    expect(decodeGraph(json)).toMatchObject({ left: { _tag: "DecodeError", message: expect.stringContaining('"mulx"') } })
  })
  test("a wrong type is found, with its place", () => {
    const json = JSON.parse(JSON.stringify(encodeGraph(simple()))) as { graph: { types: { shape: number[] }[] } }
    const last = json.graph.types.at(-1) as { shape: number[] }
    last.shape = [4]
    expect(decodeGraph(json)).toMatchObject({ left: { message: expect.stringMatching(/equation \d+ \(mul\).*float\[3\].*float\[4\]/) } })
  })
  test("a variable used before it is defined is found", () => {
    const graph = simple()
    expect(checkGraph({ ...graph, equations: [...graph.equations].reverse() })).toMatchObject({
      left: { message: expect.stringContaining("before it is defined") },
    })
  })
  test("keys of the prototype are data", () => {
    const json = JSON.parse(
      '{"stillpoint":"graph","version":1,"graph":{"types":[],"inputs":0,"equations":[{"op":"literal","params":{"__proto__":{"polluted":1}},"inputs":[],"outputs":[0]}],"outputs":[]}}',
    )
    expect(E.isLeft(decodeGraph(json))).toBe(true)
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  })
  test("what is nested too deep, is no text where one is due, or claims axes that aren't there is refused", () => {
    const json = (params: string) =>
      JSON.parse(
        `{"stillpoint":"graph","version":1,"graph":{"types":[{"elem":"float","shape":[3]},{"elem":"int","shape":[4]},{"elem":"float","shape":[4]}],"inputs":2,"equations":[{"op":"gather","params":${params},"inputs":[0,1],"outputs":[2]}],"outputs":[2]}}`,
      )
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`
    expect(decodeGraph(json('{"shared":0}'))).toMatchObject({ _tag: "Right" })
    expect(decodeGraph(json('{"shared":2147483648}'))).toMatchObject({
      left: { message: expect.stringMatching(/share 2147483648 leading axes/) },
    })
    expect(decodeGraph(json(deep))).toMatchObject({ left: { message: expect.stringMatching(/nested more than 64 deep/) } })
    expect(decodeGraph(JSON.parse(deep))).toMatchObject({ left: { message: expect.stringMatching(/expected a stored graph/) } })
    expect(decodeGraph(json('{"shared":{"$number":{"toString":1}}}'))).toMatchObject({
      left: { message: expect.stringMatching(/is no special number/) },
    })
    expect(decodeGraph(json('{"shared":-0}'))).toMatchObject({ _tag: "Right" })
    expect(E.isLeft(decodeGraph(JSON.parse(JSON.stringify(json('{"shared":0}')).replace('"outputs":[2]}}', '"outputs":[-0]}}'))))).toBe(
      true,
    )
  })
  test("mutated JSON is refused or read, never thrown on", () => {
    const text = JSON.stringify(encodeGraph(program()))
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 0, maxLength: 3 }), fc.nat(4), (at, put, drop) => {
        const mutated = text.slice(0, at) + put + text.slice(at + drop)
        let json: unknown
        try {
          json = JSON.parse(mutated)
        } catch {
          return
        }
        expect(["Left", "Right"]).toContain(decodeGraph(json)._tag)
      }),
      { numRuns: 300 },
    )
  })
})

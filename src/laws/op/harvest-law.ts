/** The law of `harvest`: seeing what an op emits changes nothing, and what is emitted is of a monoid. */
import { type AnyOp, type AnyTensor, apply, type Domain, type Harvest, sameType, showType, zerosOf } from "../../core/index.js"
import { drawn } from "../arbitraries/draw.js"
import { allOf, fails, holds, type Law, type Verdict, vacuous } from "../law.js"
import { same } from "../numbers.js"
import { runnable, type Values } from "../run.js"
import { type Instance, instance, showParts } from "./instance.js"

interface Case {
  readonly i: Instance
  /** Other data for the same application: what it emits there is merged with what it emits on `x`. */
  readonly y: Values
  readonly z: Values
}

const list = (tensors: readonly AnyTensor[]): string => tensors.map((t) => showType(t.type)).join(", ")

/** The application again, with what it emits, flat. */
const typesFit = ({ emissions, apply: harvested }: Harvest, { fn }: Instance): Verdict => {
  let wrong: string | null = null
  runnable({
    inputs: fn.inputs,
    apply: (args) => {
      const [plain, { outputs, emitted }] = [fn.apply(args), harvested(args)]
      if (plain.length !== outputs.length || !plain.every((t, k) => sameType(t.type, (outputs[k] as AnyTensor).type)))
        wrong = `it gives (${list(outputs)}), harvested, expected (${list(plain)})`
      emissions.forEach(({ kind, types }, k) => {
        const tuple = emitted[k] ?? []
        if (types.length !== tuple.length || !types.every((t, n) => sameType(t, (tuple[n] as AnyTensor).type)))
          wrong = `emission ${k} (${kind}) is (${list(tuple)}), it says (${types.map(showType).join(", ")})`
      })
      return plain
    },
  })
  return wrong === null ? holds() : fails(wrong)
}

const monoid = ({ emissions, apply: harvested }: Harvest, { fn }: Instance, points: readonly Values[]): Verdict => {
  const sides = ["zeros merged before", "zeros merged after", "(a b) c, against a (b c)"] as const
  const pairs = runnable({
    inputs: points.flatMap(() => fn.inputs),
    apply: (args) => {
      const n = fn.inputs.length
      const told = points.map((_, k) => harvested(args.slice(k * n, (k + 1) * n)).emitted)
      return emissions.flatMap(({ merge, types }, k) => {
        const [a, b, c] = told.map((t) => t[k] as readonly AnyTensor[]) as [
          readonly AnyTensor[],
          readonly AnyTensor[],
          readonly AnyTensor[],
        ]
        const zeros = types.map(zerosOf)
        return [a, merge(zeros, a), a, merge(a, zeros), merge(merge(a, b), c), merge(a, merge(b, c))].flat()
      })
    },
  })
  const values = pairs.run(points.flat())
  let next = 0
  const take = (n: number) => {
    next += n
    return values.slice(next - n, next)
  }
  return allOf(
    emissions.flatMap(({ kind, types }) =>
      sides.flatMap((side) => {
        const [expected, found] = [take(types.length), take(types.length)]
        return types.map((t, k) =>
          same(
            { what: `part ${k} of what it emits (${kind}), ${side},`, shape: t.shape },
            expected[k] as Float64Array,
            found[k] as Float64Array,
          ),
        )
      }),
    ),
  )
}

export const harvestLaw = (op: AnyOp): Law<Case> => ({
  name: `${op.name}: harvest changes nothing`,
  theorem:
    "An op that is made to tell what it emits gives the same outputs to the bit, and what it emits is of a monoid: zeros are neutral, merging is associative.",
  arbitrary: drawn((d) => {
    const i = instance(d, op)
    const other = () => i.fn.inputs.map((t, k) => d.values(t, i.domains[k] as Domain))
    return { i, y: other(), z: other() }
  }),
  show: ({ i, y, z }) => showParts(i, { y, z }),
  check: ({ i, y, z }) => {
    const harvest = op.harvest?.(i.params) ?? null
    if (harvest === null) return vacuous
    const { fn, x, params } = i
    // without the rule nothing is harvested when the application runs
    const { harvest: _, ...silent } = op
    return allOf(
      (function* () {
        yield typesFit(harvest, i)
        const plain = runnable({ inputs: fn.inputs, apply: (args) => apply(silent, params, args) })
        const harvested = runnable({ inputs: fn.inputs, apply: (args) => harvest.apply(args).outputs })
        const found = harvested.run(x)
        for (const [k, expected] of plain.run(x).entries())
          yield same({ what: `output ${k}, harvested,`, shape: plain.outputs[k]?.shape ?? [] }, expected, found[k] as Float64Array)
        yield monoid(harvest, i, [x, y, z])
      })(),
    )
  },
})

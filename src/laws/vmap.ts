/** vmap of a user's function. */
import { rowType, sameType, type TensorType } from "../core/index.js"
import { drawn } from "./arbitraries/draw.js"
import { jvpOfVmap, type Rows, rowOf, vjpOfVmap, vmapIsMap } from "./function/batching.js"
import { forwardOf } from "./function/reverse.js"
import { type AnyLaw, type Law, type Verdict, vacuous } from "./law.js"
import { runnable, type Values } from "./run.js"
import { type ArgumentsOf, type AtPoint, atPoint, inputs, showArguments } from "./tree.js"

interface Case<A> {
  readonly all: readonly A[]
  readonly at: AtPoint
  readonly rows: Rows
  /** Leaves with rows where `rows` says so, the first argument's alone elsewhere. */
  readonly x: Values
  readonly v: Values
  readonly u: Values
  /** Whether all rows have the types of the first. */
  readonly even: boolean
}

const stacked = (all: readonly Values[], k: number): Float64Array => Float64Array.from(all.flatMap((x) => Array.from(x[k] as Float64Array)))

/**
 * `vmap(f)` on rows gives, to the bit, what `f` gives on each row alone, whichever leaves have rows; and it commutes with both modes of
 * differentiation. Rows are drawn one by one: arbitraries whose shapes vary give inputs that the law says nothing about.
 *
 * @example
 * await laws.check(laws.vmap((x) => softmax(x), [normal([4])]))()
 */
export const vmap = <const A extends readonly unknown[]>(f: (...args: A) => unknown, arguments_: ArgumentsOf<A>): readonly AnyLaw[] => {
  const one = inputs<A>(arguments_)
  const draw = () => one
  const arbitrary = drawn((d): Case<A> => {
    const size = d.int(1, 3)
    const all = Array.from({ length: size }, () => d.from(draw))
    const points = all.map((args) => atPoint(f as (...a: readonly never[]) => unknown, args))
    const at = points[0] as AtPoint
    const types = at.fn.inputs
    const even = points.every(
      ({ fn }) => fn.inputs.length === types.length && fn.inputs.every((t, i) => sameType(t, types[i] as TensorType)),
    )
    const drawnMask = types.map(() => d.bool())
    const batched = drawnMask.some(Boolean) ? drawnMask : drawnMask.map(() => true)
    const floats = types.flatMap((t, i) => (t.elem === "float" ? [batched[i] ? rowType(t, size) : t] : []))
    const outputs = runnable(at.fn).outputs.filter((t) => t.elem === "float")
    return {
      all,
      at,
      rows: { batched, size },
      x: at.x.map((x, k) =>
        batched[k] && even
          ? stacked(
              points.map((p) => p.x),
              k,
            )
          : x,
      ),
      v: floats.map(d.direction),
      u: outputs.map((t) => d.direction(rowType(t, size))),
      even,
    }
  })
  const law = (name: string, theorem: string, order: 0 | 1, check: (c: Case<A>) => Verdict): Law<Case<A>> => ({
    name,
    theorem,
    arbitrary,
    show: ({ all, rows }) =>
      [`rows in [${rows.batched.join(", ")}]`, ...all.map((args, i) => `row ${i}\n${showArguments(args)}`)].join("\n"),
    suspects: (c) => [
      {
        fn: c.at.fn,
        points: Array.from({ length: c.rows.size }, (_, i) => rowOf(c.x, c.rows, i)),
        active: active(c),
        batched: c.rows.batched,
        order,
        rows: true,
        targets: [],
      },
    ],
    check: (c) => (c.even && c.x.length > 0 ? check(c) : vacuous),
  })
  const active = ({ at }: Case<A>) => at.fn.inputs.map((t) => t.elem === "float")
  return [
    law("vmap is map", "A function on rows at once gives, to the bit, what it gives on each row alone (definition of vmap).", 0, (c) =>
      vmapIsMap(c.at.fn, c.rows, c.x),
    ),
    law("jvp of vmap", "The tangent of the function on rows is the rows' tangents (naturality of differentiation).", 1, (c) =>
      c.v.length === 0 || forwardOf(c.at.fn, active(c)) === null ? vacuous : jvpOfVmap(c.at.fn, active(c), c.rows, c.x, c.v),
    ),
    law("vjp of vmap", "A cotangent of what all rows share is the sum of the rows' (adjoint of copying).", 1, (c) =>
      c.v.length === 0 || c.u.length === 0 ? vacuous : vjpOfVmap(c.at.fn, active(c), c.rows, c.x, c.u),
    ),
  ]
}

/** Transforms as nodes: derivatives of both modes, batching, closing, and loops and branches that hold transforms. */
import {
  closeBody,
  inline,
  jvp,
  linearize,
  sameShape,
  sizeOf,
  type Tensor,
  type TensorType,
  valueAndGrad,
  vjp,
} from "../../../core/index.js"
import * as op from "../../../ops/index.js"
import { type Body, drawBody } from "./body.js"
import { type Node, type NodeChoices, type NodeKind, type Params, type Pool, pick, type Scope, shaped, type Transform } from "./node.js"

const first = (xs: readonly Tensor[]): Tensor => xs[0] as Tensor
const own = (xs: readonly Tensor[]): TensorType => first(xs).type
const ofBody = (body: readonly number[]) => body
const ofArgument = (_body: readonly number[], xs: readonly Tensor[]) => first(xs).shape
const mean = (x: Tensor): Tensor<[]> => op.mean(x)
const half = (a: Tensor, b: Tensor): Tensor => op.mul(op.add(a, b), 0.5) as Tensor

const without = (shape: readonly number[], axis: number) => shape.filter((_, i) => i !== axis)
const axisOf = (params: Params, name: string): number => Number(params[name])

/** What each gives beside its name is small and smooth, so that programs go on with it. */
const transforms = {
  jvp: {
    name: "jvp",
    argument: own,
    shape: ofBody,
    apply: (f, [x, t]) => {
      const [y, dy] = jvp(f, [x as Tensor], [t as Tensor])
      return half(y, dy)
    },
  },
  linearize: {
    name: "linearize",
    argument: own,
    shape: ofBody,
    apply: (f, [x, t]) => {
      const [y, along] = linearize(f, x as Tensor)
      return half(y, op.sub(along(t as Tensor), along(op.square(t as Tensor) as Tensor)) as Tensor)
    },
  },
  vjp: {
    name: "vjp",
    argument: own,
    shape: ofArgument,
    apply: (f, xs) => {
      const [y, pullback] = vjp(f, first(xs))
      return (pullback(op.cos(y) as Tensor) as readonly [Tensor])[0]
    },
  },
  grad: {
    name: "grad",
    argument: own,
    shape: ofArgument,
    apply: (f, xs) => {
      const [value, g] = valueAndGrad((x: Tensor) => mean(f(x)))(first(xs))
      return half(value, g as Tensor)
    },
  },
  hvp: {
    name: "hvp",
    argument: own,
    shape: ofArgument,
    apply: (f, [x, t]) => op.hvp((y: Tensor) => mean(f(y)))(x as Tensor, t as Tensor),
  },
  jacobian: {
    name: "jacobian",
    argument: own,
    shape: (body, xs) => [sizeOf(body), sizeOf(first(xs).shape)],
    apply: (f, xs, { mode }) => {
      const x = first(xs)
      const whole = op.jacobian(f, { mode: mode === "reverse" ? "reverse" : "forward" })(x) as Tensor
      return op.reshape(whole, [-1, sizeOf(x.shape)]) as Tensor
    },
  },
  hessian: {
    name: "hessian",
    argument: own,
    shape: (_body, xs) => [sizeOf(first(xs).shape), sizeOf(first(xs).shape)],
    apply: (f, xs) => op.reshape(op.hessian((x: Tensor) => mean(f(x)))(first(xs)) as Tensor, [-1, sizeOf(first(xs).shape)]) as Tensor,
  },
  vmap: {
    name: "vmap",
    argument: (xs, params) => ({ elem: "float", shape: without(first(xs).shape, axisOf(params, "in")) }),
    shape: (body, xs, params) => body.toSpliced(axisOf(params, "out"), 0, first(xs).shape[axisOf(params, "in")] as number),
    apply: (f, xs, params) => op.vmap(f, { in: [axisOf(params, "in")], out: axisOf(params, "out") })(first(xs)) as Tensor,
  },
  checkpoint: { name: "checkpoint", argument: own, shape: ofBody, apply: (f, xs) => op.checkpoint(f)(first(xs)) },
  close: {
    name: "close",
    argument: own,
    shape: ofBody,
    apply: (f, xs) => {
      const { graph, captured } = closeBody("close", [own(xs)], ([x]) => [f(x as Tensor)])
      return inline(graph, [...captured, first(xs)])[0] as Tensor
    },
  },
} as const satisfies Readonly<Record<string, Transform>>

/** The names of all transforms that programs may nest. */
export const transformNames: readonly string[] = Object.keys(transforms)

const nested = (name: string, { nests }: Body): readonly (readonly string[])[] =>
  nests.length === 0 ? [[name]] : nests.map((chain) => [name, ...chain])

const holding = (name: string, nests: readonly (readonly string[])[]) => nests.map((chain) => [name, ...chain])

const letters = ["w", "x", "y", "z"]
const letterOf = ({ depth }: Scope) => letters[depth] ?? `x${depth}`

/** The values that a body may use beside its argument: that which it is called with, and another one. */
const outsideOf = (d: NodeChoices, pool: Pool, x: number): readonly number[] => [x, d.int(0, pool.length - 1)]
const valuesAt = (pool: Pool, at: readonly number[]): Pool => at.map((i) => pool[i] as Tensor)

interface Use {
  readonly fits?: (t: Tensor) => boolean
  readonly params?: (d: NodeChoices, x: Tensor) => Params
  /** Also a direction, made of another value of the same shape. */
  readonly along?: boolean
  readonly bodyFits?: (shape: readonly number[], params: Params) => boolean
}

const using =
  (t: Transform, { fits, params: choose = () => ({}), along = false, bodyFits = () => true }: Use = {}): NodeKind =>
  (d, pool, scope) => {
    const x = pick(d, pool, fits)
    if (x === null) return null
    const at = pool[x] as Tensor
    const params = choose(d, at)
    const v = pick(d, pool, (other) => sameShape(other.shape, at.shape)) as number
    const outside = outsideOf(d, pool, x)
    const body = drawBody(d, { ...scope, depth: scope.depth - 1 }, t.argument([at], params), valuesAt(pool, outside))
    if (!bodyFits(body.shape, params)) return null
    const letter = letterOf(scope)
    const told = Object.entries(params).map(([k, value]) => `${k}: ${value}`)
    return {
      inputs: [...outside, ...(along ? [v] : [])],
      text: `${t.name}((${letter}) => ${body.text(letter)}${told.length === 0 ? "" : `, { ${told.join(", ")} }`})(%0${along ? ", cos(%2)" : ""})`,
      build: (xs, around) => {
        const given = xs.slice(0, 2)
        const f = (arg: Tensor) => body.build(arg, given, around)
        const operands = along ? [first(xs), op.cos(xs[2] as Tensor) as Tensor] : [first(xs)]
        return around.language.transform(t, params, f, operands)
      },
      nests: nested(t.name, body),
    }
  }

/** A loop whose body holds transforms: it takes the carry, and its values are stacked. */
const scan: NodeKind = (d, pool, scope) => {
  const x = pick(d, pool, shaped)
  if (x === null) return null
  const rows = pool[x] as Tensor
  const outside = outsideOf(d, pool, x)
  const reverse = d.bool()
  const body = drawBody(d, { ...scope, holders: [] }, { elem: "float", shape: rows.shape.slice(1) }, valuesAt(pool, outside))
  const text = `scan((c, r) => [c' = tanh(c / 2 + r), ${body.text("c'")}], 0, %0${reverse ? ", reverse" : ""})`
  return {
    inputs: outside,
    text,
    build: (xs, around) => {
      const start = op.zeros(rows.shape.slice(1)) as Tensor
      const step = (c: Tensor, r: Tensor): readonly [Tensor, Tensor] => {
        const next = op.tanh(op.add(op.mul(c, 0.5), r)) as Tensor
        return [next, body.build(next, xs, around)]
      }
      return op.scan(step, start, first(xs), { reverse })[1]
    },
    nests: holding("scan", body.nests),
  }
}

/** A branch whose sides hold transforms; which one is taken may depend on data, on no value that rounding could reach. */
const cond: NodeKind = (d, pool, scope) => {
  const x = pick(d, pool)
  if (x === null) return null
  const outside = outsideOf(d, pool, x)
  const inner = { ...scope, holders: [] }
  const sides = [0, 1].map(() => drawBody(d, inner, (pool[x] as Tensor).type, valuesAt(pool, outside))) as [Body, Body]
  const onData = d.bool()
  const side = (b: Body, xs: readonly Tensor[], around: Parameters<Node["build"]>[1]) => () =>
    op.mul(first(xs), op.tanh(mean(b.build(first(xs), xs, around)))) as Tensor
  return {
    inputs: outside,
    text: `%0 * tanh(mean(${onData ? "mean(%0) < 0.0371" : "flag"} ? ${sides[0].text("%0")} : ${sides[1].text("%0")}))`,
    build: (xs, around) => {
      const predicate = onData ? (op.less(mean(first(xs)), 0.0371) as Tensor<[], "bool">) : around.flag
      return op.cond(predicate, side(sides[0], xs, around), side(sides[1], xs, around))
    },
    nests: holding("cond", [...sides[0].nests, ...sides[1].nests]),
  }
}

const rows = using(transforms.vmap, {
  fits: shaped,
  params: (d, x) => ({ in: d.int(0, x.shape.length - 1), out: d.int(0, 1) }),
  bodyFits: (shape, { out }) => Number(out) <= shape.length,
})

const few = (t: Tensor) => sizeOf(t.shape) <= 4

export const transformKinds: readonly NodeKind[] = [
  using(transforms.jvp, { along: true }),
  using(transforms.linearize, { along: true }),
  using(transforms.vjp),
  using(transforms.grad),
  using(transforms.hvp, { along: true }),
  using(transforms.jacobian, {
    fits: few,
    params: (d) => ({ mode: d.bool() ? "reverse" : "forward" }),
    bodyFits: (shape) => sizeOf(shape) <= 6,
  }),
  using(transforms.hessian, { fits: few }),
  rows,
  rows, // it often finds nothing that fits
  using(transforms.checkpoint),
  using(transforms.close),
]

export const holderKinds: readonly NodeKind[] = [scan, cond]

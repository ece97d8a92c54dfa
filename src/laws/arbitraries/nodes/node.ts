/** What random programs are made of: nodes, how they are drawn, and the language in which they are built. */
import type { Choices, Tensor, TensorType } from "../../../core/index.js"

/** What a function by name is told beside its operands: plain data. */
export type Params = Readonly<Record<string, unknown>>

export type Unary = (x: Tensor) => Tensor

/** A transform of a function of one tensor, used on tensors. */
export interface Transform {
  readonly name: string
  /** The type of what the function takes. */
  readonly argument: (xs: readonly Tensor[], params: Params) => TensorType
  /** The shape of what comes out, where the function gives `body`. */
  readonly shape: (body: readonly number[], xs: readonly Tensor[], params: Params) => readonly number[]
  readonly apply: (f: Unary, xs: readonly Tensor[], params: Params) => Tensor
}

/**
 * What a program's named functions and transforms are taken for. The usual language runs them; another may note down what was asked for,
 * so that the program, transforms and all, can be given to somebody else.
 */
export interface Language {
  readonly call: (name: string, params: Params, xs: readonly Tensor[], build: (...xs: readonly Tensor[]) => Tensor) => Tensor
  readonly transform: (t: Transform, params: Params, f: Unary, xs: readonly Tensor[]) => Tensor
}

export const plain: Language = {
  call: (_name, _params, xs, build) => build(...xs),
  transform: (t, params, f, xs) => t.apply(f, xs, params),
}

export interface Surroundings {
  /** The truth value that branches look at. */
  readonly flag: Tensor<[], "bool">
  readonly language: Language
}

/** One node: which earlier values it takes, how it reads, and what it makes of them. */
export interface Node {
  readonly inputs: readonly number[]
  /** With `%0`, `%1` for the inputs. */
  readonly text: string
  readonly build: (inputs: readonly Tensor[], around: Surroundings) => Tensor
  /** Chains of transforms (and loops and branches that hold some), from the outermost in. */
  readonly nests: readonly (readonly string[])[]
}

/** Earlier values. */
export type Pool = readonly Tensor[]

export type NodeChoices = Pick<Choices, "int" | "bool">

/** What nodes may be drawn from. */
export interface Scope {
  readonly kinds: readonly NodeKind[]
  readonly transforms: readonly NodeKind[]
  /** Loops and branches that may hold transforms; none holds another one. */
  readonly holders: readonly NodeKind[]
  /** How many transforms may be nested. */
  readonly depth: number
}

/** Draws a node of one kind, or answers null where no value fits. */
export type NodeKind = (d: NodeChoices, pool: Pool, scope: Scope) => Node | null

/** One of the values that fit. */
export const pick = (d: NodeChoices, values: Pool, fits: (t: Tensor) => boolean = () => true): number | null => {
  const all = values.flatMap((t, i) => (fits(t) ? [i] : []))
  return all.length === 0 ? null : (all[d.int(0, all.length - 1)] as number)
}

/** One of a list. */
export const oneOf = <A>(d: NodeChoices, list: readonly A[]): A => list[d.int(0, list.length - 1)] as A

export const of1 = (x: number, text: string, build: Unary): Node => ({
  inputs: [x],
  text,
  build: ([a]) => build(a as Tensor),
  nests: [],
})
export const of2 = (a: number, b: number, text: string, build: (a: Tensor, b: Tensor) => Tensor): Node => ({
  inputs: [a, b],
  text,
  build: ([x, y]) => build(x as Tensor, y as Tensor),
  nests: [],
})

/** A function that others know by its name and parameters. */
export const called = (name: string, inputs: readonly number[], params: Params, build: (...xs: readonly Tensor[]) => Tensor): Node => {
  const told = Object.entries(params).map(([k, v]) => `${k}: ${JSON.stringify(v)}`)
  const operands = inputs.map((_, i) => `%${i}`)
  return {
    inputs,
    text: `${name}(${[...operands, ...(told.length === 0 ? [] : [`{ ${told.join(", ")} }`])].join(", ")})`,
    build: (xs, { language }) => language.call(name, params, xs, build),
    nests: [],
  }
}

export const shaped = (t: Tensor): boolean => t.shape.length > 0
export const matrix = (t: Tensor): boolean => t.shape.length === 2
export const broadcasts = (a: Tensor, b: Tensor): boolean =>
  a.shape.toReversed().every((n, i) => {
    const m = b.shape.at(-1 - i) ?? 1
    return n === m || n === 1 || m === 1
  })

/** A named function of one value. */
export const unary =
  (name: string, build: Unary, fits?: (t: Tensor) => boolean): NodeKind =>
  (d, pool) => {
    const x = pick(d, pool, fits)
    return x === null ? null : called(name, [x], {}, (a) => build(a as Tensor))
  }

/** A named function of two values that broadcast. */
export const binary =
  (name: string, build: (a: Tensor, b: Tensor) => Tensor): NodeKind =>
  (d, pool) => {
    const a = pick(d, pool)
    if (a === null) return null
    const b = pick(d, pool, (t) => broadcasts(pool[a] as Tensor, t))
    return b === null ? null : called(name, [a, b], {}, (x, y) => build(x as Tensor, y as Tensor))
  }

/** A named function along one axis of a value, with further choices of its own. */
export const alongAxis =
  <P extends Params>(
    name: string,
    choose: (d: NodeChoices, size: number) => P,
    build: (x: Tensor, axis: number, params: P) => Tensor,
  ): NodeKind =>
  (d, pool) => {
    const x = pick(d, pool, shaped)
    if (x === null) return null
    const { shape } = pool[x] as Tensor
    const axis = d.int(0, shape.length - 1)
    const params = choose(d, shape[axis] as number)
    return called(name, [x], { axis, ...params }, (a) => build(a as Tensor, axis, params))
  }

export const none = (): Record<string, never> => ({})

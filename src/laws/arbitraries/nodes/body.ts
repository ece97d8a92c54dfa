/** Functions inside programs: of one argument, with values from outside, made of a few nodes. */
import { placeholder, type Tensor, type TensorType } from "../../../core/index.js"
import { type Node, type NodeChoices, type NodeKind, type Pool, plain, type Scope, type Surroundings } from "./node.js"

export interface Body {
  /** The body's value as an expression of `argument` and of the outer node's inputs. */
  readonly text: (argument: string) => string
  readonly build: (argument: Tensor, outside: readonly Tensor[], around: Surroundings) => Tensor
  readonly shape: readonly number[]
  readonly nests: readonly (readonly string[])[]
}

/** A node of any kind: where transforms may be nested, one in three holds some. */
export const anyNode: NodeKind = (d, pool, scope) => {
  const kinds = scope.depth > 0 && d.int(0, 2) === 0 ? [...scope.transforms, ...scope.holders] : scope.kinds
  return (kinds[d.int(0, kinds.length - 1)] as NodeKind)(d, pool, scope)
}

const enclosed = (text: string): string => (/^[\w%']+(\([^()]*\))?$/.test(text) ? text : `(${text})`)

/** `outside` are the values of the outer node's inputs, which the body may use. What it gives depends on the argument. */
export const drawBody = (d: NodeChoices, scope: Scope, argument: TensorType, outside: Pool): Body => {
  const flag = placeholder({ elem: "bool", shape: [] }, "programs") as Tensor<[], "bool">
  const values: Tensor[] = [placeholder(argument, "programs") as Tensor, ...outside]
  const depends = values.map((_, i) => i === 0)
  const nodes: Node[] = []
  const count = d.int(1, 3)
  for (let tries = 0; nodes.length < count && tries < 6; tries++) {
    // the first takes the argument
    const made = anyNode(d, nodes.length === 0 ? values.slice(0, 1) : values, scope)
    if (made === null) continue
    nodes.push(made)
    depends.push(made.inputs.some((i) => depends[i]))
    values.push(build(made, values, { flag, language: plain }))
  }
  const result = depends.lastIndexOf(true)
  const first = 1 + outside.length
  return {
    text: (name) => {
      const texts = [name, ...outside.map((_, i) => `%${i}`)]
      for (const n of nodes)
        texts.push(n.text.replace(/%(\d)/g, (_, k: string) => enclosed(texts[n.inputs[Number(k)] as number] as string)))
      return texts[result] as string
    },
    build: (x, given, around) => {
      const all: Tensor[] = [x, ...given]
      for (const n of nodes.slice(0, Math.max(0, result + 1 - first))) all.push(build(n, all, around))
      return all[result] as Tensor
    },
    shape: (values[result] as Tensor).shape,
    nests: nodes.slice(0, Math.max(0, result + 1 - first)).flatMap((n) => n.nests),
  }
}

export const build = (n: Node, values: readonly Tensor[], around: Surroundings): Tensor =>
  n.build(
    n.inputs.map((i) => values[i] as Tensor),
    around,
  )

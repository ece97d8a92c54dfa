/** Random well-typed programs: DAGs of ops over several inputs, for laws that hold of every program. */
import * as fc from "fast-check"
import {
  type AnyTensor,
  constant,
  literal,
  placeholder,
  showType,
  type Tensor,
  type TensorType,
  TraceError,
  toArray,
} from "../../core/index.js"
import { add, mean } from "../../ops/index.js"
import { showData } from "../numbers.js"
import { type Draw, drawn } from "./draw.js"
import {
  anyNode,
  build,
  holderKinds,
  kinked,
  type Language,
  type Node,
  type NodeChoices,
  type NodeKind,
  nodeKinds,
  plain,
  type Scope,
  transformKinds,
} from "./nodes/index.js"

/** Which programs are drawn: of what, how large, and how deeply transformed. */
export interface ProgramOptions {
  /** Kinds of nodes by name; by default all that are smooth. `programKinds` lists them. */
  readonly ops?: readonly string[]
  /** Most nodes. Default 8. */
  readonly maxNodes?: number
  /**
   * How deep transforms are nested in it (jvp, vjp, grad, linearize, hvp, jacobian, hessian, vmap, checkpoint; in bodies of scan and
   * branches of cond too). Default 0, none.
   */
  readonly transforms?: number
}

interface Functions {
  /** The values that no node uses. The first input is a truth value, which branches look at; the others are float. */
  readonly f: (...inputs: readonly AnyTensor[]) => readonly Tensor[]
  /** The sum of the means of what `f` gives. */
  readonly loss: (...inputs: readonly AnyTensor[]) => Tensor<[]>
}

/** A random well-typed program, with inputs for it. */
export interface Program extends Functions {
  /** The same with another meaning of its transforms and named functions. */
  readonly in: (language: Language) => Functions
  /** Chains of nested transforms in it, from the outermost in, with the loops and branches around them. */
  readonly nests: readonly (readonly string[])[]
  /** Data to run it on. */
  readonly inputs: readonly AnyTensor[]
  /** One line an input and a node. */
  readonly show: () => string
  /** What fast-check prints. */
  readonly [fc.toStringMethod]: () => string
}

/** The kinds of nodes there are. */
export const programKinds: readonly string[] = Object.keys(nodeKinds)

const FLAG: TensorType = { elem: "bool", shape: [] }

/** Types that go well together: all axes have one of two sizes. */
const inputTypesFor = (d: Draw): readonly TensorType[] => {
  const [a, b] = [d.int(1, 3), d.int(1, 3)]
  const shapes = [[], [a], [b], [a, b], [b, a]]
  return Array.from({ length: d.int(1, 3) }, () => ({ elem: "float", shape: shapes[d.int(0, shapes.length - 1)] as readonly number[] }))
}

const kindsOf = (names: readonly string[]): readonly NodeKind[] =>
  names.map((name) => {
    const kind = nodeKinds[name]
    if (kind === undefined) throw new TraceError(`programs: there is no kind of node "${name}"; there are ${programKinds.join(", ")}`)
    return kind
  })

/** One node's choices, drawn at once: so shrinking can leave out a node and keep those after it. */
const nodeCodes = (maxNodes: number, length: number): fc.Arbitrary<readonly (readonly number[])[]> => {
  const code = fc.noBias(fc.array(fc.nat({ max: 0xffff }), { minLength: length, maxLength: length }))
  return fc.array(code, { minLength: 1, maxLength: maxNodes, size: "max" })
}

const choicesOf = (code: readonly number[]): NodeChoices => {
  let next = 0
  const int = (lo: number, hi: number) => lo + ((code[next++ % code.length] as number) % (hi - lo + 1))
  return { int, bool: () => int(0, 1) === 1 }
}

type Flag = Tensor<[], "bool">

/** A program under construction: float values, and what made those after the inputs. */
interface Draft {
  readonly types: readonly TensorType[]
  readonly nodes: readonly Node[]
  /** Types of all float values. */
  readonly values: readonly TensorType[]
}

/** Numbers that a node's choices are made of, without transforms and with: a body has a few nodes, and so have theirs. */
const [SHORT, LONG] = [12, 60]

const draft = (d: Draw, scope: Scope, maxNodes: number): Draft => {
  const types = inputTypesFor(d)
  const flag = placeholder(FLAG, "programs") as Flag
  const values = types.map((t) => placeholder(t, "programs") as Tensor)
  const nodes: Node[] = []
  for (const code of d.from(nodeCodes, maxNodes, scope.depth === 0 ? SHORT : LONG)) {
    const made = anyNode(choicesOf(code), values, scope)
    if (made === null) continue
    nodes.push(made)
    values.push(build(made, values, { flag, language: plain }))
  }
  return { types, nodes, values: values.map((t) => t.type) }
}

const sinksOf = ({ nodes, values }: Draft): readonly number[] => {
  const used = new Set(nodes.flatMap((n) => n.inputs))
  return values.flatMap((_, i) => (used.has(i) ? [] : [i]))
}

const lines = ({ types, nodes, values }: Draft, data: readonly AnyTensor[]): readonly string[] => {
  const show = (t: AnyTensor) => `${showType(t.type)} = ${showData(toArray(t), t.shape)}`
  const text = (n: Node) => n.text.replace(/%(\d)/g, (_, k: string) => `%${n.inputs[Number(k)]}`)
  return [
    ...data.map((t, i) => `${i === 0 ? "flag" : `%${i - 1}`}: ${show(t)}`),
    ...nodes.map((n, k) => `%${types.length + k}: ${showType(values[types.length + k] as TensorType)} = ${text(n)}`),
  ]
}

/**
 * Random programs. They shrink to few nodes on small inputs, and read as one line a node.
 *
 * @example
 * fc.assert(fc.property(programs(), ({ loss, inputs }) => holdsFor(loss, inputs)))
 */
export const programs = ({ ops, maxNodes = 8, transforms = 0 }: ProgramOptions = {}): fc.Arbitrary<Program> => {
  const kinds = kindsOf(ops ?? programKinds.filter((k) => !kinked.includes(k)))
  return drawn((d): Program => {
    const made = draft(d, { kinds, transforms: transformKinds, holders: holderKinds, depth: transforms }, maxNodes)
    const sinks = sinksOf(made)
    const functions = (language: Language): Functions => {
      const f = (flag: AnyTensor, ...inputs: readonly AnyTensor[]): readonly Tensor[] => {
        const values = [...inputs] as Tensor[]
        for (const n of made.nodes) values.push(build(n, values, { flag: flag as Flag, language }))
        return sinks.map((i) => values[i] as Tensor)
      }
      return { f, loss: (...all) => f(...(all as [AnyTensor])).reduce<Tensor<[]>>((total, t) => add(total, mean(t)), literal(0)) }
    }
    const inputs = [FLAG, ...made.types].map((t) => constant(t, d.values(t, { t: "real" })))
    const show = () => [...lines(made, inputs), `return ${sinks.map((i) => `%${i}`).join(", ")}`].join("\n")
    return {
      ...functions(plain),
      in: functions,
      nests: made.nodes.flatMap((n) => n.nests),
      inputs,
      show,
      [fc.toStringMethod]: show,
    }
  })
}

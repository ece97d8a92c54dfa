/** whileLoop: turns until a condition fails. Forward mode only: reverse mode would need every turn's carry, whose number is unknown. */
import {
  type AnyTensor,
  apply,
  asBatched,
  batchBody,
  bodyOf,
  broadcastAlong,
  type Choices,
  type Closed,
  closeBody,
  defineOp,
  type Emission,
  flatten,
  type Graph,
  type Harvest,
  harvestGraph,
  inline,
  inputTypes,
  isTensor,
  jvpGraph,
  type Op,
  outputTypes,
  placeholder,
  sameStructure,
  sameType,
  showStructure,
  showType,
  sizeOf,
  type Tangent,
  type Tensor,
  type TensorType,
  TraceError,
  type TreeLike,
  type Unchecked,
  unflatten,
  zerosOf,
} from "../../core/index.js"
import { add } from "../arithmetic.js"
import { less, where } from "../compare.js"
import { any } from "../reduce.js"
import { reshape } from "../shape.js"
import { indexAxis } from "../slice-pad.js"
import { exampleBody } from "./example-body.js"
import { leastFixedPoint } from "./fixpoint.js"
import { pick, place } from "./lists.js"
import { mergeAll, tuples } from "./merge.js"
import { planRows } from "./rows.js"

type Bool = Tensor<Unchecked, "bool">

/**
 * Inputs: constants, carry. `condition`: (constants, carry) -> bool [rows...]; `body`: (constants, carry) -> carry. With rows
 * (after vmap) every carry has the row axes in front and finished rows are frozen; only lowering deals with that.
 */
export interface WhileParams {
  readonly rows: number
  /** How many row axes each constant carries. */
  readonly constants: readonly number[]
  readonly condition: Graph
  readonly body: Graph
}

const cut = <T>(params: WhileParams, list: readonly T[]) => ({
  constants: list.slice(0, params.constants.length),
  carry: list.slice(params.constants.length),
})

const dualWhile = (params: WhileParams, inputs: readonly AnyTensor[], tangents: readonly Tangent[]) => {
  const ts = cut(params, tangents)
  const ins = cut(params, inputs)
  const constants = ts.constants.map((t) => t !== null)
  const n = ins.constants.length
  const step = (args: readonly AnyTensor[], given: readonly Tangent[]) =>
    jvpGraph(
      params.body,
      args.map((primal, i) => ({ primal, tangent: given[i] ?? null })),
      "jvp",
    )
  const flags = leastFixedPoint(
    ts.carry.map((t) => t !== null),
    (carry) => {
      let out: readonly boolean[] = []
      closeBody("whileLoop", inputTypes(params.body), (args) => {
        const mask = [...constants, ...carry]
        out = step(
          args,
          args.map((t, i) => (mask[i] ? placeholder(t.type, "whileLoop") : null)),
        ).map((d) => d.tangent !== null)
        return []
      })
      return out
    },
  )
  const moved = ts.constants.filter((t) => t !== null)
  const carried = pick(
    ins.carry.map((x, i) => ts.carry[i] ?? zerosOf(x.type)),
    flags,
  )
  const types = [...ins.constants, ...moved, ...ins.carry, ...carried].map((t) => t.type)
  const m = n + moved.length
  const primalsOf = (args: readonly AnyTensor[]) => [...args.slice(0, n), ...args.slice(m, m + ins.carry.length)]
  const body = bodyOf("whileLoop", types, (args) => {
    const given = [...place(args.slice(n, m), constants, null), ...place(args.slice(m + ins.carry.length), flags, null)]
    const duals = step(primalsOf(args), given)
    return [...duals.map((d) => d.primal), ...pick(duals, flags).map((d) => d.tangent ?? zerosOf(d.primal.type))]
  })
  const condition = bodyOf("whileLoop", types, (args) => inline(params.condition, primalsOf(args)))
  const rows = pick(params.constants, constants)
  const outs = apply(whileOp, { rows: params.rows, constants: [...params.constants, ...rows], condition, body }, [
    ...ins.constants,
    ...moved,
    ...ins.carry,
    ...carried,
  ])
  return { outputs: outs.slice(0, ins.carry.length), tangents: place(outs.slice(ins.carry.length), flags, null) }
}

const batchWhile = (params: WhileParams, inputs: readonly AnyTensor[], batched: readonly boolean[], size: number) => {
  const ins = cut(params, inputs)
  const given = cut(params, batched)
  const constants = given.constants.map((b, i) => b || (params.rows > 0 && (params.constants[i] as number) > 0))
  const flags = leastFixedPoint(given.carry, (carry) => batchBody("whileLoop", params.body, [...constants, ...carry], size).batched)
  const byRow = params.rows > 0 || batchBody("whileLoop", params.condition, [...constants, ...flags], size).batched[0] === true
  const carry = byRow ? flags.map(() => true) : flags
  const mask = [...constants, ...carry]
  const whole = (value: AnyTensor, want: boolean, has: boolean) => (want ? asBatched({ value, batched: has }, size) : value)
  const outs = apply(
    whileOp,
    {
      rows: params.rows + (byRow ? 1 : 0),
      constants: params.constants.map((rows, i) => (byRow && constants[i] ? rows + 1 : rows)),
      condition: batchBody("whileLoop", params.condition, mask, size, byRow ? "all" : "none").graph,
      body: batchBody("whileLoop", params.body, mask, size, carry).graph,
    },
    [
      ...ins.constants.map((t, i) => whole(t, constants[i] as boolean, given.constants[i] as boolean)),
      ...ins.carry.map((t, i) => whole(t, carry[i] as boolean, given.carry[i] as boolean)),
    ],
  )
  return { outputs: outs, batched: carry }
}

/** One loop while any row goes on. Finished rows keep their values; the body sees copies of a running row in their place. */
const lowerRowWhile = (params: WhileParams, inputs: readonly TensorType[]): Graph =>
  bodyOf("whileLoop", inputs, (args) => {
    const ins = cut(params, args)
    const condition = (carry: readonly AnyTensor[]) => inline(params.condition, [...ins.constants, ...carry])[0] as Bool
    const init: readonly AnyTensor[] = [condition(ins.carry), ...ins.carry]
    return whileTensors(
      ([going]) => any(going as Bool) as Tensor<[], "bool">,
      ([p, ...carry]) => {
        const going = p as Bool
        const rows = planRows(going)
        const next = inline(params.body, [
          ...ins.constants.map((x, i) => rows.copied(x, params.constants[i] as number)),
          ...carry.map((x) => rows.copied(x, params.rows)),
        ])
        const kept = next.map((x, i) => where(alongRows(going, x), x as Tensor, carry[i] as Tensor) as AnyTensor)
        return [condition(kept), ...kept]
      },
      init,
    ).slice(1)
  })

const alongRows = (p: Bool, x: AnyTensor): Bool =>
  broadcastAlong(
    p,
    x.shape,
    p.shape.map((_, i) => i),
  ) as Bool

const harvestWhile = (params: WhileParams): Harvest | null => {
  const { graph, emissions } = harvestGraph(params.body)
  if (emissions.length === 0) return null
  const extra = emissions.flatMap((e) => e.types)
  const n = params.constants.length
  const carries = params.body.outputs.length
  return {
    emissions,
    apply: (inputs) => {
      const rowSizes = (outputTypes(params.condition)[0] as TensorType).shape
      const withRows = (t: AnyTensor) =>
        broadcastAlong(
          t,
          [...rowSizes, ...t.shape],
          t.shape.map((_, i) => i + rowSizes.length),
        )
      const start = extra.map((t) => withRows(zerosOf(t)))
      const types = [...inputTypes(params.body), ...start.map((t) => t.type)]
      // With rows, each carries its own tuple; what the body emits has none and is merged into every row that goes on.
      const body = bodyOf("whileLoop", types, (args) => {
        const outs = inline(graph, args.slice(0, n + carries))
        return [...outs.slice(0, carries), ...mergeAll(emissions, args.slice(n + carries), outs.slice(carries).map(withRows))]
      })
      const condition = bodyOf("whileLoop", types, (args) => inline(params.condition, args.slice(0, n + carries)))
      const outs = apply(whileOp, { ...params, condition, body }, [...inputs, ...start])
      return { outputs: outs.slice(0, carries), emitted: foldRows(emissions, outs.slice(carries), rowSizes) }
    },
  }
}

/** Merges the tuples of all rows into one. */
const foldRows = (emissions: readonly Emission[], flat: readonly AnyTensor[], rows: readonly number[]) => {
  const count = sizeOf(rows)
  const listed = flat.map((t) => reshape(t as Tensor, [count, ...t.shape.slice(rows.length)]) as AnyTensor)
  let merged: readonly AnyTensor[] = listed.map((t) => indexAxis(t as Tensor, 0, 0))
  for (let i = 1; i < count; i++)
    merged = mergeAll(
      emissions,
      merged,
      listed.map((t) => indexAxis(t as Tensor, 0, i)),
    )
  return tuples(emissions, merged)
}

export const whileOp: Op<WhileParams> = defineOp<WhileParams>({
  name: "while",
  type: (params, inputs) => {
    const { carry } = cut(params, inputs)
    const p = outputTypes(params.condition)[0] as TensorType
    if (p.elem !== "bool" || p.shape.length !== params.rows)
      throw new TraceError(
        `whileLoop: the condition must give a bool ${params.rows === 0 ? "scalar" : `with ${params.rows} row axes`}, found ${showType(p)}`,
      )
    const outputs = outputTypes(params.body)
    carry.forEach((t, i) => {
      if (!sameType(t, outputs[i] as TensorType))
        throw new TraceError(`whileLoop: carry ${i} goes in as ${showType(t)} and comes out as ${showType(outputs[i] as TensorType)}`)
    })
    return carry
  },
  jvp: (params, inputs, _outputs, tangents) => dualWhile(params, inputs, tangents).tangents,
  dual: dualWhile,
  // The loop itself is the known part; its tangents run the loop once more. There is no transpose.
  split: (params, inputs) => ({
    outputs: apply(whileOp, params, inputs),
    linear: (tangents) => dualWhile(params, inputs, tangents).tangents,
  }),
  batch: batchWhile,
  harvest: harvestWhile,
  lower: (params, inputs) =>
    params.rows === 0
      ? { t: "while", constants: params.constants.length, condition: params.condition, body: params.body }
      : { t: "graph", graph: lowerRowWhile(params, inputs) },
  cheap: false,
  example: (choose: Choices) => {
    const t: TensorType = { elem: "float", shape: choose.shape(1) }
    const counter: TensorType = { elem: "float", shape: [] }
    const step = exampleBody(choose)
    const turns = choose.int(0, 3)
    const types = [t, counter, t]
    return {
      params: {
        rows: 0,
        constants: [0],
        condition: bodyOf("whileLoop", types, ([, n]) => [less(n as Tensor, turns)]),
        body: bodyOf("whileLoop", types, ([c, n, x]) => [add(n as Tensor, 1), step([c as AnyTensor, x as AnyTensor, c as AnyTensor])]),
      },
      inputs: types,
      domains: [{ t: "real" }, { t: "real" }, { t: "real" }],
    }
  },
})

const whileTensors = (
  condition: (carry: readonly AnyTensor[]) => Tensor<[], "bool">,
  body: (carry: readonly AnyTensor[]) => readonly AnyTensor[],
  init: readonly AnyTensor[],
): readonly AnyTensor[] => {
  const types = init.map((t) => t.type)
  const [test, turn] = [closeBody("whileLoop", types, (c) => [condition(c)]), closeBody("whileLoop", types, body)]
  const constants = [...new Set([...test.captured, ...turn.captured])]
  const over = ({ graph, captured }: Closed) => {
    const places = captured.map((t) => constants.indexOf(t))
    return bodyOf("whileLoop", [...constants.map((t) => t.type), ...types], (args) =>
      inline(graph, [...places.map((i) => args[i] as AnyTensor), ...args.slice(constants.length)]),
    )
  }
  return apply(whileOp, { rows: 0, constants: constants.map(() => 0), condition: over(test), body: over(turn) }, [...constants, ...init])
}

/**
 * Carries a tree through `body` as long as `condition` holds. The number of turns may depend on data. Forward mode works;
 * reverse mode is refused: use `scan` for a fixed length, `fixedPoint` for convergence. Under `vmap` finished rows are frozen.
 *
 * @example
 * whileLoop((x) => less(x, 100), (x) => mul(x, 2), 1) // 128
 */
export const whileLoop = <C>(condition: (carry: C) => Tensor<[], "bool">, body: (carry: C) => NoInfer<C>, init: C & TreeLike<C>): C => {
  const start = flatten("whileLoop: the initial carry", init)
  const tree = (leaves: readonly AnyTensor[]) => unflatten(start.structure, leaves) as C
  const outs = whileTensors(
    (leaves) => {
      const p = condition(tree(leaves))
      if (!isTensor(p) || p.type.elem !== "bool" || p.shape.length !== 0)
        throw new TraceError(
          `whileLoop: the condition must give a bool scalar, found ${isTensor(p) ? showType(p.type) : typeof p}; reduce it with any or all`,
        )
      return p
    },
    (leaves) => {
      const out = flatten("whileLoop: the carry that the body returns", body(tree(leaves)))
      if (!sameStructure(out.structure, start.structure))
        throw new TraceError(
          `whileLoop: the carry has the structure ${showStructure(start.structure)}, the body returned ${showStructure(out.structure)}`,
        )
      out.leaves.forEach((t, i) => {
        const before = (start.leaves[i] as AnyTensor).type
        if (!sameType(t.type, before))
          throw new TraceError(`whileLoop: carry${start.paths[i]} goes in as ${showType(before)} and comes out as ${showType(t.type)}`)
      })
      return out.leaves
    },
    start.leaves,
  )
  return tree(outs)
}

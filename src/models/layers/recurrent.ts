/** A recurrent cell carried along a sequence. */
import { isTensor, showType, type Tensor, TraceError } from "../../core/index.js"
import { moveAxis, scan, zeros } from "../../ops/index.js"
import { flag, oneOf, optional } from "../schema/index.js"
import { checkFeatures } from "./dense.js"
import { type GruParams, type GruSpec, gru } from "./gru.js"
import { applyPart, type Features, type Layer, type UncheckedLayer } from "./layer.js"
import { type LstmParams, type LstmSpec, lstm } from "./lstm.js"
import { defineLayer, float, layerOf, layerWithTag } from "./registry.js"

/** The cell of a recurrent layer as data. */
export type CellSpec = GruSpec | LstmSpec

/** A recurrent layer as data. */
export interface RecurrentSpec<C extends CellSpec = CellSpec> {
  readonly _tag: "recurrent"
  readonly cell: C
  readonly reverse: boolean
  readonly returns: "all" | "last"
}

/** Options of `recurrent`. */
export interface RecurrentOptions {
  /** Walk from the last element to the first; outputs stand at their inputs' places. Default false. */
  readonly reverse?: boolean
  /** Outputs of all turns, [..., T, state], or that of the last turn, [..., state]. Default "all". */
  readonly returns?: "all" | "last"
}

type StateOfCell = { readonly h: Tensor; readonly c?: Tensor }

/**
 * h_t = cell(x_t, h_(t-1)) for t = 1 to T on [..., T, inputs], by `scan`, from a state of zeros.
 *
 * @throws TraceError when the input is no sequence of the cell's inputs.
 *
 * @example
 * recurrent(lstm(16, 32), { returns: "last" }) // [B, T, 16] -> [B, 32]
 */
export function recurrent<I extends number, S extends number>(
  cell: Layer<GruParams, { readonly x: Features<I>; readonly h: Features<S> }, Features<S>, GruSpec>,
  options?: RecurrentOptions,
): Layer<GruParams, Features<I>, Features<S>, RecurrentSpec<GruSpec>>
export function recurrent<I extends number, S extends number>(
  cell: Layer<
    LstmParams,
    { readonly x: Features<I>; readonly h: Features<S>; readonly c: Features<S> },
    { readonly h: Features<S>; readonly c: Features<S> },
    LstmSpec
  >,
  options?: RecurrentOptions,
): Layer<LstmParams, Features<I>, Features<S>, RecurrentSpec<LstmSpec>>
export function recurrent(cell: UncheckedLayer, { reverse = false, returns = "all" }: RecurrentOptions = {}): UncheckedLayer {
  const { _tag, inputs, state } = cell.spec as CellSpec
  return {
    spec: { _tag: "recurrent", cell: cell.spec, reverse, returns },
    init: cell.init,
    apply: (params, input, context) => {
      const x = input as Tensor
      if (x.shape.length < 2) throw new TraceError(`recurrent: expected a sequence [..., T, ${inputs}], found ${showType(x.type)}`)
      checkFeatures("recurrent", x, inputs)
      const start = zeros([...x.shape.slice(0, -2), state]) as Tensor
      const [end, outputs] = scan(
        (before: StateOfCell, row: Tensor) => {
          const made = applyPart(context, 0, "cell", cell, params, { x: row, ...before }) as Tensor | StateOfCell
          const next: StateOfCell = isTensor(made) ? { h: made } : made
          return [next, returns === "all" ? next.h : null] as const
        },
        (_tag === "lstm" ? { h: start, c: start } : { h: start }) as StateOfCell & Record<never, never>,
        moveAxis(x, -2, 0) as Tensor,
        { reverse },
      )
      return returns === "all" ? moveAxis(outputs as Tensor, 0, -2) : end.h
    },
  }
}

defineLayer({
  tag: "recurrent",
  fields: {
    cell: layerWithTag<CellSpec>("a cell", "gru", "lstm"),
    reverse: optional(flag, false),
    returns: optional(oneOf("all", "last"), "all"),
  },
  // the codec lets in the tags of cells only
  build: ({ cell, reverse, returns }) => recurrent(layerOf(cell) as never, { reverse, returns }),
  example: (choose) => {
    const [inputs, state] = [choose.int(1, 3), choose.int(1, 3)]
    const options: RecurrentOptions = { reverse: choose.bool(), returns: choose.bool() ? "all" : "last" }
    const layer = choose.bool() ? recurrent(gru(inputs, state), options) : recurrent(lstm(inputs, state), options)
    return { layer: layer as UncheckedLayer, input: float(choose.int(1, 2), choose.int(1, 3), inputs) }
  },
})

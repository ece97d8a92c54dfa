/**
 * A function specialised to the structure and types of its arguments: traced once, its captures fixed and put on the device,
 * its emissions made outputs, simplified, and loaded on the target.
 */
import * as E from "fp-ts/lib/Either.js"
import { harvestGraph } from "../compile/harvest.js"
import { simplifyGraph } from "../compile/simplify.js"
import { type RunError, TraceError, traceFailure } from "../errors.js"
import { closeBody, closeExpression } from "../graph/close.js"
import type { Graph } from "../graph/graph.js"
import { outside, withLines } from "../location.js"
import type { Emission } from "../op.js"
import { after, type Soon } from "../soon.js"
import type { DeviceBuffer, Executable, LoadOptions } from "../targets/target.js"
import { constantData } from "../tensor/apply.js"
import type { AnyTensor } from "../tensor/shape-types.js"
import { flatten, type Structure, unflatten } from "../tensor/tree.js"
import type { TensorType } from "../tensor/types.js"
import type { Context } from "./context.js"
import { leafValues } from "./evaluate.js"
import { notConverged, type Report, readReport } from "./report.js"
import { readBuffers } from "./transfer.js"

/** A graph on its target, with the values it captured. */
interface Loaded {
  readonly graph: Graph
  readonly executable: Executable
  /** Inputs before the arguments. */
  readonly captured: readonly DeviceBuffer[]
  readonly emissions: readonly Emission[]
  readonly dispose: () => void
}

export interface Specialised extends Loaded {
  readonly result: Structure
  readonly types: readonly TensorType[]
}

const NEVER = { cancelled: false }

/** What a run is refused for, by the statuses among its outputs; the report otherwise. */
export const reportOf = (
  context: Context,
  emissions: readonly Emission[],
  buffers: readonly DeviceBuffer[],
): Soon<E.Either<RunError, Report>> =>
  after(
    readBuffers(context, buffers),
    E.chain((values): E.Either<RunError, Report> => {
      const read = readReport(emissions, values)
      const failure = notConverged(read)
      return failure === null ? E.right(read.report) : E.left(failure)
    }),
  )

/** Buffers of captured tensors. What is no leaf is computed once, now, on the same target. */
const captureAll = async (
  context: Context,
  captured: readonly AnyTensor[],
): Promise<E.Either<RunError, Pick<Loaded, "captured" | "dispose">>> => {
  const undo: (() => void)[] = []
  const dispose = () => undo.splice(0).forEach((f) => void f())
  const buffers = new Map<AnyTensor, DeviceBuffer>()
  const leaves = captured.filter((t) => constantData(t) !== null)
  for (const t of leaves) {
    const buffer = context.retain(t, constantData(t) as Float64Array)
    if (E.isLeft(buffer)) {
      dispose()
      return buffer
    }
    undo.push(() => context.release(t))
    buffers.set(t, buffer.right)
  }
  const open = captured.filter((t) => constantData(t) === null)
  if (open.length > 0) {
    const made = await computeOnce(context, open)
    if (E.isLeft(made)) {
      dispose()
      return made
    }
    made.right.forEach((buffer, i) => {
      buffers.set(open[i] as AnyTensor, buffer)
      undo.push(() => context.free(buffer))
    })
  }
  return E.right({ captured: captured.map((t) => buffers.get(t) as DeviceBuffer), dispose })
}

/** Buffers of the values of expressions of leaves. */
const computeOnce = async (context: Context, tensors: readonly AnyTensor[]): Promise<E.Either<RunError, readonly DeviceBuffer[]>> => {
  const { graph, captured } = closeExpression(tensors)
  leafValues("compile", captured) // refuses arguments of functions that are being traced
  const loaded = await loadGraph(context, graph, captured)
  if (E.isLeft(loaded)) return loaded
  const { executable, captured: inputs, emissions, dispose } = loaded.right
  const outputs = await executable.run(inputs, NEVER)()
  dispose()
  if (E.isLeft(outputs)) return outputs
  const values = outputs.right.slice(0, tensors.length)
  const statuses = outputs.right.slice(tensors.length)
  const report = await reportOf(context, emissions, statuses)
  for (const buffer of statuses) context.free(buffer)
  if (E.isRight(report)) return E.right(values)
  for (const buffer of values) context.free(buffer)
  return report
}

const loadGraph = async (
  context: Context,
  graph: Graph,
  captured: readonly AnyTensor[],
  options: LoadOptions = {},
): Promise<E.Either<RunError, Loaded>> => {
  const harvested = harvestGraph(graph)
  const simple = simplifyGraph(harvested.graph)
  const values = await captureAll(context, captured)
  if (E.isLeft(values)) return values
  const executable = context.device.load(simple, options)
  if (E.isLeft(executable)) {
    values.right.dispose()
    return executable
  }
  const dispose = () => {
    executable.right.dispose()
    values.right.dispose()
  }
  return E.right({ graph: simple, executable: executable.right, captured: values.right.captured, emissions: harvested.emissions, dispose })
}

const thrown = (error: unknown): RunError =>
  error instanceof TraceError
    ? traceFailure(error)
    : {
        _tag: "TraceError",
        message: `compile: the function threw while it was traced: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        at: error instanceof Error ? outside(error.stack) : null,
      }

export interface SpecialiseOptions {
  /** The user's lines are kept. */
  readonly debug?: boolean
  /** The time of each kernel is taken. */
  readonly profile?: boolean
}

/** Traces, compiles and loads a function for leaves of some types. */
export const specialise = async (
  context: Context,
  f: (...args: readonly never[]) => unknown,
  structure: Structure,
  types: readonly TensorType[],
  { debug = false, profile = false }: SpecialiseOptions,
): Promise<E.Either<RunError, Specialised>> => {
  try {
    let result: Structure = { t: "null" }
    let outputs: readonly TensorType[] = []
    const trace = () =>
      closeBody("compile", types, (leaves) => {
        const out = flatten("compile: the function's result", f(...(unflatten(structure, leaves) as readonly never[])))
        result = out.structure
        outputs = out.leaves.map((t) => t.type)
        return out.leaves
      })
    const { graph, captured } = debug ? withLines(trace) : trace()
    return E.map((loaded: Loaded): Specialised => ({ ...loaded, result, types: outputs }))(
      await loadGraph(context, graph, captured, { profile }),
    )
  } catch (error) {
    return E.left(thrown(error))
  }
}

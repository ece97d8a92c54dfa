/**
 * Where in the user's code something was called: the first frame of the stack that is not the library's. Stacks are captured at
 * once and read when somebody asks, since reading costs a hundred times more.
 */

/** More frames than transforms put between a call of the user's and a rule. */
const DEEPEST = 64
/** Frames between an application and the user's call that made it. */
const NEAR = 24

type WithLimit = { stackTraceLimit?: number }

/** A stack of at most `depth` frames. */
const capture = (depth: number): { readonly stack?: string | undefined } => {
  const v8 = Error as WithLimit
  const before = v8.stackTraceLimit
  v8.stackTraceLimit = depth
  const trace = new Error()
  if (before === undefined) delete v8.stackTraceLimit
  else v8.stackTraceLimit = before
  return trace
}

/** `file:line:column` of a line of a stack, as V8 ("at f (...)") and others ("f@...") write it. */
const placeOf = (line: string): string | null => {
  const text = line.trim()
  const inside = text.endsWith(")") ? text.slice(text.lastIndexOf("(") + 1, -1) : null
  const place = inside ?? (text.startsWith("at ") ? text.slice(3).replace(/^async /, "") : text.slice(text.indexOf("@") + 1))
  return /:\d+:\d+$/.test(place) ? place : null
}

const placesOf = (stack: string | undefined): readonly string[] =>
  (stack ?? "").split("\n").flatMap((line) => {
    const place = placeOf(line)
    return place === null ? [] : [place]
  })

/** The library's folder, in the words of stacks; null where it was bundled with other code. */
const home = ((): string | null => {
  const own = placesOf(capture(NEAR).stack)[0]
  const at = own?.search(/core[\\/]location\.[jt]s:/) ?? -1
  return own === undefined || at < 0 ? null : own.slice(0, at)
})()

const readable = (place: string): string => (place.startsWith("file://") ? decodeURI(place.slice("file://".length)) : place)

/** The first frame outside the library, `file:line:column`; packages such as fp-ts that call on the user's behalf are passed over. */
export const outside = (stack: string | undefined): string | null => {
  if (home === null) return null
  const places = placesOf(stack).filter((p) => !p.startsWith(home) && !p.startsWith("node:") && !p.startsWith("<anonymous>"))
  const place = places.find((p) => !/[\\/]node_modules[\\/]/.test(p)) ?? places[0]
  return place === undefined ? null : readable(place)
}

/** Where an application was made; read when somebody asks. */
export class Line {
  private found: string | null | undefined
  constructor(private readonly trace: { readonly stack?: string | undefined }) {}
  /** `file:line:column`, or null where no frame is the user's. */
  get at(): string | null {
    if (this.found === undefined) this.found = outside(this.trace.stack)
    return this.found
  }
}

let recording = false
let origin: Line | null = null

/** The line of what is made now: that of the equation a transform is at, else, with lines on, the user's. */
export const lineNow = (): Line | null => origin ?? (recording ? new Line(capture(NEAR)) : null)

/** The line of what is thrown now: that of the equation a transform is at, else the user's. */
export const lineOfError = (): Line => origin ?? new Line(capture(DEEPEST))

/**
 * Runs `f`; what it makes was made at `line`, so that a transform's results are traced back to what they came of.
 *
 * @example
 * madeAt(equation.line, () => apply(equation.op, equation.params, inputs))
 */
export const madeAt = <A>(line: Line | null | undefined, f: () => A): A => {
  if (line == null || line === origin) return f()
  const before = origin
  origin = line
  try {
    return f()
  } finally {
    origin = before
  }
}

/**
 * Runs `f` with lines on: every application made in it keeps where in the user's code it was made, and its derivatives, batched
 * forms and simplified forms keep it too. Messages of `evaluate(..., { debug: true })` name those lines. Tracing is several times
 * slower meanwhile; a value or an error comes through as it is.
 *
 * @example
 * const y = withLines(() => log(sub(tensor(1), 2)))
 * evaluate(y, { debug: true }) // Left(NonFiniteValue): log at script.ts:1:32
 */
export const withLines = <A>(f: () => A): A => {
  const [before, from] = [recording, origin]
  recording = true
  origin = null
  try {
    return f()
  } finally {
    recording = before
    origin = from
  }
}

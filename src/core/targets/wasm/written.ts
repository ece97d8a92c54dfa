/** A nest as text: equal for nests that are written the same way, with the same parts shared. Much quicker than lowering them. */
import { type Guard, type Ix, type Nest, partsOf, type Scalar } from "../../compile/nest.js"

const number = (value: number): string => (Object.is(value, -0) ? "-0" : String(value))

const guard = (g: Guard): string => (g.t === "range" ? `${g.lo}:${g.hi}` : `/${g.by}`)

/** What a node has beside its parts. */
const own = (x: Scalar | Ix): string => {
  switch (x.t) {
    case "const":
    case "lit":
      return number(x.value)
    case "var":
      return String(x.axis)
    case "mul":
    case "div":
    case "mod":
      return String(x.by)
    case "unary":
    case "binary":
      return x.fn
    case "load":
      return `${x.input} ${x.guards.map(guard).join()}`
    case "guarded":
      return x.guards.map(guard).join()
    default:
      return ""
  }
}

/** The nest as text, see above. */
export const writtenNest = ({ domain, reduce, body, epilogue }: Nest): string => {
  const seen = new Map<Scalar | Ix, number>()
  const lines: string[] = []
  const go = (x: Scalar | Ix): number => {
    const known = seen.get(x)
    if (known !== undefined) return known
    const parts = partsOf(x).map(go)
    const id = lines.push(`${x.t} ${own(x)} ${parts.join()}`)
    seen.set(x, id)
    return id
  }
  const indicator = reduce?.indicator === undefined ? "" : `${reduce.indicator.axis}=${go(reduce.indicator.equals)}`
  const roots = [body, ...(epilogue === null ? [] : [epilogue])].map(go)
  return `${domain.join()} ${reduce?.combine} ${reduce?.extent.join()} ${indicator} ${roots.join()}|${lines.join("|")}`
}

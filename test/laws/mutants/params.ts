/** Static parameters got wrong: lists of axes and sizes in another order, an axis beside the right one, a switch turned. */
export interface ParamChange {
  readonly key: string
  readonly what: string
  /** The changed value, or null where it can't be changed. */
  readonly change: (value: unknown) => unknown
}

const reversed = (value: unknown): unknown => (Array.isArray(value) && value.length > 1 ? [...value].reverse() : null)
const rotated = (value: unknown): unknown => (Array.isArray(value) && value.length > 2 ? [...value.slice(1), value[0]] : null)
const beside = (value: unknown): unknown =>
  Array.isArray(value) && value.length > 0 && value.every((x) => typeof x === "number")
    ? value.map((x: number) => (x > 0 ? x - 1 : x + 1))
    : null
const turned = (value: unknown): unknown => (typeof value === "boolean" ? !value : null)

const all: readonly Omit<ParamChange, "key">[] = [
  { what: "in reverse", change: reversed },
  { what: "rotated", change: rotated },
  { what: "off by one", change: beside },
  { what: "turned", change: turned },
]

const isRecord = (params: unknown): params is Readonly<Record<string, unknown>> =>
  typeof params === "object" && params !== null && !Array.isArray(params)

/** The changes that say something of the given parameters. */
export const changesOf = (params: readonly unknown[]): readonly ParamChange[] => {
  const records = params.filter(isRecord)
  const keys = [...new Set(records.flatMap(Object.keys))]
  return keys.flatMap((key) =>
    all.filter(({ change }) => records.some((r) => change(r[key]) !== null)).map(({ what, change }) => ({ key, what, change })),
  )
}

export const changedParams = (params: unknown, { key, change }: ParamChange, touched: () => void): unknown => {
  if (!isRecord(params)) return params
  const value = change(params[key])
  if (value === null || JSON.stringify(value) === JSON.stringify(params[key])) return params
  touched()
  return { ...params, [key]: value }
}

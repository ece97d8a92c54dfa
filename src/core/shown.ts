/** Values as messages show them, whatever came from outside: short, and without walking all of it. */

const longest = 60
const deepest = 4
const most = 8

const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest - 3)}...` : text)

const show = (value: unknown, depth: number): string => {
  if (typeof value === "string") return JSON.stringify(value.slice(0, longest))
  if (typeof value !== "object" || value === null) return String(value)
  const list = Array.isArray(value)
  if (depth === 0) return list ? "[...]" : "{...}"
  const parts: string[] = []
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue
    if (parts.length === most) {
      parts.push("...")
      break
    }
    const item = show((value as Readonly<Record<string, unknown>>)[key], depth - 1)
    parts.push(list ? item : `${JSON.stringify(key.slice(0, longest))}:${item}`)
  }
  return list ? `[${parts.join(",")}]` : `{${parts.join(",")}}`
}

/**
 * Data as JSON writes it, at most 60 characters and four levels of it. `undefined` is "nothing"; what JSON lacks is shown as text.
 *
 * @example
 * shown({ slots: ["five", 6] }) // '{"slots":["five",6]}'
 */
export const shown = (value: unknown): string => (value === undefined ? "nothing" : cut(show(value, deepest)))

/**
 * Whether data nests deeper than `levels`: deeper than a recursive reader should be sent into. Walks without recursion.
 *
 * @example
 * nestsDeeperThan({ a: [1] }, 2) // false
 * nestsDeeperThan({ a: [[1]] }, 2) // true
 */
export const nestsDeeperThan = (value: unknown, levels: number): boolean => {
  const open: [unknown, number][] = [[value, 0]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [item, depth] = next
    if (typeof item !== "object" || item === null) continue
    if (depth === levels) return true
    for (const inner of Object.values(item)) open.push([inner, depth + 1])
  }
  return false
}

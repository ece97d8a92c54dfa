/** Options of evidences. */

/** A whole number of at least 1 after `name`; null, with a message, where something else stands there. */
export const option = (args: readonly string[], name: string, otherwise: number): number | null => {
  const at = args.indexOf(name)
  if (at < 0) return otherwise
  const value = Number(args[at + 1])
  if (Number.isSafeInteger(value) && value >= 1) return value
  console.log(`${name}: expected a whole number of at least 1, found ${args[at + 1] ?? "nothing"}`)
  return null
}

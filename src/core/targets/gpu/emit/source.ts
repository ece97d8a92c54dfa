/** Collects the statements of a kernel, each in the outermost loop that has what it needs. */

/** Adds a statement `const name = expression` and gives its name. */
export type Define = (expression: string) => string

export interface Source {
  /** Adds `const name = expression` at a loop level (0 is outside of all loops), or after the loops once `finish` was called. */
  readonly define: (level: number, expression: string) => string
  readonly add: (level: number, statement: string) => void
  /** A name that no other statement uses. */
  readonly name: () => string
  /** From here on everything is after the loops. */
  readonly finish: () => void
  readonly statements: () => number
  readonly text: (extent: readonly number[], before: string) => string
}

export const loopVariable = (loop: number): string => `x${loop}`

export const createSource = (loops: number): Source => {
  const levels: string[][] = Array.from({ length: loops + 1 }, () => [])
  const after: string[] = []
  let finished = false
  let names = 0
  const add = (level: number, statement: string): void => {
    ;(finished ? after : (levels[level] ?? after)).push(statement)
  }
  const fresh = (): string => `t${names++}`
  return {
    add,
    name: fresh,
    define: (level, expression) => {
      const name = fresh()
      add(level, `const ${name} = ${expression};`)
      return name
    },
    finish: () => {
      finished = true
    },
    statements: () => levels.reduce((n, level) => n + level.length, after.length),
    text: (extent, before) => {
      // A reduction over no axes has its one term outside of all loops, which is after the start of the sum too.
      const lines = [...(before === "" ? [] : [before]), ...(levels[0] ?? [])]
      // A loop variable is an integer in some modes: its float copy keeps every expression in one type.
      for (let loop = 0; loop < loops; loop++) {
        lines.push(`for (let r${loop} = 0; r${loop} < ${extent[loop]}; r${loop}++) {`, `const ${loopVariable(loop)} = r${loop};`)
        lines.push(...(levels[loop + 1] ?? []))
      }
      for (let loop = 0; loop < loops; loop++) lines.push("}")
      return [...lines, ...after].join("\n")
    },
  }
}

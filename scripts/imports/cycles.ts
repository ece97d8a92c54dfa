/** Finds cycles in a directed graph of files. */
export type Edges = ReadonlyMap<string, readonly string[]>

/** One cycle for each edge that closes one in a depth-first walk: none exactly when the graph has no cycle. */
export const cycles = (edges: Edges): readonly (readonly string[])[] => {
  const done = new Set<string>()
  const path: string[] = []
  const found: string[][] = []
  const visit = (file: string): void => {
    const start = path.indexOf(file)
    if (start >= 0) found.push([...path.slice(start), file])
    if (start >= 0 || done.has(file)) return
    path.push(file)
    for (const next of edges.get(file) ?? []) visit(next)
    path.pop()
    done.add(file)
  }
  for (const file of edges.keys()) visit(file)
  return found
}

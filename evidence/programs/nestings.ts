/** How transforms are nested in random programs: chains of names, from the outermost in. */
import { type Program, transformNames } from "../../src/laws/arbitraries/index.js"

export interface Nestings {
  /** How often each chain occurs, loops and branches left out. */
  readonly chains: ReadonlyMap<string, number>
  /** How many chains pass a scan's body, and how many a branch of a cond. */
  readonly inside: Readonly<Record<"scan" | "cond", number>>
}

export const nestings = (programs: readonly Program[]): Nestings => {
  const chains = new Map<string, number>()
  const inside = { scan: 0, cond: 0 }
  for (const chain of programs.flatMap((p) => p.nests)) {
    const key = chain.filter((name) => transformNames.includes(name)).join(" of ")
    chains.set(key, (chains.get(key) ?? 0) + 1)
    if (chain.includes("scan")) inside.scan++
    if (chain.includes("cond")) inside.cond++
  }
  return { chains, inside }
}

/** Chains of one length that are named: the most frequent. */
const SHOWN = 12

/** One line a depth, the most frequent first. */
export const lines = ({ chains, inside }: Nestings): readonly string[] => {
  const sorted = [...chains].sort(([a, m], [b, n]) => n - m || a.localeCompare(b))
  const depth = (chain: string) => chain.split(" of ").length
  const ofDepth = (k: number) => sorted.filter(([chain]) => depth(chain) === k)
  const all = sorted.reduce((sum, [, n]) => sum + n, 0)
  return [
    ...[1, 2, 3].flatMap((k) => {
      const own = ofDepth(k)
      const total = own.reduce((sum, [, n]) => sum + n, 0)
      const more = own.length <= SHOWN ? "" : `, and ${own.length - SHOWN} more`
      const told = own.slice(0, SHOWN).map(([chain, n]) => `${chain} ${n}`)
      return own.length === 0 ? [] : [`${total} chains of ${k}, ${own.length} different: ${told.join(", ")}${more}`]
    }),
    `${all} chains in all, ${inside.scan} of them through the body of a scan, ${inside.cond} through a branch of a cond; around each the outer gradient`,
  ]
}

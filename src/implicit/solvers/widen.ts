/** Asks of one structure, whatever part of a solver makes them: what a part does not need is filled in and not wanted. */
import { full, zerosLike } from "../../ops/index.js"
import type { Ask, Need, Scalar } from "./algorithm.js"

const all: readonly Need[] = ["direction", "jacobian"]

/** The needs of several parts together. */
export const union = (...needs: readonly (readonly Need[])[]): readonly Need[] => all.filter((n) => needs.some((of) => of.includes(n)))

/** An ask of a part with needs `own`, as the whole with needs `needs` asks it. */
export const widen = (needs: readonly Need[], own: readonly Need[], { at, along, probe, wants }: Ask): Ask => ({
  at,
  ...(needs.includes("direction") ? { along: along ?? zerosLike(at), probe: probe ?? (full([], 0) as Scalar) } : {}),
  wants: Object.fromEntries(needs.map((need) => [need, wants?.[need] ?? (full([], own.includes(need) ? 1 : 0) as Scalar)])),
})

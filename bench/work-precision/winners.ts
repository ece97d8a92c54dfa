/** Who reaches an error with the fewest evaluations, and who in the shortest time. */
import type { Curve, Point } from "./measure.js"

/** The error that a solution has to have to be compared. */
export const wanted = 1e-8

/** The cheapest point that is as exact as wanted, null where there is none. */
export const reached = ({ points }: Curve, by: "evaluations" | "ms"): Point | null =>
  points.filter(({ error }) => error <= wanted).reduce<Point | null>((best, p) => (best === null || p[by] < best[by] ? p : best), null)

/** Names of the solvers that are best on a problem; several where they are level. */
export const winners = (curves: readonly Curve[], by: "evaluations" | "ms"): readonly string[] => {
  const found = curves.flatMap((curve) => {
    const point = reached(curve, by)
    return point === null ? [] : [{ solver: curve.solver, cost: point[by] }]
  })
  const least = Math.min(...found.map(({ cost }) => cost))
  return found.filter(({ cost }) => cost === least).map(({ solver }) => solver)
}

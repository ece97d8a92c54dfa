/** The shapes of sprites, as sets of points. */

/**
 * One shape in its own frame: x to the right, y down, the centroid at the origin, and the circle of radius 1 around it the smallest that holds
 * the shape.
 */
export interface SpriteShape {
  readonly name: string
  /** Whether the point is in the shape. */
  readonly holds: (x: number, y: number) => boolean
}

const halfSide = Math.SQRT1_2

/** Long over short axis. */
const slender = 1.5

/** The curve (u² + v² - 1)³ = u² v³, v up: how high its centroid lies (by quadrature), and how far the tip at v = -1 is below it. */
const heartCentroid = 0.2934812275
const heartReach = 1 + heartCentroid

/**
 * The shapes in the order that `shape` indexes: those of dSprites. The ellipse's axes are as 3 to 2; without rotation the long one is level and the
 * heart's tip points down.
 *
 * @example
 * spriteShapes.map(({ name }) => name) // ["square", "ellipse", "heart"]
 */
export const spriteShapes: readonly SpriteShape[] = [
  { name: "square", holds: (x, y) => Math.abs(x) <= halfSide && Math.abs(y) <= halfSide },
  { name: "ellipse", holds: (x, y) => x * x + slender * slender * y * y <= 1 },
  {
    name: "heart",
    holds: (x, y) => {
      const u = heartReach * x
      const v = heartCentroid - heartReach * y
      const ring = u * u + v * v - 1
      return ring * ring * ring <= u * u * v * v * v
    },
  },
]

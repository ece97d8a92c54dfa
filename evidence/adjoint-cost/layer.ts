/** The layer whose gradient is counted: a deep equilibrium layer of width 512 and batch 64, its Jacobian of a wanted spectral radius. */
import * as E from "fp-ts/lib/Either.js"
import { anderson, fixedPoint, type Session, type Solver, spectralRadius, type Tensor, tensor, toArray, toNumber } from "../../src/index.js"
import { add, type Key, key, matmul, normal, splitKeys, tanh, zerosLike } from "../../src/ops/index.js"

export const width = 512
export const batch = 64

export const right = <A>(result: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

/** z -> tanh(z W + x) */
export const cell =
  (w: Tensor, x: Tensor) =>
  (z: Tensor): Tensor =>
    tanh(add(matmul(z, w), x)) as Tensor

export const layer = (w: Tensor, x: Tensor, solver: Solver): Tensor => fixedPoint(cell(w, x), zerosLike(x) as Tensor, solver)

/** Weights for which the Jacobian of the cell has this spectral radius at the layer's own solution, within a hundredth; and inputs. */
export const layerOf = async (session: Session, radius: number): Promise<{ readonly w: Tensor; readonly x: Tensor }> => {
  const draw = session.compile(() => {
    const [a, b] = splitKeys(key(0), 2) as [Key, Key]
    return [normal(a, [width, width]), normal(b, [batch, width])] as const
  })
  const [start, x] = right(await draw()())
  const solver = anderson({ rtol: 1e-5, atol: 0, maxEvaluations: 500, onFailure: "useBest" })
  const measure = session.compile((w: Tensor, y: Tensor) => spectralRadius(cell(w, y), layer(w, y, solver)))
  let scale = radius / Math.sqrt(width)
  const weights = (): Tensor =>
    tensor(
      Array.from(toArray(start), (v) => v * scale),
      [width, width],
    ) as Tensor
  for (let turn = 0; turn < 20; turn++) {
    const found = toNumber(right(await measure(weights(), x)()))
    if (Math.abs(found / radius - 1) < 0.01) break
    scale *= radius / found
  }
  measure.dispose()
  draw.dispose()
  return { w: weights(), x }
}

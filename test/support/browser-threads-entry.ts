/** What the tests of threads call on a page, and in Node to compare. */
import * as E from "fp-ts/lib/Either.js"
import { conv, mean, openSession, relu, square, type Tensor, tensor, toArray, valueAndGrad } from "../../src/index.js"

const wave = (n: number, seed: number): readonly number[] => Array.from({ length: n }, (_, i) => Math.sin(i * 1.7 + seed))

const loss = (w: Tensor, x: Tensor): Tensor<[]> =>
  mean(square(relu(conv(x, w, { padding: "same" } as never) as Tensor) as Tensor)) as Tensor<[]>

/** Which threads took part can't be seen in results: whether the session opened on so many, and the loss with its gradient. */
export const lossOnThreads = async (threads: number): Promise<{ readonly isolated: boolean; readonly values: readonly number[] }> => {
  const session = await openSession("wasm", { threads })()
  if (E.isLeft(session)) throw new Error(session.left.message)
  const step = session.right.compile(valueAndGrad(loss))
  const [w, x] = [tensor([...wave(5 * 5 * 8 * 16, 1)], [5, 5, 8, 16]), tensor([...wave(4 * 33 * 33 * 8, 2)], [4, 33, 33, 8])]
  const values: number[] = []
  for (let i = 0; i < 3; i++) {
    const made = await step(w as never, x as never)()
    if (E.isLeft(made)) throw new Error(made.left.message)
    const [value, gradient] = made.right as unknown as readonly [Tensor, Tensor]
    values.push(...toArray(value), ...toArray(gradient))
  }
  await session.right.close()
  return { isolated: globalThis.crossOriginIsolated, values }
}

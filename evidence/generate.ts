/** What the cache brings: images told from slots with the keys and values of earlier places kept, and with all places computed anew for each word. */
import * as E from "fp-ts/lib/Either.js"
import { atLeast, type Judged, report } from "../bench/runner/index.js"
import { openSession, type Tensor, toArray } from "../src/index.js"
import { generateWords, type SlateParams, type SlateSpec, slate, slateParts, slateSpec, type Words } from "../src/models/index.js"
import { argmax, cast, dynamicSlice, full, iota, key, normal, scan, sliceAxis, updateSlice } from "../src/ops/index.js"
import { option } from "./options/index.js"
import { asyncMilliseconds, median } from "./timing/stopwatch.js"

export const title = "generate: 100 images told from slots with a cache, at least 5 times as fast as without, the same words"

const images = 100

const right = <A>(result: E.Either<{ readonly message: string }, A>): A => {
  if (E.isLeft(result)) throw new Error(result.left.message)
  return result.right
}

/** Words told greedily; the decoder reads all places for each of them. */
const generateAnew = (spec: SlateSpec, params: SlateParams, slots: Tensor): Words => {
  const parts = slateParts(spec)
  const length = (spec.height / 4) * (spec.width / 4)
  const read = parts.slotOutput.apply(params.slotOutput, slots as never, { mode: "eval" }) as Tensor
  const turn = (words: Words, place: Tensor<[], "int">) => {
    const x = sliceAxis(parts.words.apply(params.words, words, { mode: "eval" }), 1, 0, length) as Tensor
    const scores = parts.decoder.apply(params.decoder, { x, slots: read }, { mode: "eval" })
    const here = dynamicSlice(argmax(scores, -1) as Words, [0, place], [images, 1])
    return [updateSlice(words, here as never, [0, place]), null] as const
  }
  const none = cast(full([images, length], 0), "int")
  return scan(turn as never, none as never, cast(iota(length), "int") as never)[0] as unknown as Words
}

export const run = async (args: readonly string[]): Promise<boolean> => {
  const rounds = option(args, "--rounds", 5)
  if (rounds === null) return false
  const spec = slateSpec("small")
  const model = slate(spec)
  const session = right(await openSession("wasm")())
  try {
    const draw = session.compile(
      () => [model.init(key(0)), normal(key(1), [images, spec.attention.slots, spec.attention.width])] as const,
      {
        resident: true,
      },
    )
    const [params, slots] = right(await draw()())
    const programs = [generateWords, generateAnew].map((generate) =>
      session.compile((p: SlateParams, z: Tensor) => generate(spec, p, z), { resident: true }),
    )
    const words: (readonly number[])[] = []
    const times: number[][] = [[], []]
    for (let round = -1; round < rounds; round++)
      for (const [i, program] of programs.entries()) {
        let made: Words | undefined
        const ms = await asyncMilliseconds(async () => {
          made = right(await program(params as never, slots as never)()) as unknown as Words
        })
        if (round >= 0) times[i]?.push(ms)
        else words.push(Array.from(toArray(right(await session.read(made as never)()) as Tensor)))
        session.dispose(made as never)
      }
    const different = (words[0] as readonly number[]).filter((w, i) => w !== words[1]?.[i]).length
    const [cached, anew] = times.map(median) as [number, number]
    console.log(
      `${images} images of ${(words[0] as readonly number[]).length / images} words: ${cached.toFixed(0)} ms with the cache, ${anew.toFixed(0)} ms without`,
    )
    console.log(`${different} words differ, of ${words[0]?.length}; ${new Set(words[0]).size} different words were told`)
    const judged: readonly Judged[] = [atLeast("with the cache over without", anew / cached, 5)]
    return report(judged, (line) => console.log(line)) && different === 0
  } finally {
    await session.close()
  }
}

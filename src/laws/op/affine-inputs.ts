/** In which inputs an op is affine, found by trying: the record does not say, and a law must not ask the rule that it tests. */
import { type AnyTensor, placeholder, transposeDag, zerosOf } from "../../core/index.js"
import { seeded } from "../arbitraries/element.js"
import { type Mask, subsets } from "../function/masks.js"
import { floatOutputs } from "../function/transforms.js"
import { magnitude } from "../numbers.js"
import { type Fn, runnable, type Values } from "../run.js"
import { floatInputs, type Instance } from "./instance.js"

/** Element n of input i. */
type Point = (i: number, n: number) => number

/**
 * Whether f (3 p - 2 q) = 3 f(p) - 2 f(q) at random p and q, and f(p) is not f(q): true of a function that is not affine with
 * probability 0. All float inputs are random (and small: a
 * saturated tanh looks constant), since at a zero of one input a function may look affine in another; and it must
 * hold for both truth values, since the rule of `cond` speaks for both branches.
 */
const looksAffine = ({ fn, x }: Instance, mask: Mask): boolean => {
  const f = runnable(fn)
  const next = seeded(1)
  const random = (a: Float64Array) => a.map(() => next(-(2 ** 29), 2 ** 29) / 2 ** 29)
  const [p, q] = [x.map(random), x.map(random)]
  const points = [null, 0, 1].map((truth) => {
    const at = (point: Point): Values =>
      f.run(
        x.map((a, i) => {
          const { elem } = fn.inputs[i] as (typeof fn.inputs)[number]
          if (elem === "bool" && truth !== null) return a.map(() => truth)
          if (elem !== "float") return a
          return mask[i] ? a.map((_, n) => point(i, n)) : (p[i] as Float64Array)
        }),
      )
    const entry =
      (v: Values): Point =>
      (i, n) =>
        v[i]?.[n] as number
    const [pi, qi] = [entry(p), entry(q)]
    return { fp: at(pi), fq: at(qi), mixed: at((i, n) => 3 * pi(i, n) - 2 * qi(i, n)) }
  })
  const varies = points.some(({ fp, fq }) => fp.some((a, k) => a.some((n, i) => n !== fq[k]?.[i])))
  return (
    varies &&
    points.every(({ fp, fq, mixed }) => {
      const scale = magnitude([...fp, ...fq])
      return mixed.every((a, k) => a.every((n, i) => Math.abs(n - 3 * (fp[k]?.[i] as number) + 2 * (fq[k]?.[i] as number)) <= 1e-9 * scale))
    })
  )
}

export const affineMasks = (i: Instance): readonly Mask[] => subsets(floatInputs(i)).filter((m) => looksAffine(i, m))

/** (x, u) -> the transpose rule of the op, applied once, in the inputs of the mask. Their values are not there to be used. */
export const transposeRule = ({ fn }: Pick<Instance, "fn">, mask: Mask): Fn => ({
  inputs: [...fn.inputs, ...floatOutputs(fn)],
  apply: (args) => {
    const leaves: AnyTensor[] = []
    const inputs = fn.inputs.map((t, i) => {
      if (!mask[i]) return args[i] as AnyTensor
      const leaf = placeholder(t, "a linear input")
      leaves.push(leaf)
      return leaf
    })
    const outputs = fn.apply(inputs)
    let next = fn.inputs.length
    const back = transposeDag(
      leaves,
      outputs,
      outputs.map((y) => (y.type.elem === "float" ? (args[next++] as AnyTensor) : null)),
    )
    return leaves.map((l, i) => back[i] ?? zerosOf(l.type))
  },
})

/** The losses of the training steps in TensorFlow.js. */
import type { Tensor } from "@tensorflow/tfjs"
import type { Model, Passing } from "../../../workloads/index.js"
import { at } from "../named.js"
import { attention, constant, dense, linear, type Named, normed, tf, trainable } from "./ops.js"

export type Loss = (p: Named, data: Named) => Tensor

const gru = (p: Named, prefix: string, x: Tensor, h: Tensor): Tensor => {
  const [r, s, n] = tf.split(dense(p, `${prefix}ih`, x), 3, -1) as [Tensor, Tensor, Tensor]
  const [hr, hs, hn] = tf.split(dense(p, `${prefix}hh`, h), 3, -1) as [Tensor, Tensor, Tensor]
  const candidate = tf.tanh(tf.add(n, tf.mul(tf.sigmoid(tf.add(r, hr)), hn)))
  return tf.add(candidate, tf.mul(tf.sigmoid(tf.add(s, hs)), tf.sub(h, candidate)))
}

/** n applications that the gradient passes, or n that it does not and one that it does. */
const repeat = (f: (z: Tensor) => Tensor, start: Tensor, passing: Passing, n: number): Tensor => {
  const all = (z: Tensor) => Array.from({ length: n }).reduce<Tensor>(f, z)
  return passing === "oneStep" ? f(constant(() => all(start))) : all(start)
}

const refine =
  (p: Named, keys: Tensor, values: Tensor) =>
  (z: Tensor): Tensor => {
    const width = z.shape[2] as number
    const queries = tf.mul(linear(p, "sa.q", normed(p, "sa.ns", z)), width ** -0.5)
    const next = gru(p, "sa.", attention(tf.matMul(keys, queries, false, true), values), z)
    return tf.add(next, dense(p, "sa.m1", tf.relu(dense(p, "sa.m0", normed(p, "sa.nm", next)))))
  }

const conv = (p: Named, name: string, x: Tensor): Tensor => tf.add(trainable(x, at(p, `${name}.w`)), at(p, `${name}.b`))

const slotAutoencoder =
  (passing: Passing, n: number): Loss =>
  (p, data) => {
    const [x, grid] = [at(data, "x"), at(data, "grid")]
    const [batch, side] = x.shape as [number, number]
    let h = x
    for (let i = 0; i < 4; i++) h = tf.relu(conv(p, `enc${i}`, h))
    h = tf.reshape(tf.add(h, dense(p, "epos", grid)), [batch, side * side, 32])
    h = normed(p, "sa.ni", dense(p, "e1", tf.relu(dense(p, "e0", normed(p, "ln", h)))))
    const start = tf.add(at(p, "sa.mu"), tf.mul(tf.exp(at(p, "sa.ls")), at(data, "noise")))
    const z = repeat(refine(p, linear(p, "sa.k", h), linear(p, "sa.v", h)), start, passing, n)
    const count = z.shape[1] as number
    let y: Tensor = tf.add(tf.reshape(z, [batch * count, 1, 1, z.shape[2] as number]), dense(p, "dpos", grid))
    for (let i = 0; i < 3; i++) y = tf.relu(conv(p, `dec${i}`, y))
    y = tf.reshape(conv(p, "dec3", y), [batch, count, side * side, 4])
    const [colours, shares] = tf.split(y, [3, 1], -1) as [Tensor, Tensor]
    // softmax here is over the last axis only
    const masks = tf.transpose(tf.softmax(tf.transpose(shares, [0, 2, 3, 1]), -1), [0, 3, 1, 2])
    return tf.mean(tf.square(tf.sub(tf.sum(tf.mul(colours, masks), 1), tf.reshape(x, [batch, side * side, 3]))))
  }

const crossEntropy = (logits: Tensor, rows: Tensor): Tensor => tf.losses.softmaxCrossEntropy(rows, logits)

const mlp: Loss = (p, data) => crossEntropy(dense(p, "l1", tf.relu(dense(p, "l0", at(data, "x")))), at(data, "yRows"))

const recurrent: Loss = (p, data) => {
  let h: Tensor = tf.zeros([32, 64])
  for (const x of tf.unstack(at(data, "x"))) h = gru(p, "", x, h)
  return tf.mean(tf.square(h))
}

const decoder =
  (blocks: number, heads: number): Loss =>
  (p, data) => {
    const [batch, length] = [8, 256]
    const width = at(p, "emb").shape[1] as number
    let h: Tensor = tf.add(tf.reshape(tf.matMul(at(data, "xRows"), at(p, "emb")), [batch, length, width]), at(p, "pos"))
    const split = (t: Tensor): Tensor => tf.transpose(tf.reshape(t, [batch, length, heads, width / heads]), [0, 2, 1, 3])
    for (let i = 0; i < blocks; i++) {
      const b = `b${i}.`
      const n = normed(p, `${b}n0`, h)
      const [q, k, v] = ["q", "k", "v"].map((part) => split(linear(p, b + part, n))) as [Tensor, Tensor, Tensor]
      const weights = tf.softmax(tf.add(tf.mul(tf.matMul(q, k, false, true), (width / heads) ** -0.5), at(data, "mask")), -1)
      h = tf.add(h, linear(p, `${b}o`, tf.reshape(tf.transpose(tf.matMul(weights, v), [0, 2, 1, 3]), [batch, length, width])))
      h = tf.add(h, dense(p, `${b}f1`, tf.relu(dense(p, `${b}f0`, normed(p, `${b}n1`, h)))))
    }
    return crossEntropy(tf.reshape(linear(p, "out", normed(p, "nf", h)), [batch * length, -1]), at(data, "yRows"))
  }

const fixedPoint =
  (passing: Passing, n: number): Loss =>
  (p, data) =>
    tf.mean(tf.square(repeat((z) => tf.tanh(tf.add(tf.matMul(z, at(p, "W")), at(data, "x"))), at(data, "z0"), passing, n)))

/** Null where none is written. */
export const lossOf = (model: Model): Loss | null => {
  switch (model.t) {
    case "slate":
      return null
    case "slotAutoencoder":
      return slotAutoencoder(model.passing, model.iterations)
    case "mlp":
      return mlp
    case "recurrent":
      return recurrent
    case "decoder":
      return decoder(model.blocks, model.heads)
    case "fixedPoint":
      return fixedPoint(model.passing, model.iterations)
  }
}

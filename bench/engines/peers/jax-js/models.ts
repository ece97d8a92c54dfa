/** The losses of the training steps in jax-js, unrolled: it has no loops. */
import { lax, nn, numpy as np } from "@jax-js/jax"
import type { Model, Passing } from "../../../workloads/index.js"
import { at } from "../named.js"
import { dense, type JaxArray, linear, type Named, normed } from "./ops.js"

export type Loss = (p: Named, data: Named) => JaxArray

const gru = (p: Named, x: JaxArray, h: JaxArray): JaxArray => {
  const [r, s, n] = np.split(dense(p, "ih", x), 3, -1) as [JaxArray, JaxArray, JaxArray]
  const [hr, hs, hn] = np.split(dense(p, "hh", h.ref), 3, -1) as [JaxArray, JaxArray, JaxArray]
  const candidate = np.tanh(n.add(nn.sigmoid(r.add(hr)).mul(hn)))
  return candidate.ref.add(nn.sigmoid(s.add(hs)).mul(h.sub(candidate)))
}

const crossEntropy = (logits: JaxArray, rows: JaxArray): JaxArray => {
  const count = rows.shape[0] as number
  return np.sum(nn.logSoftmax(logits, -1).mul(rows)).mul(-1 / count)
}

const mlp: Loss = (p, data) => crossEntropy(dense(p, "l1", nn.relu(dense(p, "l0", at(data, "x").ref))), at(data, "yRows").ref)

/** Rows of the sequence come one by one, as x0, x1, ... */
const recurrent: Loss = (p, data) => {
  let h: JaxArray = np.zeros([32, 64])
  for (let i = 0; i < 64; i++) h = gru(p, at(data, `x${i}`).ref, h)
  return np.mean(np.square(h))
}

const decoder =
  (blocks: number, heads: number): Loss =>
  (p, data) => {
    const [batch, length] = [8, 256]
    const width = at(p, "emb").shape[1] as number
    let h = np.matmul(at(data, "xRows").ref, at(p, "emb").ref).reshape([batch, length, width]).add(at(p, "pos").ref)
    const split = (t: JaxArray) => np.transpose(t.reshape([batch, length, heads, width / heads]), [0, 2, 1, 3])
    for (let i = 0; i < blocks; i++) {
      const b = `b${i}.`
      const n = normed(p, `${b}n0`, h.ref)
      const [q, k] = [split(linear(p, `${b}q`, n.ref)), split(linear(p, `${b}k`, n.ref))]
      const v = split(linear(p, `${b}v`, n))
      const scores = np.matmul(q, np.transpose(k, [0, 1, 3, 2])).mul((width / heads) ** -0.5)
      const read = np.matmul(nn.softmax(scores.add(at(data, "mask").ref), -1), v)
      h = h.add(linear(p, `${b}o`, np.transpose(read, [0, 2, 1, 3]).reshape([batch, length, width])))
      h = h.ref.add(dense(p, `${b}f1`, nn.relu(dense(p, `${b}f0`, normed(p, `${b}n1`, h)))))
    }
    return crossEntropy(linear(p, "out", normed(p, "nf", h)).reshape([batch * length, -1]), at(data, "yRows").ref)
  }

const fixedPoint =
  (passing: Passing, n: number): Loss =>
  (p, data) => {
    const f = (z: JaxArray, w: JaxArray) => np.tanh(np.matmul(z, w.ref).add(at(data, "x").ref))
    let z = at(data, "z0").ref
    const w = at(p, "W")
    if (passing === "oneStep") {
      const fixed = lax.stopGradient(w.ref)
      for (let i = 0; i < n; i++) z = f(z, fixed)
      fixed.dispose()
      z = f(lax.stopGradient(z), w)
    } else for (let i = 0; i < n; i++) z = f(z, w)
    return np.mean(np.square(z))
  }

/** Null for what it can't do in a bearable time. */
export const lossOf = (model: Model): Loss | null => {
  switch (model.t) {
    case "slotAutoencoder":
    case "slate":
      return null
    case "mlp":
      return mlp
    case "recurrent":
      return recurrent
    case "decoder":
      return decoder(model.blocks, model.heads)
    case "fixedPoint":
      return model.passing === "exact" ? null : fixedPoint(model.passing, model.iterations)
  }
}

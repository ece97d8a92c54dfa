"""JAX on the CPU: every kernel and every whole training step under jit, state donated. `python jax_engine.py THREADS`."""
import os
import sys

THREADS = int(sys.argv[1])
# XLA takes the size of its pool of threads from the processors that it may use, once, when it starts
os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:THREADS]))
if THREADS == 1:
    os.environ["XLA_FLAGS"] = os.environ.get("XLA_FLAGS", "") + " --xla_cpu_multi_thread_eigen=false"
os.environ["JAX_PLATFORMS"] = "cpu"
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.sparse.linalg import gmres

from serve import Call, serve

RATE, B1, B2, EPS = 4e-4, 0.9, 0.999, 1e-8
relu, sigmoid, softmax = jax.nn.relu, jax.nn.sigmoid, jax.nn.softmax


def conv(x, w, stride=1):
    padding = "SAME" if stride == 1 else "VALID"
    return lax.conv_general_dilated(x, w, (stride, stride), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))


def norm(x, g, b):
    c = x - x.mean(-1, keepdims=True)
    return c * lax.rsqrt((c * c).mean(-1, keepdims=True) + 1e-5) * g + b


def attention(scores, values):
    a = softmax(scores, -1) + 1e-8
    return jnp.einsum("bnk,bnd->bkd", a / a.sum(1, keepdims=True), values)


def kernel_function(workload):
    f, output = workload["function"], workload["output"]
    if f["t"] == "conv":
        zeros = jnp.zeros(output, jnp.float32)
        return {
            "forward": lambda t: conv(t["x"], t["w"]),
            "dx": lambda t: jax.vjp(lambda x: conv(x, t["w"]), zeros)[1](t["g"])[0],
            "dw": lambda t: jax.vjp(lambda w: conv(t["x"], w), zeros)[1](t["g"])[0],
        }[f["pass"]]
    return {
        "matmul": lambda t: t["a"] @ t["b"],
        "chain": lambda t: sigmoid(t["a"] * t["w"] + t["b"]) * t["a"] + 0.5 * jnp.exp(-t["a"] * t["a"]),
        "softmax": lambda t: softmax(t["x"], -1),
        "layerNorm": lambda t: norm(t["x"], t["scale"], t["shift"]),
        "attention": lambda t: attention(t["scores"], t["values"]),
    }[f["t"]]


def kernel(workload, arrays):
    f = jax.jit(kernel_function(workload))
    t = {k: jnp.array(v) for k, v in arrays.items()}
    return Call(lambda: jax.block_until_ready(f(t)), np.asarray)


# models; P are the parameters by their names in the workload


def lin(P, name, x):
    y = x @ P[name + ".w"]
    return y + P[name + ".b"] if name + ".b" in P else y


def ln(P, name, x):
    return norm(x, P[name + ".g"], P[name + ".b"])


def gru(P, prefix, x, z):
    r, s, n = jnp.split(lin(P, prefix + "ih", x), 3, -1)
    hr, hs, hn = jnp.split(lin(P, prefix + "hh", z), 3, -1)
    n = jnp.tanh(n + sigmoid(r + hr) * hn)
    return n + sigmoid(s + hs) * (z - n)


def refine(z, held):
    P, k, v = held
    q = lin(P, "sa.q", ln(P, "sa.ns", z)) * z.shape[-1] ** -0.5
    z = gru(P, "sa.", attention(jnp.einsum("bnd,bkd->bnk", k, q), v), z)
    return z + lin(P, "sa.m1", relu(lin(P, "sa.m0", ln(P, "sa.nm", z))))


def repeated(f, n, z, held):
    return lax.fori_loop(0, n, lambda _, z: f(z, held), z)


def implicit(f, n, **options):
    """n applications; the gradient by the implicit function theorem at the last state, u = J'u + g by GMRES."""

    @jax.custom_vjp
    def solve(z, held):
        return repeated(f, n, z, held)

    def forward(z, held):
        z = repeated(f, n, z, held)
        return z, (z, held)

    def backward(kept, g):
        z, held = kept
        pull = jax.vjp(lambda z: f(z, held), z)[1]
        u, _ = gmres(lambda u: u - pull(u)[0], g, x0=g, **options)
        return jnp.zeros_like(z), jax.vjp(lambda h: f(z, h), held)[1](u)[0]

    solve.defvjp(forward, backward)
    return solve


def solved(f, model, z, held, **options):
    n, stop = model["iterations"], lax.stop_gradient
    if model["passing"] == "unrolled":
        for _ in range(n):
            z = f(z, held)
        return z
    if model["passing"] == "oneStep":
        return f(stop(repeated(f, n, stop(z), stop(held))), held)
    return implicit(f, n, **options)(stop(z), held)


def slot_autoencoder(model, P, d):
    h = d["x"]
    for i in range(4):
        h = relu(conv(h, P[f"enc{i}.w"]) + P[f"enc{i}.b"])
    h = h + lin(P, "epos", d["grid"])
    h = h.reshape(h.shape[0], -1, h.shape[-1])
    h = ln(P, "sa.ni", lin(P, "e1", relu(lin(P, "e0", ln(P, "ln", h)))))
    z = P["sa.mu"] + jnp.exp(P["sa.ls"]) * d["noise"]
    own = {k: w for k, w in P.items() if k.startswith("sa.")}
    z = solved(refine, model, z, (own, lin(P, "sa.k", h), lin(P, "sa.v", h)), restart=20, maxiter=4, tol=1e-5)
    b, n, width = z.shape
    y = z.reshape(-1, 1, 1, width) + lin(P, "dpos", d["grid"])
    for i in range(3):
        y = relu(conv(y, P[f"dec{i}.w"]) + P[f"dec{i}.b"])
    y = (conv(y, P["dec3.w"]) + P["dec3.b"]).reshape(b, n, *y.shape[1:3], 4)
    painted = (y[..., :3] * softmax(y[..., 3:], 1)).sum(1)
    return ((painted - d["x"]) ** 2).mean()


def cross_entropy(logits, classes):
    return -jnp.take_along_axis(jax.nn.log_softmax(logits, -1), classes[..., None], -1).mean()


def mlp(model, P, d):
    return cross_entropy(lin(P, "l1", relu(lin(P, "l0", d["x"]))), d["y"])


def recurrent(model, P, d):
    start = jnp.zeros((d["x"].shape[1], P["hh.w"].shape[0]))
    return (lax.scan(lambda h, x: (gru(P, "", x, h), None), start, d["x"])[0] ** 2).mean()


def decoder(model, P, d):
    h = P["emb"][d["x"]] + P["pos"]
    b, length, width = h.shape
    heads = model["heads"]
    seen = jnp.tril(jnp.ones((length, length), bool))
    for i in range(model["blocks"]):
        at = f"b{i}."
        qkv = lin(P, at + "qkv", ln(P, at + "n0", h)).reshape(b, length, 3, heads, -1)
        q, k, v = qkv[:, :, 0], qkv[:, :, 1], qkv[:, :, 2]
        scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) * (width // heads) ** -0.5
        a = softmax(jnp.where(seen, scores, -1e30), -1)
        h = h + lin(P, at + "o", jnp.einsum("bhqk,bkhd->bqhd", a, v).reshape(b, length, width))
        h = h + lin(P, at + "f1", relu(lin(P, at + "f0", ln(P, at + "n1", h))))
    return cross_entropy(lin(P, "out", ln(P, "nf", h)), d["y"])


def conv_block(P, name, x, stride=1):
    y = conv(x, P[name + ".w"], stride)
    c = y - y.mean((1, 2, 3), keepdims=True)
    return relu(c * lax.rsqrt((c * c).mean((1, 2, 3), keepdims=True) + 1e-5) * P[name + ".g"] + P[name + ".b"])


def pixel_shuffle(x):
    b, h, w, c = x.shape
    return x.reshape(b, h, w, c // 4, 2, 2).transpose(0, 1, 4, 2, 5, 3).reshape(b, 2 * h, 2 * w, c // 4)


def paint(P, y):
    y = conv_block(P, "p0", y)
    for start in (1, 5):
        for i in range(start, start + 4):
            y = conv_block(P, f"p{i}", y)
        y = pixel_shuffle(y)
    return conv(y, P["p9.w"]) + P["p9.b"]


def by_head(x, heads):
    return x.reshape(*x.shape[:2], heads, -1)


def read(q, k, v, seen=None):
    scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) * q.shape[-1] ** -0.5
    a = softmax(scores if seen is None else jnp.where(seen, scores, -1e30), -1)
    return jnp.einsum("bhqk,bkhd->bqhd", a, v).reshape(*q.shape[:2], -1)


def tell(model, P, x, slots):
    heads = model["heads"]
    seen = jnp.tril(jnp.ones((x.shape[1], x.shape[1]), bool))
    for i in range(model["blocks"]):
        at = f"b{i}."
        h = ln(P, at + "n0", x)
        q, k, v = (by_head(t, heads) for t in jnp.split(lin(P, at + "qkv", h), 3, -1))
        x = (h if i == 0 else x) + lin(P, at + "o", read(q, k, v, seen))
        q = by_head(lin(P, at + "cq", ln(P, at + "n1", x)), heads)
        k, v = (by_head(lin(P, at + part, slots), heads) for part in ("ck", "cv"))
        x = x + lin(P, at + "co", read(q, k, v))
        x = x + lin(P, at + "f1", relu(lin(P, at + "f0", ln(P, at + "n2", x))))
    return lin(P, "out", ln(P, "nf", x))


def slate(model, P, d):
    x = d["x"]
    y = conv_block(P, "e0", x, 4)
    for i in range(1, 7):
        y = conv_block(P, f"e{i}", y)
    scores = conv(y, P["e7.w"]) + P["e7.b"]
    soft = softmax((jax.nn.log_softmax(scores, -1) + d["soft"]) / model["temperature"], -1)
    squared = ((paint(P, soft) - x) ** 2).sum() / len(x)
    words = (lax.stop_gradient(scores) + d["drawn"]).argmax(-1).reshape(len(x), -1)
    vectors = P["emb"][jnp.pad(words + 1, ((0, 0), (1, 0)))] + P["pos"]
    h = lin(P, "s1", relu(lin(P, "s0", ln(P, "s.n", vectors[:, 1:]))))
    h = ln(P, "sa.ni", h)
    z = P["sa.mu"] + jnp.exp(P["sa.ls"]) * d["noise"]
    own = {k: w for k, w in P.items() if k.startswith("sa.")}
    z = solved(refine, model, z, (own, lin(P, "sa.k", h), lin(P, "sa.v", h)))
    told = tell(model, P, vectors[:, :-1], lin(P, "so", z))
    return squared + words.shape[1] * cross_entropy(told, words)


def fixed_point(model, P, d):
    f = lambda z, held: jnp.tanh(z @ held[0] + held[1])
    z = solved(f, model, d["z0"], (P["W"], d["x"]), restart=20, maxiter=4, tol=1e-5)
    return (z**2).mean()


LOSSES = {
    "slotAutoencoder": slot_autoencoder,
    "mlp": mlp,
    "recurrent": recurrent,
    "decoder": decoder,
    "slate": slate,
    "fixedPoint": fixed_point,
}


def adam_step(loss):
    def step(state, d):
        P, M, V, t = state
        value, G = jax.value_and_grad(loss)(P, d)
        t = t + 1
        M = jax.tree.map(lambda m, g: B1 * m + (1 - B1) * g, M, G)
        V = jax.tree.map(lambda v, g: B2 * v + (1 - B2) * g * g, V, G)
        rate, root = RATE / (1 - B1**t), jnp.sqrt(1 - B2**t)
        P = jax.tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + EPS), P, M, V)
        return (P, M, V, t), value

    return jax.jit(step, donate_argnums=0)


def training(workload, arrays):
    model = workload["model"]
    P = {k: arrays[k] for k in workload["params"]}
    for i in range(model.get("blocks", 0)):
        P[f"b{i}.qkv.w"] = np.concatenate([P.pop(f"b{i}.{part}.w") for part in "qkv"], 1)
    zeros = lambda: {k: jnp.zeros_like(v) for k, v in P.items()}
    state = [({k: jnp.array(v) for k, v in P.items()}, zeros(), zeros(), jnp.float32(0))]
    d = {k: jnp.array(arrays[k]) for k in workload["data"]}
    step = adam_step(lambda P, d: LOSSES[model["t"]](model, P, d))

    def run():
        state[0], value = jax.block_until_ready(step(state[0], d))
        return value

    return Call(run, float)


serve(jax.__version__, lambda w, arrays: (kernel if w["kind"] == "kernel" else training)(w, arrays))

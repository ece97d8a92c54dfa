"""PyTorch on the CPU, eager, images channels-last. `python torch_engine.py THREADS`."""
import sys

import torch
import torch.nn.functional as F

from serve import Call, serve

THREADS = int(sys.argv[1])
torch.set_num_threads(THREADS)
torch.set_num_interop_threads(1)
ADAM = dict(lr=4e-4, betas=(0.9, 0.999), eps=1e-8)
LAST = torch.channels_last


def image(x):
    """[N, H, W, C] as torch's [N, C, H, W], the same order in memory."""
    return torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(memory_format=LAST)


def kernel_weights(w):
    return torch.from_numpy(w).permute(3, 2, 0, 1).contiguous(memory_format=LAST)


# kernels


def conv_kernel(which, t):
    if which == "forward":
        x, w = image(t["x"]), kernel_weights(t["w"])
        return lambda: F.conv2d(x, w, padding=w.shape[-1] // 2), lambda y: y.permute(0, 2, 3, 1)
    g = image(t["g"])
    if which == "dx":
        w = kernel_weights(t["w"])
        x = torch.zeros(g.shape[0], w.shape[1], *g.shape[2:]).contiguous(memory_format=LAST)
        back = lambda y: y.permute(0, 2, 3, 1)
    else:
        x = image(t["x"])
        w = torch.zeros(g.shape[1], x.shape[1], *t["size"]).contiguous(memory_format=LAST)
        back = lambda y: y.permute(2, 3, 1, 0)
    pad, mask = w.shape[-1] // 2, [which == "dx", which == "dw", False]
    backward = torch.ops.aten.convolution_backward
    run = lambda: backward(g, x, w, [0], [1, 1], [pad, pad], [1, 1], False, [0, 0], 1, mask)[0 if which == "dx" else 1]
    return run, back


def attention(scores, values):
    a = torch.softmax(scores, -1) + 1e-8
    return torch.bmm((a / a.sum(1, keepdim=True)).transpose(1, 2), values)


def kernel(workload, arrays):
    f = workload["function"]
    same = lambda y: y
    if f["t"] == "conv":
        run, back = conv_kernel(f["pass"], {**arrays, "size": workload["output"][:2]})
    else:
        t = {k: torch.from_numpy(v) for k, v in arrays.items()}
        run, back = {
            "matmul": lambda: t["a"] @ t["b"],
            "chain": lambda: torch.sigmoid(t["a"] * t["w"] + t["b"]) * t["a"] + 0.5 * torch.exp(-t["a"] * t["a"]),
            "softmax": lambda: torch.softmax(t["x"], -1),
            "layerNorm": lambda: F.layer_norm(t["x"], t["x"].shape[-1:], t["scale"], t["shift"], 1e-5),
            "attention": lambda: attention(t["scores"], t["values"]),
        }[f["t"]], same
    def quiet():
        with torch.no_grad():
            return run()
    return Call(quiet, lambda y: back(y).contiguous().numpy())


# models; P are the parameters by their names in the workload


def lin(P, name, x):
    return F.linear(x, P[name + ".w"], P.get(name + ".b"))


def ln(P, name, x):
    return F.layer_norm(x, x.shape[-1:], P[name + ".g"], P[name + ".b"], 1e-5)


def refine(P, z, k, v):
    b, n, d = z.shape
    q = lin(P, "sa.q", ln(P, "sa.ns", z)) * d**-0.5
    a = torch.softmax(torch.bmm(k, q.transpose(1, 2)), -1) + 1e-8
    u = torch.bmm((a / a.sum(1, keepdim=True)).transpose(1, 2), v)
    weights = [P["sa.ih.w"], P["sa.hh.w"], P["sa.ih.b"], P["sa.hh.b"]]
    z = torch.gru_cell(u.reshape(-1, d), z.reshape(-1, d), *weights).view(b, n, d)
    return z + lin(P, "sa.m1", F.relu(lin(P, "sa.m0", ln(P, "sa.nm", z))))


def repeat(f, z, passing, n):
    """n applications that the gradient passes, or n that it does not and one that it does."""
    if passing == "oneStep":
        with torch.no_grad():
            for _ in range(n):
                z = f(z)
        return f(z.detach())
    for _ in range(n):
        z = f(z)
    return z


def slot_autoencoder(model, P, d):
    h = d["x"]
    for i in range(4):
        h = F.relu(F.conv2d(h, P[f"enc{i}.w"], P[f"enc{i}.b"], padding=2))
    h = (h.permute(0, 2, 3, 1) + lin(P, "epos", d["grid"])).flatten(1, 2)
    h = ln(P, "sa.ni", lin(P, "e1", F.relu(lin(P, "e0", ln(P, "ln", h)))))
    k, v = lin(P, "sa.k", h), lin(P, "sa.v", h)
    z = P["sa.mu"] + P["sa.ls"].exp() * d["noise"]
    z = repeat(lambda z: refine(P, z, k, v), z, model["passing"], model["iterations"])
    b, n, width = z.shape
    y = (z.reshape(-1, 1, 1, width) + lin(P, "dpos", d["grid"])).permute(0, 3, 1, 2)
    for i in range(3):
        y = F.relu(F.conv2d(y, P[f"dec{i}.w"], P[f"dec{i}.b"], padding=2))
    y = F.conv2d(y, P["dec3.w"], P["dec3.b"], padding=1).unflatten(0, (b, n))
    painted = (y[:, :, :3] * torch.softmax(y[:, :, 3:], 1)).sum(1)
    return ((painted - d["x"]) ** 2).mean()


def mlp(model, P, d):
    return F.cross_entropy(lin(P, "l1", F.relu(lin(P, "l0", d["x"]))), d["y"])


def recurrent(model, P, d):
    weights = [P["ih.w"], P["hh.w"], P["ih.b"], P["hh.b"]]
    h0 = torch.zeros(1, d["x"].shape[1], P["hh.w"].shape[1])
    return (torch.gru(d["x"], h0, weights, True, 1, 0.0, True, False, False)[1] ** 2).mean()


def decoder(model, P, d):
    h = F.embedding(d["x"], P["emb"]) + P["pos"]
    b, length, width = h.shape
    heads = model["heads"]
    for i in range(model["blocks"]):
        at = f"b{i}."
        qkv = lin(P, at + "qkv", ln(P, at + "n0", h)).view(b, length, 3, heads, width // heads)
        o = F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4), is_causal=True)
        h = h + lin(P, at + "o", o.transpose(1, 2).reshape(b, length, width))
        h = h + lin(P, at + "f1", F.relu(lin(P, at + "f0", ln(P, at + "n1", h))))
    return F.cross_entropy(lin(P, "out", ln(P, "nf", h)).flatten(0, 1), d["y"].flatten())


def conv_block(P, name, x, stride=1):
    w = P[name + ".w"]
    y = F.conv2d(x, w, stride=stride, padding=w.shape[-1] // 2 if stride == 1 else 0)
    return F.relu(F.group_norm(y, 1, P[name + ".g"], P[name + ".b"], 1e-5))


def paint(P, y):
    y = conv_block(P, "p0", y)
    for start in (1, 5):
        for i in range(start, start + 4):
            y = conv_block(P, f"p{i}", y)
        y = F.pixel_shuffle(y, 2)
    return F.conv2d(y, P["p9.w"], P["p9.b"])


def by_head(x, heads):
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def tell(model, P, x, slots):
    heads = model["heads"]
    for i in range(model["blocks"]):
        at = f"b{i}."
        h = ln(P, at + "n0", x)
        qkv = lin(P, at + "qkv", h).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
        o = F.scaled_dot_product_attention(*qkv, is_causal=True)
        x = (h if i == 0 else x) + lin(P, at + "o", o.transpose(1, 2).flatten(2))
        q = by_head(lin(P, at + "cq", ln(P, at + "n1", x)), heads)
        k, v = (by_head(lin(P, at + part, slots), heads) for part in ("ck", "cv"))
        x = x + lin(P, at + "co", F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))
        x = x + lin(P, at + "f1", F.relu(lin(P, at + "f0", ln(P, at + "n2", x))))
    return lin(P, "out", ln(P, "nf", x))


def slate(model, P, d):
    x = d["x"]
    y = conv_block(P, "e0", x, 4)
    for i in range(1, 7):
        y = conv_block(P, f"e{i}", y)
    scores = F.conv2d(y, P["e7.w"], P["e7.b"]).permute(0, 2, 3, 1)
    soft = torch.softmax((F.log_softmax(scores, -1) + d["soft"]) / model["temperature"], -1)
    squared = (paint(P, soft.permute(0, 3, 1, 2)) - x).square().sum() / len(x)
    words = (scores.detach() + d["drawn"]).argmax(-1).flatten(1)
    vectors = F.embedding(F.pad(words + 1, (1, 0)), P["emb"]) + P["pos"]
    h = lin(P, "s1", F.relu(lin(P, "s0", ln(P, "s.n", vectors[:, 1:]))))
    h = ln(P, "sa.ni", h)
    k, v = lin(P, "sa.k", h), lin(P, "sa.v", h)
    z = P["sa.mu"] + P["sa.ls"].exp() * d["noise"]
    z = repeat(lambda z: refine(P, z, k, v), z, model["passing"], model["iterations"])
    told = tell(model, P, vectors[:, :-1], lin(P, "so", z))
    return squared + F.cross_entropy(told.flatten(0, 1), words.flatten(), reduction="sum") / len(x)


def fixed_point(model, P, d):
    z = repeat(lambda z: torch.tanh(z @ P["W"] + d["x"]), d["z0"], model["passing"], model["iterations"])
    return (z**2).mean()


LOSSES = {
    "slotAutoencoder": slot_autoencoder,
    "mlp": mlp,
    "recurrent": recurrent,
    "decoder": decoder,
    "slate": slate,
    "fixedPoint": fixed_point,
}


def parameter(name, w):
    if w.ndim == 4:
        return kernel_weights(w)
    return torch.from_numpy(w).t().contiguous() if w.ndim == 2 and name.endswith(".w") else torch.from_numpy(w)


def joined(P, blocks):
    """Queries, keys and values as one product, as PyTorch's own layer has them."""
    for i in range(blocks):
        P[f"b{i}.qkv.w"] = torch.cat([P.pop(f"b{i}.{part}.w") for part in "qkv"])
    return P


def training(workload, arrays):
    model, names = workload["model"], workload["params"]
    if model.get("passing") == "exact":
        raise NotImplementedError("PyTorch has no implicit differentiation")
    P = joined({k: parameter(k, arrays[k]) for k in names}, model.get("blocks", 0))
    P = {k: v.requires_grad_() for k, v in P.items()}
    data = {k: arrays[k] for k in workload["data"]}
    d = {k: torch.from_numpy(v).long() if v.dtype.kind == "i" else torch.from_numpy(v) for k, v in data.items()}
    if model["t"] in ("slotAutoencoder", "slate"):
        d["x"] = image(data["x"])
    optimiser = torch.optim.Adam(list(P.values()), fused=True, **ADAM)
    loss = LOSSES[model["t"]]

    def step():
        optimiser.zero_grad(set_to_none=True)
        value = loss(model, P, d)
        value.backward()
        optimiser.step()
        return value.detach()

    return Call(step, float)


serve(torch.__version__, lambda w, arrays: (kernel if w["kind"] == "kernel" else training)(w, arrays))

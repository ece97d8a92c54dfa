"""SLATE and its blocks in PyTorch and float64, written from the equations alone: values and gradients for given parameters and noise."""
import json
import sys

import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)


def leaf(node, path, leaves):
    if node is None:
        return None
    if isinstance(node, dict) and "values" in node:
        t = torch.tensor(node["values"], dtype=torch.float64).reshape(node["shape"]).requires_grad_(True)
        leaves[path] = t
        return t
    if isinstance(node, dict):
        return {k: leaf(v, f"{path}.{k}" if path else k, leaves) for k, v in node.items()}
    return [leaf(v, f"{path}.{i}", leaves) for i, v in enumerate(node)]


def layer_norm(x, p, eps=1e-5):
    return F.layer_norm(x, (x.shape[-1],), p["scale"], p["shift"], eps)


def linear(x, p):
    y = x @ p["w"]
    return y if p["b"] is None else y + p["b"]


def conv(x, w, stride):
    """Images with channels last; kernels [side, side, in, out]."""
    side = w.shape[0]
    padding = side // 2 if stride == 1 else 0
    return F.conv2d(x.permute(0, 3, 1, 2), w.permute(3, 2, 0, 1), stride=stride, padding=padding).permute(0, 2, 3, 1)


def conv_block(x, p, stride=1):
    y = conv(x, p["w"], stride)
    y = F.group_norm(y.permute(0, 3, 1, 2), 1, p["norm"]["scale"], p["norm"]["shift"], 1e-5)
    return torch.relu(y).permute(0, 2, 3, 1)


def encode(x, parts):
    y = conv_block(x, parts[0], 4)
    for p in parts[1:7]:
        y = conv_block(y, p)
    return conv(y, parts[7]["w"], 1) + parts[7]["b"]


def shuffle(x):
    return F.pixel_shuffle(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)


def paint(x, parts):
    y = conv_block(x, parts[0])
    for start in (1, 6):
        for p in parts[start : start + 4]:
            y = conv_block(y, p)
        y = shuffle(y)
    return conv(y, parts[11]["w"], 1) + parts[11]["b"]


def gru(u, h, p):
    """Columns of both matrices: reset, update, candidate."""
    given, kept = u @ p["w"] + p["b"], h @ p["u"] + p["c"]
    (r0, s0, n0), (r1, s1, n1) = given.chunk(3, -1), kept.chunk(3, -1)
    reset, update = torch.sigmoid(r0 + r1), torch.sigmoid(s0 + s1)
    candidate = torch.tanh(n0 + reset * n1)
    return (1 - update) * candidate + update * h


def slot_cell(z, k, v, p, heads):
    batch, count, width = z.shape
    size = width // heads
    q = layer_norm(z, p["normSlots"]) @ p["query"] * size**-0.5
    scores = torch.einsum("bkhd,bnhd->bhkn", q.view(batch, count, heads, size), k.view(batch, -1, heads, size))
    flat = scores.reshape(batch, heads * count, -1).softmax(1).reshape(scores.shape)
    weights = flat + 1e-8
    weights = weights / weights.sum(-1, keepdim=True)
    u = torch.einsum("bhkn,bnhd->bkhd", weights, v.view(batch, -1, heads, size)).reshape(z.shape)
    z = gru(u, z, p["gru"])
    h = linear(torch.relu(linear(layer_norm(z, p["normHidden"]), p["mlp"][0])), p["mlp"][1])
    return z + h, flat.sum(1)


def with_adjoint(step, z, terms):
    """
    The gradient of `step` at z with u = sum over i < terms of (J')^i g, or (I - J')^-1 g where terms is None. The value is step(z), as in
    the paper's listing; of the exact gradient it is z.
    """
    point = z.detach().requires_grad_(True)
    after = step(point)

    def hook(g):
        total, power = g.clone(), g
        if terms is None:
            size = point.numel()
            jacobian = torch.autograd.functional.jacobian(step, point.detach()).reshape(size, size)
            return torch.linalg.solve(torch.eye(size) - jacobian.T, g.reshape(-1)).reshape(g.shape)
        for _ in range(terms - 1):
            (power,) = torch.autograd.grad(after, point, power, retain_graph=True)
            total = total + power
        return total

    again = step(z.detach())
    if again.requires_grad:
        again.register_hook(hook)
    return again if terms is not None else z.detach() + again - again.detach()


def slots_of(x, noise, p, spec):
    heads, variant, n = spec["heads"], spec["variant"], spec["iterations"]
    normed = layer_norm(x, p["norm"])
    k, v = normed @ p["key"], normed @ p["value"]
    z = p["mu"] + torch.exp(p["logSigma"]) * noise

    def step(s):
        return slot_cell(s, k, v, p["cell"], heads)[0]

    if variant == "unrolled":
        for _ in range(n):
            z = step(z)
    elif variant == "truncated":
        with torch.no_grad():
            for _ in range(n - 1):
                z = step(z)
        z = step(z)
    else:
        with torch.no_grad():
            for _ in range(n):
                z = step(z)
        z = with_adjoint(step, z, {"oneStep": 1, "neumann": 4, "exact": None}[variant])
    return z, slot_cell(z, k, v, p["cell"], heads)[1]


def attention(queries, memory, p, heads, causal):
    def by_head(t):
        return t.view(t.shape[0], t.shape[1], heads, -1).transpose(1, 2)

    q, k, v = by_head(queries @ p["query"]), by_head(memory @ p["key"]), by_head(memory @ p["value"])
    scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
    if causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), float("-inf"))
    return (scores.softmax(-1) @ v).transpose(1, 2).reshape(queries.shape) @ p["output"]


def decode(x, slots, p, spec):
    heads = spec["decoderHeads"]
    for i, b in enumerate(p["blocks"]):
        normed = layer_norm(x, b["selfNorm"])
        x = (normed if i == 0 and spec["normalisedStart"] else x) + attention(normed, normed, b["self"], heads, True)
        x = x + attention(layer_norm(x, b["crossNorm"]), slots, b["cross"], heads, False)
        x = x + linear(torch.relu(linear(layer_norm(x, b["networkNorm"]), b["network"][0])), b["network"][1])
    return layer_norm(x, p["norm"]) @ p["output"]


def slate(p, given, spec):
    images, words = given["images"].detach(), given["words"].detach().long()
    logits = encode(images, p["dvae"]["encoder"])
    soft = ((logits.log_softmax(-1) + given["gumbel"].detach()) / spec["temperature"]).softmax(-1)
    if spec["hard"]:
        one = F.one_hot(soft.argmax(-1), soft.shape[-1]).to(soft.dtype)
        soft = one - soft.detach() + soft
    reconstruction = paint(soft, p["dvae"]["decoder"])
    rows = torch.cat([torch.zeros(len(words), 1, dtype=torch.long), words + 1], 1)
    vectors = p["words"]["table"][rows] + p["words"]["places"]
    norm, first, second = p["slotInput"]
    inputs = linear(torch.relu(linear(layer_norm(vectors[:, 1:], norm), first)), second)
    slots, seen = slots_of(inputs, given["noise"].detach(), p["attention"], spec)
    scores = decode(vectors[:, :-1], linear(slots, p["slotOutput"]), p["decoder"], spec)
    squared = (reconstruction - images).square().sum() / len(images)
    entropy = -scores.log_softmax(-1).gather(-1, words[..., None]).sum() / len(images)
    outputs = {"reconstruction": reconstruction, "scores": scores, "slots": slots, "attention": seen, "loss": squared + entropy}
    return squared + entropy, outputs


def main():
    with open(sys.argv[1]) as f:
        asked = json.load(f)
    leaves = {}
    params = leaf(asked["params"], "", leaves)
    given = leaf(asked["given"], "given", {})
    loss, outputs = slate(params, given, asked["spec"])
    loss.backward()
    answer = {
        "outputs": {k: v.detach().reshape(-1).tolist() for k, v in outputs.items()},
        "gradients": {k: (torch.zeros_like(t) if t.grad is None else t.grad).reshape(-1).tolist() for k, t in leaves.items()},
    }
    with open(sys.argv[2], "w") as f:
        json.dump(answer, f)


main()

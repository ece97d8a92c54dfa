"""Evaluates Stillpoint's graphs (the JSON of `encodeGraph`) with JAX in float64, and differentiates them with jax.grad.

usage: evaluate.py CASES.json RESULTS.json

Each op is written by what it means, with jax.numpy and jax.lax; no derivative rule of Stillpoint's is used. A key is four
16-bit limbs on a last axis. Numbers that JSON lacks are {"$number": "NaN"} and the like, bodies are {"$graph": ...}.
"""

import json
import math
import os
import string
import sys

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np
from jax import lax

DTYPES = {kind: np.dtype(name) for kind, name in {"float": "float64", "int": "int32", "bool": "bool", "key": "int32"}.items()}
LIMBS = 4

# An op's name -> (parameters, inputs, kinds of the inputs) -> outputs.
RULES = {}


def rule(name):
    def keep(f):
        RULES[name] = f
        return f

    return keep


def pointwise(name, f):
    RULES[name] = lambda _params, xs, _kinds: (f(*xs),)


def physical_shape(kind, shape):
    return tuple(shape) + ((LIMBS,) if kind == "key" else ())


def run(graph, inputs):
    """The outputs of a graph, as a tuple."""
    types = graph["types"]
    values = dict(enumerate(inputs))
    for equation in graph["equations"]:
        name, places = equation["op"], equation["inputs"]
        if name not in RULES:
            raise NotImplementedError(f'there is no op "{name}" in evaluate.py')
        kinds = [types[v]["elem"] for v in places]
        results = RULES[name](equation["params"], [values[v] for v in places], kinds)
        for v, y in zip(equation["outputs"], results, strict=True):
            kind, shape = types[v]["elem"], physical_shape(types[v]["elem"], types[v]["shape"])
            if y.shape != shape or y.dtype != DTYPES[kind]:
                raise TypeError(f"{name}: expected {kind}{list(shape)}, JAX gives {y.dtype}{list(y.shape)}")
            values[v] = y
    return tuple(values[v] for v in graph["outputs"])


# Point by point.

pointwise("add", jnp.add)
pointwise("sub", jnp.subtract)
pointwise("mul", jnp.multiply)
pointwise("div", jnp.divide)
pointwise("neg", jnp.negative)
pointwise("exp", jnp.exp)
pointwise("log", jnp.log)
pointwise("tanh", jnp.tanh)
pointwise("sqrt", jnp.sqrt)
pointwise("sin", jnp.sin)
pointwise("cos", jnp.cos)
pointwise("less", jnp.less)
pointwise("lessEqual", jnp.less_equal)
pointwise("equal", jnp.equal)
pointwise("and", jnp.logical_and)
pointwise("or", jnp.logical_or)
pointwise("not", jnp.logical_not)
pointwise("isFinite", jnp.isfinite)
pointwise("stopGradient", lax.stop_gradient)
pointwise("tap", lambda x: x)


@rule("select")
def select(_params, xs, kinds):
    c, a, b = xs
    return (jnp.where(c[..., None] if kinds[1] == "key" else c, a, b),)


@rule("cast")
def cast(params, xs, kinds):
    (x,) = xs
    to = params["to"]
    if to == "bool":
        return (x != 0,)
    if to == "int" and kinds[0] == "float":
        x = jnp.trunc(x)
    return (x.astype(DTYPES[to]),)


# Numbers that are part of a program.


@rule("literal")
def literal(params, _xs, _kinds):
    kind = params["elem"]
    return (jnp.full(physical_shape(kind, ()), params["value"], DTYPES[kind]),)


@rule("epsilon")
def epsilon(_params, _xs, _kinds):
    return (jnp.asarray(2.0**-52, DTYPES["float"]),)


@rule("iota")
def iota(params, _xs, _kinds):
    return (jnp.arange(params["length"], dtype=DTYPES["int"]),)


# The same elements under other indices. An axis of limbs stays the last.


@rule("broadcast")
def broadcast(params, xs, kinds):
    shape, dims = params["shape"], params["dims"]
    if kinds[0] == "key":
        dims = [*dims, len(shape)]
    return (lax.broadcast_in_dim(xs[0], physical_shape(kinds[0], shape), tuple(dims)),)


@rule("reshape")
def reshape(params, xs, kinds):
    return (jnp.reshape(xs[0], physical_shape(kinds[0], params["shape"])),)


@rule("permute")
def permute(params, xs, kinds):
    order = params["order"]
    return (jnp.transpose(xs[0], [*order, len(order)] if kinds[0] == "key" else order),)


@rule("slice")
def slice_(params, xs, kinds):
    start, size, stride = list(params["start"]), list(params["size"]), list(params["stride"])
    if kinds[0] == "key":
        start, size, stride = [*start, 0], [*size, LIMBS], [*stride, 1]
    limit = [a if n == 0 else a + (n - 1) * s + 1 for a, n, s in zip(start, size, stride)]
    return (lax.slice(xs[0], start, limit, stride),)


@rule("pad")
def pad(params, xs, kinds):
    widths = list(zip(params["low"], params["high"], params["between"]))
    if kinds[0] == "key":
        widths.append((0, 0, 0))
    return (lax.pad(xs[0], jnp.zeros((), xs[0].dtype), widths),)


# Reductions and contractions.


@rule("sum")
def sum_(params, xs, _kinds):
    (x,) = xs
    return (jnp.sum(x, axis=tuple(params["axes"]), dtype=x.dtype) if params["axes"] else x,)


@rule("max")
def max_(params, xs, _kinds):
    (x,) = xs
    axes = tuple(params["axes"])
    if math.prod(x.shape[a] for a in axes) == 0:
        # of nothing; jnp.max refuses
        return (jnp.full(tuple(d for i, d in enumerate(x.shape) if i not in axes), -np.inf, x.dtype),)
    return (jnp.max(x, axis=axes) if axes else x,)


def notation(operands, out):
    """Labels of any kind as einsum's letters."""
    letters = {}

    def word(labels):
        return "".join(letters.setdefault(label, string.ascii_letters[len(letters)]) for label in labels)

    return ",".join([word(labels) for labels in operands]) + "->" + word(out)


@rule("einsum")
def einsum(params, xs, _kinds):
    left, right, out = params["left"], params["right"], params["out"]
    if not left or not right:
        # a scalar with a tensor, all of whose labels are in the result
        labels = left or right
        return (jnp.transpose(xs[0] * xs[1], [labels.index(label) for label in out]),)
    return (jnp.einsum(notation([left, right], out), *xs),)


@rule("conv")
def conv(params, xs, _kinds):
    # the index relation itself, as a tensor of zeros and ones in i, o and k for each spatial dimension
    def labels(axes):
        return [x if isinstance(x, int) else (x["role"], x["dim"]) for x in axes]

    operands, arrays = [labels(params["left"]), labels(params["right"])], list(xs)
    for n, dim in enumerate(params["dims"]):
        size = dim["size"]
        i = np.arange(size["i"])[:, None, None]
        o = np.arange(size["o"])[None, :, None]
        k = np.arange(size["k"])[None, None, :]
        operands.append([("i", n), ("o", n), ("k", n)])
        arrays.append(jnp.asarray(dim["a"] * i == dim["s"] * o + dim["d"] * k - dim["p"], DTYPES["float"]))
    return (jnp.einsum(notation(operands, labels(params["out"])), *arrays),)


# Indices that depend on data. JAX wraps negative ones, so none is left.


def rows_at(x, indices):
    n = x.shape[0]
    if n == 0:
        return jnp.zeros(indices.shape + x.shape[1:], x.dtype)
    rows = jnp.take(x, jnp.clip(indices, 0, n - 1), axis=0, mode="clip")
    inside = (indices >= 0) & (indices < n)
    return jnp.where(jnp.reshape(inside, indices.shape + (1,) * (x.ndim - 1)), rows, jnp.zeros((), x.dtype))


def rows_added(size, updates, indices):
    # `size` is out of range and dropped
    places = jnp.where((indices >= 0) & (indices < size), indices, size)
    zeros = jnp.zeros((size,) + updates.shape[indices.ndim :], updates.dtype)
    return zeros.at[places].add(updates, mode="drop")


def over_shared(f, shared):
    for _ in range(shared):
        f = jax.vmap(f)
    return f


@rule("gather")
def gather(params, xs, _kinds):
    return (over_shared(rows_at, params["shared"])(*xs),)


@rule("scatterAdd")
def scatter_add(params, xs, _kinds):
    return (over_shared(lambda u, i: rows_added(params["size"], u, i), params["shared"])(*xs),)


@rule("sort")
def sort(_params, xs, _kinds):
    (x,) = xs
    positions = jnp.argsort(lax.stop_gradient(x), axis=-1)  # stable, NaN last
    return jnp.take_along_axis(x, positions, axis=-1), positions.astype(DTYPES["int"])


# Random bits, by JAX's own generator.


def words_of(limbs):
    h = limbs.astype(jnp.uint32)
    return jnp.stack([(h[..., 0] << 16) | h[..., 1], (h[..., 2] << 16) | h[..., 3]], axis=-1)


def limbs_of(*words):
    return jnp.stack([half for w in words for half in (w >> 16, w & 0xFFFF)], axis=-1).astype(DTYPES["int"])


@rule("threefry")
def threefry(_params, xs, _kinds):
    limbs, count = xs
    keys = jax.random.wrap_key_data(jnp.reshape(words_of(limbs), (-1, 2)), impl="threefry2x32")
    folded = jax.vmap(jax.random.fold_in)(keys, jnp.reshape(count, (-1,)).astype(jnp.uint32))
    words = jax.random.key_data(folded)
    return (jnp.reshape(limbs_of(words[:, 0], words[:, 1]), limbs.shape),)


@rule("keyBits")
def key_bits(_params, xs, _kinds):
    words = words_of(xs[0])
    return (limbs_of(words[..., 0] ^ words[..., 1]),)


# Control.


@rule("scan")
def scan(params, xs, _kinds):
    constants, carry = params["constants"], params["carry"]
    shared, start, rows = xs[:constants], xs[constants : constants + carry], xs[constants + carry :]

    def turn(state, row):
        outputs = run(params["body"], [*shared, *state, *row])
        return outputs[:carry], outputs[carry:]

    end, stacked = lax.scan(turn, tuple(start), tuple(rows), length=params["length"], reverse=params["reverse"])
    return (*end, *stacked)


def without_rows(name, params):
    if params["rows"] != 0:
        raise NotImplementedError(f"{name} with a row predicate (after vmap) is not in evaluate.py")


@rule("while")
def while_(params, xs, _kinds):
    without_rows("while", params)
    constants = len(params["constants"])
    shared, start = xs[:constants], tuple(xs[constants:])
    return lax.while_loop(
        lambda state: run(params["condition"], [*shared, *state])[0],
        lambda state: run(params["body"], [*shared, *state]),
        start,
    )


@rule("cond")
def cond(params, xs, _kinds):
    without_rows("cond", params)
    predicate, *operands = xs
    return lax.cond(
        predicate,
        lambda *given: run(params["whenTrue"], given),
        lambda *given: run(params["whenFalse"], given),
        *operands,
    )


@rule("checkpoint")
def checkpoint(params, xs, _kinds):
    return jax.checkpoint(lambda *given: run(params["body"], given))(*xs)


# Files.


def plain(x):
    """What an object of the JSON stands for."""
    if "$number" in x:
        return float(x["$number"])
    return x["$graph"] if "$graph" in x else x


def numbers(x):
    flat = np.asarray(x, np.float64).ravel().tolist()
    return [n if math.isfinite(n) else {"$number": str(n)} for n in flat]


def evaluate(case):
    """The value of a case's first output, and its gradients in the inputs that are active."""
    graph, active = case["graph"]["graph"], case["active"]
    inputs = [
        jnp.asarray(np.reshape(np.asarray(data, np.float64), physical_shape(t["elem"], t["shape"])), DTYPES[t["elem"]])
        for data, t in zip(case["inputs"], graph["types"][: graph["inputs"]], strict=True)
    ]

    def loss(*floats):
        given = list(inputs)
        for place, x in zip(active, floats, strict=True):
            given[place] = x
        return run(graph, given)[0]

    if not active:
        return {"value": numbers(loss()), "gradients": []}
    value, gradients = jax.value_and_grad(loss, argnums=tuple(range(len(active))))(*[inputs[i] for i in active])
    return {"value": numbers(value), "gradients": [numbers(g) for g in gradients]}


def outcome(case):
    try:
        return evaluate(case)
    except Exception as error:  # one case that fails should not hide the others
        return {"error": f"{type(error).__name__}: {error}"}


def main(cases_path, results_path):
    with open(cases_path, encoding="utf-8") as file:
        cases = json.load(file, object_hook=plain)
    results = {"version": jax.__version__, "results": [outcome(case) for case in cases]}
    with open(results_path, "w", encoding="utf-8") as file:
        json.dump(results, file, allow_nan=False)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])

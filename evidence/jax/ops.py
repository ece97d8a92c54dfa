"""Rules of ops that compute: each is written by what it means, with jax.numpy and jax.lax.

A key is four 16-bit limbs on a last axis.
"""

import math
import string

from graphs import DTYPES, LIMBS, jax, physical_shape, pointwise, rule  # first, since it configures JAX

import jax.numpy as jnp
import numpy as np
from jax import lax

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
pointwise("pow", jnp.power)
pointwise("erf", jax.scipy.special.erf)
pointwise("erfc", jax.scipy.special.erfc)
pointwise("erfInv", jax.scipy.special.erfinv)
pointwise("expm1", jnp.expm1)
pointwise("log1p", jnp.log1p)
pointwise("exp2", jnp.exp2)
pointwise("sigmoid", jax.nn.sigmoid)
pointwise("softplus", jax.nn.softplus)
pointwise("logaddexp", jnp.logaddexp)
pointwise("maximum", jnp.maximum)
pointwise("sinh", jnp.sinh)
pointwise("cosh", jnp.cosh)
pointwise("asinh", jnp.arcsinh)
pointwise("acosh", jnp.arccosh)
pointwise("atanh", jnp.arctanh)
pointwise("floor", jnp.floor)
pointwise("asin", jnp.arcsin)
pointwise("acos", jnp.arccos)
pointwise("atan", jnp.arctan)
pointwise("atan2", jnp.arctan2)
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


@rule("reverse")
def reverse(params, xs, _kinds):
    return (jnp.flip(xs[0], tuple(params["axes"])),)


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


def relation(dim):
    """Of one spatial dimension, as zeros and ones in i, o and k."""
    size = dim["size"]
    i = np.arange(size["i"])[:, None, None]
    o = np.arange(size["o"])[None, :, None]
    k = np.arange(size["k"])[None, None, :]
    return jnp.asarray(dim["a"] * i == dim["s"] * o + dim["d"] * k - dim["p"], DTYPES["float"])


@rule("conv")
def conv(params, xs, _kinds):
    def labels(axes):
        return [x if isinstance(x, int) else (x["role"], x["dim"]) for x in axes]

    operands = [labels(params["left"]), labels(params["right"])]
    relations = [relation(dim) for dim in params["dims"]]
    tied = [[(role, n) for role in "iok"] for n, _ in enumerate(relations)]
    return (jnp.einsum(notation([*operands, *tied], labels(params["out"])), *xs, *relations),)


def windowed(params, rank, source):
    """Axes of a signal [lead, i, rest] and of its windows [lead, o, k, rest], and an einsum from one to the other."""
    lead, dims = params["lead"], params["dims"]
    n = len(dims)
    rest = [("rest", a) for a in range(rank - lead - n)]
    before = [("lead", a) for a in range(lead)]
    signal = [*before, *[("i", d) for d in range(n)], *rest]
    seen = [*before, *[("o", d) for d in range(n)], *[("k", d) for d in range(n)], *rest]
    tied = [[(role, d) for role in "iok"] for d in range(n)]
    given, made = (signal, seen) if source == "signal" else (seen, signal)
    return notation([given, *tied], made), [relation(dim) for dim in dims]


@rule("windows")
def windows(params, xs, _kinds):
    text, relations = windowed(params, xs[0].ndim, "signal")
    return (jnp.einsum(text, xs[0], *relations),)


@rule("overlapAdd")
def overlap_add(params, xs, _kinds):
    text, relations = windowed(params, xs[0].ndim - len(params["dims"]), "windows")
    return (jnp.einsum(text, xs[0], *relations),)


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


@rule("dynamicSlice")
def dynamic_slice(params, xs, _kinds):
    return (over_shared(lambda x, start: rows_at(x, start + jnp.arange(params["size"])), params["shared"])(*xs),)


@rule("updateSlice")
def update_slice(params, xs, _kinds):
    def updated(x, u, start):
        place = jnp.arange(x.shape[0]) - start
        inside = (place >= 0) & (place < u.shape[0])
        return jnp.where(jnp.reshape(inside, (-1,) + (1,) * (x.ndim - 1)), rows_at(u, place), x)

    return (over_shared(updated, params["shared"])(*xs),)


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

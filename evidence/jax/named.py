"""Functions that programs call by name, by JAX's own of the same meaning ("call NAME"). The domains are those that
src/laws/arbitraries/nodes keeps them to."""

import math

from graphs import jax, rule

import jax.numpy as jnp
import numpy as np
from jax import lax, nn
from jax.scipy import special

from linalg import positive_qr


def call(name):
    def keep(f):
        rule(f"call {name}")(lambda marked, xs, _kinds: (f(marked["params"], *xs),))
        return f

    return keep


def plain(name, f):
    call(name)(lambda _params, *xs: f(*xs))


# Domains.


def apart(x, offsets):
    moved = np.asarray([offsets[i % len(offsets)] for i in range(x.size)], np.float64)
    return 0.9 * jnp.tanh(x) + jnp.reshape(moved, x.shape)


def away(x):
    return apart(x, [2, -2])


def damped(x):
    return 0.9 * jnp.tanh(x)


def above1(x):
    return 1 + x * x


def positive(x):
    return jnp.tanh(x) ** 2 + 0.5


def along(values, x, axis, dtype=np.float64):
    """A list of numbers along an axis of x."""
    return jnp.reshape(jnp.asarray(values, dtype), (-1,) + (1,) * (x.ndim - axis - 1))


def ordered(x, params, axis=None):
    axis = params["axis"] if axis is None else axis
    return 0.9 * jnp.tanh(x) + 2 * along(params["order"], x, axis)


# Point by point.

plain("gelu", lambda x: nn.gelu(x, approximate=False))
plain("geluTanh", lambda x: nn.gelu(x, approximate=True))
plain("silu", nn.silu)
plain("mish", nn.mish)
plain("softplus", nn.softplus)
plain("logSigmoid", nn.log_sigmoid)
plain("elu", lambda x: nn.elu(away(x)))
plain("celu", lambda x: nn.celu(away(x), 2.0))
plain("selu", lambda x: nn.selu(away(x)))
plain("leakyRelu", lambda x: nn.leaky_relu(away(x), 0.25))
plain("reluAway", lambda x: nn.relu(away(x)))
plain("relu6", lambda x: nn.relu6(apart(x, [2, -2, 8])))
plain("hardTanh", lambda x: nn.hard_tanh(apart(x, [0, 2, -2])))
plain("hardSigmoid", lambda x: nn.hard_sigmoid(apart(x, [0, 5, -5])))
plain("softsign", lambda x: nn.soft_sign(away(x)))
plain("abs", lambda x: jnp.abs(away(x)))
plain("maximum", lambda a, b: jnp.maximum(away(a), damped(b)))
plain("minimum", lambda a, b: jnp.minimum(away(a), damped(b)))
plain("clip", lambda x: jnp.clip(apart(x, [0, 2, -2]), -1, 1))
plain("erf", special.erf)
plain("erfc", special.erfc)
plain("erfInv", lambda x: special.erfinv(damped(x)))
plain("expm1", lambda x: jnp.expm1(damped(x)))
plain("exp2", lambda x: jnp.exp2(damped(x)))
plain("log1p", lambda x: jnp.log1p(above1(x)))
plain("log2", lambda x: jnp.log2(above1(x)))
plain("log10", lambda x: jnp.log10(above1(x)))
plain("reciprocal", lambda x: jnp.reciprocal(above1(x)))
plain("rsqrt", lambda x: lax.rsqrt(above1(x)))
call("pow")(lambda p, x: jnp.power(above1(x), p["exponent"]))
plain("sinh", lambda x: jnp.sinh(damped(x)))
plain("cosh", lambda x: jnp.cosh(damped(x)))
plain("asinh", jnp.arcsinh)
plain("acosh", lambda x: jnp.arccosh(above1(x) + 0.5))
plain("atanh", lambda x: jnp.arctanh(damped(x)))
plain("tan", lambda x: jnp.tan(damped(x)))
plain("asin", lambda x: jnp.arcsin(damped(x)))
plain("acos", lambda x: jnp.arccos(damped(x)))
plain("atan", jnp.arctan)
plain("atan2", lambda a, b: jnp.arctan2(a, above1(b)))
plain("logit", lambda x: special.logit(0.5 + 0.4 * jnp.tanh(x)))
plain("logaddexp", jnp.logaddexp)
plain("xlogy", lambda a, b: special.xlogy(jnp.sin(a), above1(b)))


@call("customJvp")
def custom_jvp(params, x):
    @jax.custom_jvp
    def f(t):
        return jnp.sin(params["scale"] * t) / params["scale"]

    f.defjvps(lambda dt, _y, t: jnp.cos(params["scale"] * t) * dt)
    return f(x)


# Along an axis.


def running(f, neutral, reverse, exclusive, x, axis):
    y = jnp.flip(x, axis) if reverse else x
    y = f(y, axis)
    if exclusive:
        first = jnp.full_like(lax.slice_in_dim(y, 0, 1, axis=axis), neutral)
        y = jnp.concatenate([first, lax.slice_in_dim(y, 0, y.shape[axis] - 1, axis=axis)], axis)
    return jnp.flip(y, axis) if reverse else y


call("mean")(lambda p, x: jnp.mean(x, p["axis"]))
call("max")(lambda p, x: jnp.max(x, p["axis"]))
call("softmax")(lambda p, x: nn.softmax(x, p["axis"]))
call("logsumexp")(lambda p, x: special.logsumexp(x, p["axis"]))
call("cumsum")(lambda p, x: running(jnp.cumsum, 0, p["reverse"], p["exclusive"], jnp.tanh(x), p["axis"]))
call("cumprod")(lambda p, x: running(jnp.cumprod, 1, p["reverse"], p["exclusive"], positive(x), p["axis"]))
call("logcumsumexp")(lambda p, x: lax.cumlogsumexp(x, p["axis"], reverse=p["reverse"]))
call("cummax")(lambda p, x: lax.cummax(ordered(x, p), p["axis"]))
call("sort")(lambda p, x: jnp.sort(ordered(x, p), p["axis"]))
call("topK")(lambda p, x: jnp.moveaxis(lax.top_k(jnp.moveaxis(ordered(x, p), p["axis"], -1), p["k"])[0], -1, p["axis"]))
call("quantile")(lambda p, x: jnp.quantile(ordered(x, p), float(p["q"]), p["axis"]))
call("largest")(lambda p, x: jnp.max(ordered(x, p), p["axis"]))
call("maskedSoftmax")(lambda p, x: nn.softmax(x, p["axis"], where=along(p["mask"], x, p["axis"], bool)))
call("logSoftmax")(lambda p, x: nn.log_softmax(x, p["axis"]))
call("maskedLogsumexp")(lambda p, x: special.logsumexp(x, p["axis"], where=jnp.broadcast_to(along(p["mask"], x, p["axis"], bool), x.shape)))
call("prod")(lambda p, x: jnp.prod(positive(x), p["axis"]))
call("variance")(lambda p, x: jnp.var(x, p["axis"]))
call("norm")(lambda p, x: jnp.linalg.norm(positive(x), axis=p["axis"]))
call("normalize")(lambda p, x: positive(x) / jnp.linalg.norm(positive(x), axis=p["axis"], keepdims=True))
call("layerNorm")(lambda p, x: nn.standardize(x, p["axis"], epsilon=0.25))
call("rmsNorm")(lambda p, x: x * lax.rsqrt(jnp.mean(x * x, p["axis"], keepdims=True) + 0.25))
call("reverse")(lambda p, x: jnp.flip(x, p["axis"]))
call("roll")(lambda p, x: jnp.roll(x, p["shift"], p["axis"]))
call("repeat")(lambda p, x: jnp.repeat(x, 2, p["axis"]))
call("takeAlong")(lambda p, x: jnp.take_along_axis(x, jnp.broadcast_to(along(p["order"], x, p["axis"], np.int32), x.shape), p["axis"]))


@call("cosineSimilarity")
def cosine_similarity(params, x):
    a, b, axis = positive(x), positive(jnp.sin(x)), params["axis"]
    return jnp.sum(a * b, axis) / (jnp.linalg.norm(a, axis=axis) * jnp.linalg.norm(b, axis=axis))


# Places.

call("scatterSet")(lambda p, x: x.at[jnp.asarray(p["at"])].set(jnp.sin(x[: len(p["at"])])))
call("tile")(lambda p, x: jnp.tile(x, p["copies"]))
call("tril")(lambda p, x: jnp.tril(x, p["k"]))
call("triu")(lambda p, x: jnp.triu(x, p["k"]))
plain("diag", jnp.diag)
plain("diagonal", jnp.diagonal)
plain("trace", jnp.trace)


def clamped(start, size, shape):
    """XLA clamps starts, JAX takes negative ones from the end before it: so they are clamped here."""
    return [min(max(a, 0), n - k) for a, k, n in zip(start, size, shape, strict=True)]


@call("dynamicSlice")
def dynamic_slice(params, x):
    return lax.dynamic_slice(x, clamped(params["start"], params["size"], x.shape), params["size"])


@call("updateSlice")
def update_slice(params, x):
    update = jnp.cos(x[tuple(slice(0, n) for n in params["size"])])
    return lax.dynamic_update_slice(x, update, clamped(params["start"], params["size"], x.shape))


# Products.

call("einsum")(lambda p, *xs: jnp.einsum(p["notation"], *[jnp.tanh(x) for x in xs]) / 3)
plain("outer", lambda a, b: jnp.outer(jnp.tanh(a), jnp.tanh(b)))
plain("kron", lambda a, b: jnp.kron(jnp.tanh(a), jnp.tanh(b)))


def pads(padding, size, reach, stride):
    if padding == "same":
        total = max(0, (math.ceil(size / stride) - 1) * stride + reach - size)
        return (total // 2, total - total // 2)
    return (0, 0) if padding == "valid" else (padding, padding)


def convolved(x, w, strides, dilations, paddings, groups):
    letters = "HW"[: len(strides)]
    around = [
        pads(p, n, (k - 1) * d + 1, s)
        for p, n, k, d, s in zip(paddings, x.shape[1:-1], w.shape[:-2], dilations, strides, strict=True)
    ]
    return lax.conv_general_dilated(
        x,
        w,
        strides,
        around,
        rhs_dilation=dilations,
        feature_group_count=groups,
        dimension_numbers=(f"N{letters}C", f"{letters}IO", f"N{letters}C"),
    )


@call("conv1d")
def conv1d(params, x, w):
    flat, channels = jnp.tanh(w) / 2, x.shape[1]
    kernel = flat[:, None, :] if params["depthwise"] else flat[:, :, None]
    groups = channels if params["depthwise"] else 1
    return convolved(x[None], kernel, [params["stride"]], [params["dilation"]], [params["padding"]], groups)[0]


@call("convTranspose1d")
def conv_transpose1d(params, y, w):
    # the adjoint of a convolution, from its meaning
    kernel, features = (jnp.tanh(w) / 2)[:, None, :], y.shape[1]
    groups = features if params["depthwise"] else 1
    channels = groups

    def forward(x):
        return convolved(x, kernel, [params["stride"]], [params["dilation"]], [params["padding"]], groups)

    like = jax.ShapeDtypeStruct((1, y.shape[0] * params["stride"], channels), y.dtype)
    return jax.linear_transpose(forward, like)(y[None])[0][0]


@call("conv2d")
def conv2d(params, x, w):
    return convolved(x[None, :, :, None], (jnp.tanh(w) / 3)[:, :, None, None], params["stride"], params["dilation"], ["same"] * 2, 1)[0, :, :, 0]


def seen(params, size):
    """Which places every window sees, those outside too."""
    width, stride = params["window"], params["stride"]
    before, after = pads(params["padding"], size, width, stride)
    count = (size + before + after - width) // stride + 1
    return np.arange(count)[:, None] * stride + np.arange(width)[None, :] - before


def at_places(x, places, outside):
    inside = (places >= 0) & (places < x.shape[0])
    return jnp.where(inside[..., None], x[np.clip(places, 0, x.shape[0] - 1)], outside)


@call("avgPool")
def avg_pool(params, x):
    places = seen(params, x.shape[0])
    total = jnp.sum(at_places(x, places, 0.0), axis=1)
    counts = np.sum((places >= 0) & (places < x.shape[0]), axis=1)[:, None]
    return total / (params["window"] if params["countIncludePad"] else counts)


@call("maxPool")
def max_pool(params, x):
    return jnp.max(at_places(ordered(x, params, 0), seen(params, x.shape[0]), -np.inf), axis=1)


# Matrices.


def gram(a, b):
    return a @ b.T / a.shape[1]


def definite(x):
    return gram(jnp.tanh(x), jnp.tanh(x)) + jnp.eye(x.shape[0])


def regular(x, shift=0):
    n = x.shape[0]
    return jnp.roll(gram(jnp.tanh(x), jnp.cos(x)) / n + 3 * jnp.eye(n), shift, 0)


plain("cholesky", lambda x: jnp.linalg.cholesky(definite(x)))
plain("logdet", lambda x: jnp.linalg.slogdet(definite(x))[1])
call("solve")(lambda p, x, b: jnp.linalg.solve(regular(x, p["shift"]), b))
call("inv")(lambda p, x: jnp.linalg.inv(regular(x, p["shift"])))
call("det")(lambda p, x: jnp.linalg.det(regular(x, p["shift"])) / 3 ** x.shape[0])
call("slogdet")(lambda p, x: jnp.linalg.slogdet(regular(x, p["shift"]))[1])
call("lstsq")(lambda p, x, b: jnp.linalg.solve(regular(x, p["shift"]), b))
plain("matrixPower", lambda x: jnp.linalg.matrix_power(jnp.tril(regular(x)) / 3, 3))


@call("triangularSolve")
def triangular_solve(params, x, b):
    return jax.scipy.linalg.solve_triangular(jnp.tril(regular(x, params["shift"]) + 4 * jnp.eye(x.shape[0])), b, lower=True)


@call("qr")
def qr(params, x):
    q, r = positive_qr(regular(x, params["shift"]))
    return q + r / 3


@call("eigh")
def eigh(_params, x):
    n = x.shape[0]
    values, vectors = jnp.linalg.eigh(gram(jnp.tanh(x), jnp.tanh(x)) / n + jnp.diag(4.0 * jnp.arange(n)))
    return vectors * jnp.sin(values) @ vectors.T

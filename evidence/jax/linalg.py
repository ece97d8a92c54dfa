"""Rules of factorisations and solves. Where JAX may choose a sign, it is chosen as Stillpoint does."""

from graphs import DTYPES, jax, rule

import jax.numpy as jnp
from jax import lax


def transposed(x):
    return jnp.swapaxes(x, -1, -2)


def mirrored(a):
    """The symmetric matrix whose lower triangle this is."""
    return jnp.tril(a) + transposed(jnp.tril(a, -1))


def sign_of(x):
    return lax.stop_gradient(jnp.where(x < 0, -1.0, 1.0))


@rule("cholesky")
def cholesky(_params, xs, _kinds):
    return (jnp.linalg.cholesky(mirrored(xs[0])),)


@rule("solve")
def solve(params, xs, _kinds):
    a, b = xs
    return (jnp.linalg.solve(transposed(a) if params["transposed"] else a, b),)


@rule("triangularSolve")
def triangular_solve(params, xs, _kinds):
    t, b = xs
    return (
        lax.linalg.triangular_solve(
            t, b, left_side=True, lower=params["lower"], transpose_a=params["transposed"], unit_diagonal=params["unit"]
        ),
    )


@rule("lu")
def lu(_params, xs, _kinds):
    packed, pivots, permutation = lax.linalg.lu(xs[0])
    swaps = jnp.sum(pivots != jnp.arange(pivots.shape[-1]), axis=-1)
    return packed, permutation.astype(DTYPES["int"]), jnp.where(swaps % 2 == 0, 1.0, -1.0)


def positive_qr(a):
    q, r = jnp.linalg.qr(a)
    sign = sign_of(jnp.diagonal(r, axis1=-2, axis2=-1))
    return q * sign[..., None, :], r * sign[..., :, None]


@rule("qr")
def qr(_params, xs, _kinds):
    return positive_qr(xs[0])


@rule("eigh")
def eigh(_params, xs, _kinds):
    values, vectors = jnp.linalg.eigh(mirrored(xs[0]), symmetrize_input=False)
    largest = jnp.argmax(jnp.abs(vectors), axis=-2, keepdims=True)
    return values, vectors * sign_of(jnp.take_along_axis(vectors, largest, axis=-2))

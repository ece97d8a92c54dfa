"""Rules of ops with bodies."""

from graphs import DTYPES, jax, rule, run

import jax.numpy as jnp
from jax import lax

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
        raise NotImplementedError(f"{name} with a row predicate (after vmap) is not in evidence/jax")


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


# Functions with derivatives of their own.


@rule("customJvp")
def custom_jvp(params, xs, kinds):
    outputs = len(params["live"])

    @jax.custom_jvp
    def f(*args):
        return run(params["value"], args)

    @f.defjvp
    def derivative(primals, tangents):
        captured = len(params["captured"])
        moved = [t for i, t in enumerate(tangents) if i >= captured and kinds[i] == "float"]
        made = run(params["rule"], [*primals, *moved])
        given = iter(made[outputs:])
        values = made[:outputs]
        return values, tuple(next(given) if live else jnp.zeros_like(y) for y, live in zip(values, params["live"], strict=True))

    return f(*xs)


@rule("customVjp")
def custom_vjp(params, xs, _kinds):
    captured, outputs = len(params["captured"]), len(params["value"]["outputs"])

    @jax.custom_vjp
    def f(*args):
        return run(params["value"], args)

    def forward(*args):
        made = run(params["forward"], args)
        return made[:outputs], (args[:captured], made[outputs:])

    def backward(kept, cotangents):
        known, residuals = kept
        given = iter(run(params["backward"], [*known, *residuals, *[c for c in cotangents if c.dtype == DTYPES["float"]]]))
        return (*[None] * captured, *[next(given) if live else None for live in params["live"]])

    f.defvjp(forward, backward)
    return f(*xs)


# Solves. What JAX is given knows nothing of the implicit function theorem: a long loop, and the operator as a matrix.

TURNS = 160


def told(states, count):
    """Status, residual and number of evaluations of a solve: nothing that programs here look at."""
    return tuple(jnp.zeros(states[0].shape[:count]) for _ in range(3))


@rule("fixedPoint")
def fixed_point(params, xs, _kinds):
    without_rows("fixedPoint", params)
    constants = len(params["constants"])
    end, _ = lax.scan(lambda z, _: (run(params["f"], [*xs[:constants], *z]), None), tuple(xs[constants:]), length=TURNS)
    return (*end, *told(end, 0))


@rule("linearSolve")
def linear_solve(params, xs, _kinds):
    without_rows("linearSolve", params)
    constants = params["constants"]
    (b,) = xs[constants:]
    (matrix,) = jax.vmap(lambda e: run(params["operator"], [*xs[:constants], jnp.reshape(e, b.shape)]))(jnp.eye(b.size))
    x = jnp.reshape(jnp.linalg.solve(jnp.reshape(matrix, (b.size, b.size)).T, jnp.ravel(b)), b.shape)
    return (x, *told((x,), 0))

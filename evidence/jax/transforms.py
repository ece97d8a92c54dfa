"""Transforms in programs, by JAX's own: "transform NAME" has a body, whose captured values come first among the inputs."""

from graphs import jax, rule, run

import jax.numpy as jnp


def half(a, b):
    return (a + b) / 2


def mean_of(f):
    return lambda x: jnp.mean(f(x))


def transform(name):
    def keep(apply):
        @rule(f"transform {name}")
        def rule_of(marked, xs, _kinds):
            params = marked["params"]
            captured = xs[: params["captured"]]

            def f(x):
                return run(params["body"], [*captured, x])[0]

            return (apply(params, f, *xs[params["captured"] :]),)

        return apply

    return keep


@transform("jvp")
def jvp(_params, f, x, t):
    return half(*jax.jvp(f, (x,), (t,)))


@transform("linearize")
def linearize(_params, f, x, t):
    y, along = jax.linearize(f, x)
    return half(y, along(t) - along(t * t))


@transform("vjp")
def vjp(_params, f, x):
    y, pullback = jax.vjp(f, x)
    return pullback(jnp.cos(y))[0]


@transform("grad")
def grad(_params, f, x):
    return half(*jax.value_and_grad(mean_of(f))(x))


@transform("hvp")
def hvp(_params, f, x, t):
    return jax.jvp(jax.grad(mean_of(f)), (x,), (t,))[1]


@transform("jacobian")
def jacobian(params, f, x):
    whole = (jax.jacrev if params["mode"] == "reverse" else jax.jacfwd)(f)(x)
    return jnp.reshape(whole, (-1, x.size))


@transform("hessian")
def hessian(_params, f, x):
    return jnp.reshape(jax.hessian(mean_of(f))(x), (-1, x.size))


@transform("vmap")
def vmap(params, f, x):
    return jax.vmap(f, in_axes=params["in"], out_axes=params["out"])(x)


@transform("checkpoint")
def checkpoint(_params, f, x):
    return jax.checkpoint(f)(x)


@transform("close")
def close(_params, f, x):
    return jax.jit(f)(x)

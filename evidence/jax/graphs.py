"""Stillpoint's graphs (the JSON of `encodeGraph`) run with JAX in float64: each op by its rule, which other files give."""

import os

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# A program runs once, so nearly all the time goes into compiling it. Fusion computes a value again where it is used, rounded otherwise,
# and JAX's derivative of max then finds no element that equals the largest one.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true --xla_disable_hlo_passes=fusion",
)

import jax

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_disable_most_optimizations", True)

import numpy as np

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
            raise NotImplementedError(f'there is no op "{name}" in evidence/jax')
        kinds = [types[v]["elem"] for v in places]
        results = RULES[name](equation["params"], [values[v] for v in places], kinds)
        for v, y in zip(equation["outputs"], results, strict=True):
            kind, shape = types[v]["elem"], physical_shape(types[v]["elem"], types[v]["shape"])
            if y.shape != shape or y.dtype != DTYPES[kind]:
                raise TypeError(f"{name}: expected {kind}{list(shape)}, JAX gives {y.dtype}{list(y.shape)}")
            values[v] = y
    return tuple(values[v] for v in graph["outputs"])

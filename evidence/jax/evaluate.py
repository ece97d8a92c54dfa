"""Evaluates Stillpoint's graphs (the JSON of `encodeGraph`) with JAX in float64, and differentiates them with jax.grad.

usage: evaluate.py CASES.json RESULTS.json

No derivative rule of Stillpoint's is used. Numbers that JSON lacks are {"$number": "NaN"} and the like, bodies are {"$graph": ...}.
"""

import json
import math
import sys

from graphs import DTYPES, jax, physical_shape, run  # first, since it configures JAX

import jax.numpy as jnp
import numpy as np

import control  # noqa: F401 the rules
import linalg  # noqa: F401
import named  # noqa: F401
import ops  # noqa: F401
import transforms  # noqa: F401

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

    at = [inputs[i] for i in active]
    if not active:
        return {"value": numbers(jax.jit(loss)()), "gradients": []}
    value, gradients = jax.jit(jax.value_and_grad(loss, argnums=tuple(range(len(active)))))(*at)
    return {"value": numbers(value), "gradients": [numbers(g) for g in gradients]}


def outcome(case):
    try:
        return evaluate(case)
    except Exception as error:  # one case that fails should not hide the others
        return {"error": f"{type(error).__name__}: {error}"}


def main(cases_path, results_path):
    with open(cases_path, encoding="utf-8") as file:
        cases = json.load(file, object_hook=plain)
    found = []
    for case in cases:
        found.append(outcome(case))
        if len(found) % 20 == 0:
            jax.clear_caches()  # no two programs are alike, and compiled ones are large
            print(f"\r  JAX: {len(found)} of {len(cases)}", end="", flush=True)
    print(end="\r")
    results = {"version": jax.__version__, "results": found}
    with open(results_path, "w", encoding="utf-8") as file:
        json.dump(results, file, allow_nan=False)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])

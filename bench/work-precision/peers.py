"""Solvers of SciPy, and of optimistix where it is installed, on the problems that stand as JSON on stdin; curves as JSON on stdout."""
import json
import sys
import time

import numpy as np
from scipy import optimize

TOLERANCES = json.loads(sys.argv[1])
METHODS = ("hybr", "broyden1", "anderson", "krylov")


def logsumexp(xp, x, axis):
    top = x.max(axis=axis, keepdims=True)
    return (top + xp.log(xp.exp(x - top).sum(axis=axis, keepdims=True))).squeeze(axis)


def map_of(problem, xp):
    t = {k: xp.asarray(np.reshape(np.asarray(v["data"], dtype=np.float64), v["shape"])) for k, v in problem["tensors"].items()}
    kind = problem["kind"]
    if kind == "cosine":
        return lambda z: xp.cos(z) + t["b"]
    if kind == "affine":
        return lambda z: t["m"] @ z + t["b"]
    if kind == "tanh":
        return lambda z: xp.tanh(t["m"] @ z + t["b"])
    if kind == "kepler":
        return lambda z: t["b"] + t["e"] * xp.sin(z)
    if kind == "bratu":
        return lambda z: t["m"] @ z + t["c"] * xp.exp(z)
    if kind == "bellman":
        return lambda z: (t["m"] @ z + t["b"]).max(axis=0)

    def sinkhorn(z):
        g = -t["c"] * logsumexp(xp, (z[:, None] - t["m"]) / t["c"], 0)
        f = -t["c"] * logsumexp(xp, (g[None, :] - t["m"]) / t["c"], 1)
        return f - f.mean()

    return sinkhorn


def distance(z, solution):
    return float(np.linalg.norm(z - solution) / np.linalg.norm(solution))


def median_ms(run):
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        run()
        times.append(1e3 * (time.perf_counter() - begun))
    return sorted(times)[2]


def scipy_points(problem, method, solution):
    f = map_of(problem, np)
    start = np.asarray(problem["start"], dtype=np.float64)
    points = []
    for tolerance in TOLERANCES:
        count = [0]

        def g(z):
            count[0] += 1
            return f(z) - z

        options = {"xtol": tolerance} if method == "hybr" else {"fatol": tolerance * np.linalg.norm(solution), "maxiter": 3000}
        run = lambda: optimize.root(g, start, method=method, options=options)
        try:
            with np.errstate(all="ignore"):
                found = run()
        except Exception:  # a failed line search and the like: no point
            break
        evaluations = count[0]
        if not found.success:
            break
        points.append({"tolerance": tolerance, "error": distance(found.x, solution), "evaluations": evaluations, "ms": median_ms(run)})
    return points


def optimistix_curves(problem, solution):
    try:
        import jax
        import jax.numpy as jnp
        import optimistix as optx
    except ImportError:
        return []
    jax.config.update("jax_enable_x64", True)
    f = map_of(problem, jnp)
    start = jnp.asarray(problem["start"], dtype=jnp.float64)
    curves = []
    for name in ("FixedPointIteration", "Newton", "Chord", "Dogleg", "LevenbergMarquardt"):
        points = []
        for tolerance in TOLERANCES:
            solver = getattr(optx, name)(rtol=tolerance, atol=tolerance)
            if name == "FixedPointIteration":
                solve = jax.jit(lambda y: optx.fixed_point(lambda z, _: f(z), solver, y, max_steps=3000, throw=False))
            else:
                solve = jax.jit(lambda y: optx.root_find(lambda z, _: f(z) - z, solver, y, max_steps=3000, throw=False))
            found = solve(start)
            if found.result != optx.RESULTS.successful:
                break
            points.append(
                {
                    "tolerance": tolerance,
                    "error": distance(np.asarray(found.value), solution),
                    "evaluations": int(found.stats["num_steps"]),
                    "ms": median_ms(lambda: solve(start).value.block_until_ready()),
                }
            )
        curves.append({"solver": f"optimistix {name}", "points": points})
    return curves


request = json.load(sys.stdin)
answer = []
for problem in request:
    solution = np.asarray(problem["solution"])
    curves = [{"solver": f"scipy {method}", "points": scipy_points(problem, method, solution)} for method in METHODS]
    answer.append(curves + optimistix_curves(problem, solution))
json.dump(answer, sys.stdout)

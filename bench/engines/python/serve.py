"""A long-lived child of the runner: one request a line on stdin, one answer a line on stdout, both JSON.

prepare {workload, tensors} -> {}     tensors are files of little-endian numbers, by name
result  {file, training}    -> {ms}   writes float64 numbers: a kernel's output, or the losses of the first steps
run     {calls}             -> {ms}   milliseconds of the calls together, each finished
dispose {}                  -> {}
"""
import json
import sys
import time

import numpy as np

CHECKED_STEPS = 4


def load(tensors):
    return {
        name: np.fromfile(t["file"], dtype=t["dtype"]).reshape(t["shape"])
        for name, t in tensors.items()
    }


def answer(prepare, ready, request):
    kind = request["request"]
    if kind == "prepare":
        ready.clear()
        ready.append(prepare(request["workload"], load(request["tensors"])))
        return {}
    if kind == "dispose":
        ready.clear()
        return {}
    call = ready[0]
    begun = time.perf_counter()
    if kind == "run":
        for _ in range(request["calls"]):
            call.run()
        return {"ms": 1e3 * (time.perf_counter() - begun)}
    first = call.run()
    ms = 1e3 * (time.perf_counter() - begun)
    found = call.numbers(first)
    if request["training"]:
        found = [found] + [call.numbers(call.run()) for _ in range(CHECKED_STEPS - 1)]
    np.asarray(found, dtype=np.float64).ravel().tofile(request["file"])
    return {"ms": ms}


def serve(version, prepare):
    """`prepare(workload, arrays)` gives a Call."""
    out = sys.stdout
    print(json.dumps({"version": version}), file=out, flush=True)
    ready = []
    for line in sys.stdin:
        try:
            told = answer(prepare, ready, json.loads(line))
        except Exception as error:  # told to the runner, which leaves this workload out
            told = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(told), file=out, flush=True)


class Call:
    """Work that can be run again and again, and how to read numbers from what it gives."""

    def __init__(self, run, numbers):
        self.run = run
        self.numbers = numbers

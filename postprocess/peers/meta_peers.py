#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The meta-gradient of TinyAttention in JAX, timed as `theria bench meta` times theria.

Two ways to write the model: `plain`, with keys and values, as everyone does; `absorbed`, with the keys absorbed
into the query of token 0 and the values into the classifier, which a JAX user could also write. Each is run with
vmap over all tasks and with lax.map over chunks of them; the fastest variant of each is marked "best".

One JSON object a line: impl variant tasks steps mode precision device ms ms_lower ms_upper tasks_per_s error
extra_bytes compile_s, or `failed` with the reason. Errors are against JAX in float64, the mean of the first 16 tasks.
Needs jax; runs on the GPU if there is one, else on the CPU: OMP_NUM_THREADS does not bind XLA, taskset does.

  python meta_peers.py --tasks 16 256 --steps 5 --mode full first_order --json peers.jsonl
"""

import argparse
import json
import os
import sys
import time
from functools import partial

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
from sdpa_peers import measure  # noqa: E402 - the script beside this one

jax.config.update("jax_enable_x64", True)

SAMPLES, CLASSES, SIGNALS, RATE = 16, 5, 4, 0.4
COMPARED = 16


def draw(tasks, tokens, width):
    """Parameters and sequence_classification tasks of the defaults of theria's decks, from NumPy's generator."""
    rng = np.random.default_rng(0)
    bound = width ** -0.5
    theta = {name: rng.uniform(-bound, bound, shape) for name, shape in (
        ("q", (width, width)), ("k", (width, width)), ("v", (width, width)), ("c", (CLASSES, width)),
        ("b", (CLASSES,)))}
    sets = []
    places = np.stack([rng.permutation(np.arange(1, tokens))[:SIGNALS] for _ in range(tasks)])
    prototypes = rng.standard_normal((tasks, CLASSES, width))
    for _ in range(2):
        y = rng.integers(0, CLASSES, (tasks, SAMPLES))
        x = rng.standard_normal((tasks, SAMPLES, tokens, width))
        for n in range(tasks):
            x[n][:, places[n]] = prototypes[n][y[n]][:, None] + 0.5 * x[n][:, places[n]]
        sets += [x, y.astype(np.int32)]
    return theta, sets


def plain(theta, x, y):
    q, k, v = x[:, 0] @ theta["q"].T, x @ theta["k"].T, x @ theta["v"].T
    p = jax.nn.softmax(jnp.einsum("sd,std->st", q, k) * q.shape[-1] ** -0.5)
    return cross_entropy(jnp.einsum("st,std->sd", p, v) @ theta["c"].T + theta["b"], y)


def absorbed(theta, x, y):
    u = (x[:, 0] @ theta["q"].T) @ theta["k"] * x.shape[-1] ** -0.5
    p = jax.nn.softmax(jnp.einsum("sd,std->st", u, x))
    return cross_entropy(jnp.einsum("st,std->sd", p, x) @ (theta["c"] @ theta["v"]).T + theta["b"], y)


def cross_entropy(logits, y):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], axis=1))


def task_gradient(loss, steps, mode):
    def adapted_loss(theta, x_support, y_support, x_query, y_query):
        def step(current, _):
            gradient = jax.grad(loss)(current, x_support, y_support)
            if mode != "full":
                gradient = jax.lax.stop_gradient(gradient)
            return jax.tree.map(lambda p, g: p - RATE * g, current, gradient), None

        last, _ = jax.lax.scan(step, theta, None, length=steps, unroll=min(max(steps, 1), 5))
        return loss(last, x_query, y_query)

    return jax.grad(adapted_loss)


def variants(loss, steps, mode, tasks):
    """Name and compiled function of (theta, sets) that gives the gradients of all tasks."""
    gradient = task_gradient(loss, steps, mode)
    yield "vmap", jax.jit(lambda theta, sets: jax.vmap(partial(gradient, theta))(*sets))
    for chunk in (4, 16):
        if chunk < tasks:
            yield f"map {chunk}", jax.jit(lambda theta, sets, chunk=chunk: jax.lax.map(
                lambda one: gradient(theta, *one), sets, batch_size=chunk))


def mean(gradients, count=None):
    return jax.tree.map(lambda g: g[:count].mean(axis=0), gradients)


def relative_error(ours, exact):
    ours, exact = (np.concatenate([np.asarray(g[name], np.float64).ravel() for name in sorted(g)])
                   for g in (ours, exact))
    return float(np.linalg.norm(ours - exact) / np.linalg.norm(exact))


def run_cell(tasks, steps, mode, precision, options):
    dtype = {"float64": np.float64}.get(precision, np.float32)
    jax.config.update("jax_default_matmul_precision", "tensorfloat32" if precision == "tfloat32" else "highest")
    theta, sets = draw(tasks, options.tokens, options.width)
    cast = partial(jax.tree.map, lambda a: jnp.asarray(a, dtype if a.dtype == np.float64 else a.dtype))
    theta, sets = cast(theta), tuple(cast(sets))
    wide = partial(jax.tree.map, lambda a: jnp.asarray(a[:COMPARED], np.float64) if a.dtype != np.int32
                   else a[:COMPARED])
    exact_theta = jax.tree.map(lambda a: jnp.asarray(a, np.float64), theta)
    exact = mean(jax.lax.map(lambda one: task_gradient(plain, steps, mode)(exact_theta, *one), wide(sets)))
    for loss in (plain, absorbed):
        rows = []
        for name, function in variants(loss, steps, mode, tasks):
            row = {"impl": f"jax {loss.__name__}", "variant": name, "tasks": tasks, "steps": steps, "mode": mode,
                   "precision": precision, "device": jax.devices()[0].device_kind}
            try:
                start = time.perf_counter()
                whole = jax.jit(lambda t, s, function=function: mean(function(t, s))).lower(theta, sets).compile()
                row["compile_s"] = round(time.perf_counter() - start, 3)
                extra = whole.memory_analysis()
                last = []

                def call():
                    last[:] = [whole(theta, sets)]

                row["ms"], row["ms_lower"], row["ms_upper"] = measure(
                    call, lambda: jax.block_until_ready(last), options.seconds)
                row["tasks_per_s"] = 1e3 * tasks / row["ms"]
                row["error"] = relative_error(mean(function(theta, jax.tree.map(lambda a: a[:COMPARED], sets))),
                                              exact)
                row["extra_bytes"] = int(extra.temp_size_in_bytes) if extra else None
            except Exception as error:  # noqa: BLE001 - whatever JAX raises is the result of this cell
                row["failed"] = str(error).splitlines()[0][:200]
            rows.append(row)
        timed = [row for row in rows if "ms" in row]
        if timed:
            min(timed, key=lambda row: row["ms"])["best"] = True
        yield from rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, nargs="+", default=[256])
    parser.add_argument("--steps", type=int, nargs="+", default=[5])
    parser.add_argument("--mode", nargs="+", default=["full"], choices=["full", "first_order"])
    parser.add_argument("--precision", nargs="+", default=["float32"], choices=["float64", "float32", "tfloat32"])
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--json", help="also append the lines to this file")
    options = parser.parse_args()
    sink = open(options.json, "a") if options.json else None
    for tasks in options.tasks:
        for steps in options.steps:
            for mode in options.mode:
                for precision in options.precision:
                    for row in run_cell(tasks, steps, mode, precision, options):
                        line = json.dumps(row)
                        print(line, flush=True)
                        if sink:
                            print(line, file=sink, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

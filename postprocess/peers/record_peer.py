#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A recorded meta-gradient in JAX, timed as `theria bench meta --deck` times theria, on the very same tasks.

The model is written in JAX as everyone does (theria_post/models.py), its inner loop scanned, the meta-gradient by
jax.grad through it; jit, float32 products, lax.map over chunks of tasks. One JSON object a line: impl chunk tasks steps
mode device ms ms_lower ms_upper tasks_per_s error (against the recorded meta-gradient) peak_bytes compile_s, or `failed`
with the reason. Needs jax; runs on the GPU if there is one.

  theria run inputs/transformer.yaml --set outer.steps=0 evaluation.tasks=0 --output record.h5
  python record_peer.py record.h5 --chunk 1 4
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
os.environ.setdefault("JAX_PLATFORMS", "")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import theria_post  # noqa: E402
from sdpa_peers import measure  # noqa: E402 - the script beside this one
from theria_post import reference, verify  # noqa: E402

jax.config.update("jax_default_matmul_precision", "float32")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", help="result file with a recorded meta-gradient")
    parser.add_argument("--chunk", type=int, nargs="+", default=[1], help="tasks at once (vmap), the others one after another")
    parser.add_argument("--seconds", type=float, default=0.5, help="how long to measure")
    options = parser.parse_args()
    result = theria_post.open(options.record)
    model, rule, theta, tasks = verify.recorded_problem(result, jnp.float32)
    recorded = {name: np.asarray(values.values, np.float64) for name, values in result.meta_gradient.data_vars.items()}
    size = np.sqrt(sum(np.sum(value**2) for value in recorded.values()))
    count = len(tasks[0])
    for chunk in options.chunk:
        line = {"impl": "jax", "chunk": chunk, "tasks": count, "steps": rule.steps, "mode": rule.mode,
                "device": jax.devices()[0].device_kind}

        mean = {}

        def call(chunk=chunk, mean=mean):
            gradients, _, _ = reference.per_task(theta, tasks, model, rule, chunk)
            mean.update({name: jnp.mean(values, axis=0) for name, values in gradients.items()})

        try:
            start = time.perf_counter()
            call()
            jax.block_until_ready(mean)
            line["compile_s"] = round(time.perf_counter() - start, 1)
            off = sum(np.sum((np.asarray(mean[name], np.float64) - value) ** 2) for name, value in recorded.items())
            median, lower, upper = measure(call, lambda mean=mean: jax.block_until_ready(mean), options.seconds)
            line.update(ms=median, ms_lower=lower, ms_upper=upper, tasks_per_s=1e3 * count / median,
                        error=float(np.sqrt(off) / size))
            memory = jax.devices()[0].memory_stats() or {}
            line["peak_bytes"] = memory.get("peak_bytes_in_use")
        except Exception as error:  # noqa: BLE001 - out of memory has many names
            line["failed"] = str(error).splitlines()[0][:200]
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()

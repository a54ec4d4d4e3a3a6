#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write sdpa.h5, operators.h5 and meta_gradient.h5: values from JAX in double precision.

    python3 -m venv goldens-env
    goldens-env/bin/pip install -r tests/golden/requirements.txt
    goldens-env/bin/python tests/golden/make_goldens.py [--output FOLDER]

The tests read the files and need neither this script nor JAX.
"""

import argparse
import platform
from pathlib import Path

import dense_sdpa
import h5py
import jax
import meta_cases
import meta_gradient
import numpy as np
import sdpa_cases
import small_operators

SDPA_SEED, PARAMETER_SEED, EPISODE_SEED = 1000, 5000, 6000


def put(group, values):
    """Each array under its name; no time stamps."""
    for name, value in values.items():
        group.create_dataset(name, data=np.asarray(value), track_times=False)


def new_file(path, title):
    file = h5py.File(path, "w", libver="earliest")
    file.attrs["title"] = title
    file.attrs["made_with"] = f"jax {jax.__version__}, CPU, float64; numpy {np.__version__}"
    file.attrs["machine"] = platform.machine()
    return file


def write_sdpa(path):
    with new_file(path, "Attention and its derivatives by automatic differentiation") as file:
        for number, case in enumerate(sdpa_cases.CASES, start=1):
            group = file.create_group(f"case_{number:02d}")
            group.attrs["description"] = case.description
            group.attrs["causal"] = np.int32(case.causal)
            group.attrs["scale"] = case.scale_used
            group.attrs["accuracy"] = case.accuracy
            inputs = sdpa_cases.make_inputs(case, SDPA_SEED + number)
            put(group, inputs)
            expected = dense_sdpa.derivatives(
                *sdpa_cases.complete(inputs), causal=case.causal, scale=case.scale_used
            )
            put(group.create_group("expected"), expected)


def write_operators(path):
    with new_file(path, "The small operators, by automatic differentiation") as file:
        for name, inputs, expected in small_operators.make_cases():
            group = file.create_group(name)
            put(group, inputs)
            put(group.create_group("expected"), expected)


def write_meta_gradient(path):
    with new_file(path, "Meta-gradients through the unrolled loop") as file:
        for case in meta_cases.CASES:
            group = file.create_group(case.name)
            group.attrs["mode"] = case.mode
            group.attrs["inner_steps"] = np.int32(case.steps)
            group.attrs["inner_rate"] = case.rate
            group.attrs["last"] = np.int32(case.last)
            group.attrs["optimizer"] = case.optimizer
            group.attrs["parameters"] = case.parameters
            for name in ("momentum", "beta1", "beta2", "epsilon", "proximal"):
                group.attrs[name] = getattr(case, name)
            for name in ("task", "model", "attention", "readout", "rates"):
                group.attrs[name] = getattr(case, name)
            for name in ("layers", "heads", "causal"):
                group.attrs[name] = np.int32(getattr(case, name))
            theta = meta_cases.make_parameters(case, PARAMETER_SEED + case.features)
            episodes = meta_cases.make_episodes(case, EPISODE_SEED + case.features)
            adapted, gradient, losses = meta_gradient.meta_results(
                theta, episodes, case
            )
            put(group.create_group("episodes"), episodes)
            put(group.create_group("parameters/initial"), theta)
            put(group.create_group("parameters/adapted"), adapted)
            put(group.create_group("meta_gradient"), gradient)
            put(group.create_group("losses"), losses)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--output", type=Path, default=Path(__file__).parent, help="folder (default: this one)"
    )
    folder = parser.parse_args().output
    for name, write in (
        ("sdpa.h5", write_sdpa),
        ("operators.h5", write_operators),
        ("meta_gradient.h5", write_meta_gradient),
    ):
        write(folder / name)
        print(f"wrote {folder / name} ({(folder / name).stat().st_size} bytes)")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write example_episodes.h5: an example of the episodes file that `task.kind: file` reads.

    python3 inputs/data/make_example_episodes.py [--output FILE]

Needs numpy and h5py (Debian: python3-h5py). Copy it and put your own data in `make_episodes`;
everything below that function is the file's layout and can stay as it is.

The toy: is a noisy series of 8 values rising or falling? Each task has its own slope, its own
noise and its own meaning of the labels (in half of the tasks 1 means rising, in the others 0), so
nothing but adapting to the support sequences can solve it.
"""

import argparse
from pathlib import Path

import h5py
import numpy as np

TASKS, SUPPORT, QUERY, CLASSES = 32, 4, 8, 2
TOKENS, FEATURES = 9, 4


def make_sequences(random, count, slope, noise, rising_label):
    """x (count, TOKENS, FEATURES) and y (count), as many sequences of one class as of the other."""
    y = random.permutation(np.arange(count) % CLASSES)
    direction = np.where(y == rising_label, 1.0, -1.0)[:, None]
    position = (np.arange(1, TOKENS) - 0.5) / (TOKENS - 1)  # 0 to 1
    x = np.zeros((count, TOKENS, FEATURES))
    x[:, 0, 0] = 1.0  # the class token: the model reads its answer here, so it must not be zero
    x[:, 1:, 1] = np.cos(np.pi * position)
    x[:, 1:, 2] = np.sin(np.pi * position)
    x[:, 1:, 3] = direction * slope * (2 * position - 1)
    x[:, 1:, 3] += noise * random.standard_normal((count, TOKENS - 1))
    return x, y


def make_episodes(seed=1):
    """The four arrays of an episodes file, the task axis first."""
    random = np.random.Generator(np.random.PCG64(seed))
    episodes = {"x_support": [], "y_support": [], "x_query": [], "y_query": []}
    for task in range(TASKS):
        kind = {
            "slope": random.uniform(0.5, 1.5),
            "noise": random.uniform(0.1, 0.5),
            "rising_label": task % CLASSES,
        }
        for part, count in (("support", SUPPORT), ("query", QUERY)):
            x, y = make_sequences(random, count, **kind)
            episodes[f"x_{part}"].append(x)
            episodes[f"y_{part}"].append(y)
    return {
        name: np.asarray(values, dtype=np.float32 if name.startswith("x") else np.int32)
        for name, values in episodes.items()
    }


AXES = {
    "x_support": ("task", "support_sequence", "token", "feature"),
    "y_support": ("task", "support_sequence"),
    "x_query": ("task", "query_sequence", "token", "feature"),
    "y_query": ("task", "query_sequence"),
}
LONG_NAMES = {
    "x_support": "sequences a task is adapted to",
    "y_support": "their classes, from 0",
    "x_query": "sequences a task is judged on",
    "y_query": "their classes, from 0",
}


def write(path, episodes, title):
    """The four data sets in the group /episodes. theria needs their names, types and shapes; the
    dimension scales and attributes are for people and for xarray."""
    with h5py.File(path, "w", libver="earliest") as file:
        file.attrs["Conventions"] = "theria-1"
        file.attrs["title"] = title
        group = file.create_group("episodes")
        for name, values in episodes.items():
            dataset = group.create_dataset(
                name, data=values, compression="gzip", shuffle=True, track_times=False
            )
            dataset.attrs["long_name"] = LONG_NAMES[name]
            dataset.attrs["units"] = "1"
            for axis, scale in enumerate(AXES[name]):
                if scale not in group:
                    index = np.arange(values.shape[axis], dtype=np.int32)
                    group.create_dataset(scale, data=index, track_times=False).make_scale(scale)
                    group[scale].attrs["units"] = "1"
                dataset.dims[axis].attach_scale(group[scale])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--output", type=Path, default=Path(__file__).with_name("example_episodes.h5"),
        help="the file to write (default: example_episodes.h5 beside this script)",
    )
    output = parser.parse_args().output
    write(output, make_episodes(), "Is a noisy series rising or falling? A toy in two classes")
    print(f"wrote {output}: {TASKS} tasks, {SUPPORT} support and {QUERY} query sequences each")


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""The memory that a plan predicts, against what a process took at its peak."""

import os
import re
import subprocess

from conftest import INPUTS

UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def bytes_of(theria, name, *overrides):
    """(predicted, peak) of a run of the small synthetic deck."""
    sets = [word for override in overrides for word in ("--set", override)]
    process = theria.start("run", INPUTS / "test" / "sequence_small.yaml", "--output", name, *sets,
                           stdout=subprocess.PIPE, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, said
    number, unit = re.search(r"^memory    ([0-9.]+) (\w+):", said, re.M).groups()
    return float(number) * UNITS[unit], usage.ru_maxrss * 1024


def test_a_large_record_is_predicted(theria):
    few, base = bytes_of(theria, "few.h5", "meta.tasks=2")
    many, peak = bytes_of(theria, "many.h5", "meta.tasks=4000", "meta.batch=8", "task.tokens=20",
                          "task.features=32", "model.width=32")
    # Within a third: an allocator keeps pages, HDF5 grows its image in steps.
    assert abs((peak - base) - (many - few)) < (many - few) / 3

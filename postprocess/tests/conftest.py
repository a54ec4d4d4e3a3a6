# SPDX-License-Identifier: Apache-2.0
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]
sys.path[:0] = [str(PACKAGE), str(Path(__file__).parent)]

from fabricate import golden_result, new_result, write_evaluation, write_training  # noqa: E402


@pytest.fixture
def trained(tmp_path):
    """A run with outer steps and evaluations, nothing recorded."""
    path = tmp_path / "trained.h5"
    with new_result(path, outer_steps=300, evaluation_tasks=50) as file:
        write_training(file, 300)
        write_evaluation(file, [0, 75, 150, 225, 300], 50)
    return path


@pytest.fixture
def bare(tmp_path):
    """A run of no outer step, no evaluation, no record."""
    path = tmp_path / "bare.h5"
    new_result(path).close()
    return path


@pytest.fixture
def recorded(tmp_path):
    """recorded(case, precision): the path of a result with a golden case's numbers."""

    def make(case="full_5", precision="float64"):
        path = tmp_path / f"{case}_{precision}.h5"
        golden_result(path, case, precision).close()
        return path

    return make


@pytest.fixture
def run():
    """run(*words): theria-post in a process of its own, as a user starts it."""

    def start(*words, cwd=None, environment=None):
        return subprocess.run(
            [sys.executable, "-m", "theria_post", *map(str, words)],
            capture_output=True, text=True, cwd=cwd, check=False,
            env={**os.environ, "PYTHONPATH": str(PACKAGE), **(environment or {})},
        )

    return start
